import assert from 'node:assert/strict';
import { knownVersion } from '#api/dialect/version.ts';
import type { WireClient } from '#test/support/wire.ts';
import { ask, connectWire, type Answer, type Question } from './ask.ts';
import { Judge } from './judge.ts';
import { Published } from './published.ts';

/** A client of one version. Every answer it gets is judged by our description of that version. */
export class Speaker {
  readonly version: string;
  readonly socket: string;
  readonly judge: Judge;
  /** Ids of the routes that have answered. */
  readonly driven = new Set<string>();
  /** What the owner's description says against the answers, each once; judged where it is at hand. */
  readonly complaints = new Set<string>();
  readonly published: Published | undefined;

  constructor(socket: string, version: string) {
    this.socket = socket;
    this.version = version;
    this.judge = new Judge(version);
    this.published = Published.of(version);
  }

  since(version: string): boolean {
    return this.judge.version >= knownVersion(version);
  }

  /** Whether a route works at this version. */
  knows(route: string): boolean {
    return this.judge.routes.includes(route);
  }

  /** A request that is to succeed. */
  async ask(method: string, path: string, question: Question = {}): Promise<Answer> {
    const [answer, route] = await this.#send(method, path, question);
    const complaints = this.judge.complain(route, answer);
    assert.deepEqual(complaints, [], `${method} ${path} at ${this.version}: ${answer.text.slice(0, 1500)}`);
    const [plain = ''] = path.split('?');
    for (const complaint of this.published?.complain(method, plain, answer) ?? [])
      this.complaints.add(complaint);
    return answer;
  }

  /** Judges a piece of JSON that came in answer to a request made elsewhere. */
  check(method: string, path: string, text: string): void {
    const headers = { 'content-type': 'application/json' };
    const answer = { status: 200, headers, bytes: Buffer.from(text), text };
    assert.deepEqual(this.judge.complain(this.#note(method, path), answer), [], text);
  }

  async json<Value>(method: string, path: string, question: Question = {}): Promise<Value> {
    return JSON.parse((await this.ask(method, path, question)).text) as Value;
  }

  /** A request that is to fail: text with a line feed before 1.24, JSON since. Answers the words. */
  async fail(
    [method, path, question]: readonly [string, string, Question?],
    status: number,
  ): Promise<string> {
    const [answer] = await this.#send(method, path, question ?? {});
    assert.equal(answer.status, status, `${method} ${path} at ${this.version}: ${answer.text}`);
    if (this.since('1.24')) {
      assert.equal(answer.headers['content-type'], 'application/json');
      return (JSON.parse(answer.text) as { message: string }).message;
    }
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
    assert.match(answer.text, /[^\n]\n$/);
    return answer.text.slice(0, -1);
  }

  /** A request whose answer the caller judges. */
  async look(method: string, path: string, question: Question = {}): Promise<Answer> {
    return (await this.#send(method, path, question))[0];
  }

  /** Sends a request that takes the connection over, and reads the head of the answer. */
  async hijack(
    path: string,
    { body, upgrade = this.since('1.17') }: { body?: object; upgrade?: boolean } = {},
  ): Promise<WireClient> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const wire = await connectWire(this.socket);
    await wire.send(
      [
        `POST /v${this.version}${path} HTTP/1.1`,
        'Host: docker',
        `Content-Type: ${body === undefined ? 'plain/text' : 'application/json'}`,
        `Content-Length: ${Buffer.byteLength(text)}`,
        ...(upgrade ? ['Connection: Upgrade', 'Upgrade: tcp'] : []),
        '',
        text,
      ].join('\r\n'),
    );
    const head = await wire.until('\r\n\r\n');
    assert.match(head, upgrade ? /^HTTP\/1.1 101 UPGRADED\r\n/ : /^HTTP\/1.1 200 OK\r\n/, head);
    this.#note('POST', path);
    return wire;
  }

  async #send(method: string, path: string, question: Question) {
    const answer = await ask(this.socket, method, `/v${this.version}${path}`, question);
    return [answer, this.#note(method, path)] as const;
  }

  #note(method: string, path: string) {
    const [plain = ''] = path.split('?');
    const route = this.judge.routeOf(method, decodeURIComponent(plain));
    assert.ok(route, `${method} ${path} is no route at ${this.version}`);
    this.driven.add(route.id);
    return route;
  }
}

/** Takes the frames of stdout and stderr apart. */
export const unframe = (bytes: string): { readonly out: string; readonly err: string } => {
  const buffer = Buffer.from(bytes, 'latin1');
  const found = { out: '', err: '' };
  for (let at = 0; at + 8 <= buffer.length;) {
    const size = buffer.readUInt32BE(at + 4);
    found[buffer[at] === 2 ? 'err' : 'out'] += buffer.toString('utf8', at + 8, at + 8 + size);
    at += 8 + size;
  }
  return found;
};
