import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import type { TestDaemon } from '#test/support/daemon.ts';
import { connectWire } from '#test/support/versions/ask.ts';

/**
 * What a client says and hears, byte by byte. An answer is a text: status line, content type, an empty line, the body as
 * it came. `json`, `plain` and `empty` write such texts down.
 */

type Daemon = Pick<TestDaemon, 'hyperSocket' | 'socket'>;

export type Telling = {
  /** Objects go as JSON, texts as they are. */
  readonly body?: object | string;
  /** Default: JSON with an object, plain text otherwise, as every generation of clients does it. */
  readonly type?: string;
  readonly agent?: string;
  /** Default: hyperd's. */
  readonly socket?: string;
};

/** `POST /pod/stop?podId=a` and what the daemon answers. */
export const tell = async (daemon: Daemon, request: string, telling: Telling = {}): Promise<string> => {
  const { body = '', agent = 'test', socket = daemon.hyperSocket } = telling;
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const type = telling.type ?? (typeof body === 'string' ? 'text/plain' : 'application/json');
  const isBare = /^(?:GET|HEAD) /u.test(request);
  const wire = await connectWire(socket);
  const head = [
    `${request} HTTP/1.1`,
    'Host: hyper',
    `User-Agent: ${agent}`,
    ...(isBare || type === '' ? [] : [`Content-Type: ${type}`]),
    ...(isBare ? [] : [`Content-Length: ${bytes.length}`]),
    'Connection: close',
    '',
    '',
  ];
  await wire.send(Buffer.concat([Buffer.from(head.join('\r\n')), bytes]));
  const answer = await wire.rest();
  wire.halfClose();
  return readAnswer(answer);
};

/** The text of an answer, of its bytes. */
export const readAnswer = (answer: string): string => {
  const end = answer.indexOf('\r\n\r\n');
  assert.ok(end > 0, `no answer: ${JSON.stringify(answer)}`);
  const head = answer.slice(0, end);
  const sent = answer.slice(end + 4);
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}: (.*)$`, 'imu').exec(head)?.[1]?.trim();
  assert.match(field('Server') ?? '', /^Docker\/\S+ \(linux\)$/u);
  const length = field('Content-Length');
  if (length !== undefined && sent !== '') assert.equal(sent.length, Number(length));
  const type = field('Content-Type');
  const lines = [head.split('\r\n')[0] ?? '', ...(type === undefined ? [] : [`Content-Type: ${type}`])];
  const rest = field('Transfer-Encoding') === 'chunked' ? unchunked(sent) : sent;
  return [...lines, '', Buffer.from(rest, 'latin1').toString()].join('\n');
};

const unchunked = (bytes: string): string => {
  const line = bytes.indexOf('\r\n');
  const size = Number.parseInt(bytes.slice(0, line), 16);
  if (size === 0) return '';
  const at = line + 2;
  return bytes.slice(at, at + size) + unchunked(bytes.slice(at + size + 2));
};

const statusLine = (status: number): string => `HTTP/1.1 ${status} ${STATUS_CODES[status]}`;

/** A structure, its members in this order, and a newline. */
export const json = (status: number, body: unknown): string =>
  `${statusLine(status)}\nContent-Type: application/json\n\n${JSON.stringify(body)}\n`;

/** An error as hyperd words it. */
export const plain = (status: number, message: string): string =>
  `${statusLine(status)}\nContent-Type: text/plain; charset=utf-8\n\n${message}\n`;

export const empty = (status: number): string => `${statusLine(status)}\n\n`;

/** The answer to an action. */
export const done = (status: number, id: string, code = 0): string =>
  json(status, { Cause: '', Code: code, ID: id });

export const PAGE_NOT_FOUND = plain(404, '404 page not found');

/** An error: its status, and words that its one line holds. */
export const assertRefused = (answer: string, status: number, words: RegExp): void => {
  const [head = '', ...rest] = answer.split('\n\n');
  assert.equal(`${head}\n`, plain(status, '').split('\n').slice(0, 2).join('\n').concat('\n'), answer);
  const message = rest.join('\n\n');
  assert.match(message, words);
  assert.match(message, /^[^\n]+\n$/u);
};

/** The body of an answer that must have this status, JSON. */
export const bodyOf = (answer: string, status = 200): unknown => {
  const [head = '', ...rest] = answer.split('\n\n');
  assert.equal(head, json(status, 0).split('\n\n')[0], answer);
  return JSON.parse(rest.join('\n\n'));
};

/** How the clients of each generation send one and the same request: `at` makes a path of theirs. */
export type Dialect = {
  readonly name: string;
  readonly age: 'legacy' | 'middle' | 'modern';
  readonly at: (request: string) => readonly [request: string, telling: Telling];
};

/** A request as the clients of one generation send it. */
export const tellAs = async (
  daemon: Daemon,
  { at }: Pick<Dialect, 'at'>,
  request: string,
  telling: Telling = {},
): Promise<string> => {
  const [text, more] = at(request);
  return tell(daemon, text, { ...telling, ...more });
};

const prefixed =
  (prefix: string, agent: string | undefined): Dialect['at'] =>
  (request) => [request.replace(' ', ` ${prefix}`), agent === undefined ? {} : { agent }];

/** The three dialects, told by the path or, where that says nothing, by the client's own name (hyperd-api 0.1). */
export const DIALECTS: readonly Dialect[] = [
  { name: '0.4 by path', age: 'legacy', at: prefixed('/v0.4.0', undefined) },
  { name: '0.4 by name', age: 'legacy', at: prefixed('/v1.17', 'Hyper-Client/0.4.0') },
  { name: '0.7 by path', age: 'middle', at: prefixed('/v0.7.0', undefined) },
  { name: '0.7 by name', age: 'middle', at: prefixed('/v1.17', 'Hyper-Client/0.7.0') },
  { name: '1.1 by path', age: 'modern', at: prefixed('/v1.1.0', undefined) },
  { name: '1.1 by name', age: 'modern', at: prefixed('/v1.17', 'Hyper-Client/1.1.0') },
  { name: 'without a prefix', age: 'modern', at: prefixed('', undefined) },
  { name: 'with an empty version', age: 'modern', at: prefixed('/v', undefined) },
  { name: 'by a constant prefix alone', age: 'modern', at: prefixed('/v1.17', undefined) },
];
