import type { TestDaemon } from '#test/support/daemon.ts';
import { connectWire } from '#test/support/versions/ask.ts';
import type { WireClient } from '#test/support/wire.ts';
import { take } from './taken.ts';
import { readAnswer } from './transcript.ts';

/** How a client writes its requests. */
export type ClientKind = {
  /** Before every path but those of connections that are taken over; '' = none. */
  readonly prefix: string;
  readonly agent: string;
  /** hyperd's clients have a socket's path where a host should be: the older say it, the newer say nothing. */
  readonly host: string;
  /** Before the paths of connections that are taken over: not the client's release. */
  readonly hijackPrefix: string;
};

const ofRelease = (release: string, host: string): ClientKind => ({
  prefix: `/v${release}`,
  agent: `Hyper-Client/${release}`,
  host,
  hijackPrefix: '/v1.17',
});

export const HYPERCTL_1_1 = ofRelease('1.1.0', '');
export const HYPERCTL_0_5 = ofRelease('0.5.0', '/var/run/hyper.sock');
export const HYPERCTL_0_6 = ofRelease('0.6.1', '');
export const HYPERCTL_0_7 = ofRelease('0.7.0', '');
export const HYPER_0_4 = ofRelease('0.4.0', '/var/run/hyper.sock');

export type Sending = {
  /** Objects go as JSON, bytes in chunks, as the clients send archives. */
  readonly body?: object | Uint8Array;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** One run of a client's program: its calls one after another over one connection, as long as the daemon keeps it. */
export class ClientRun implements Disposable {
  readonly #daemon: Pick<TestDaemon, 'hyperSocket'>;
  readonly #kind: ClientKind;
  #wire: WireClient | undefined;

  constructor(daemon: Pick<TestDaemon, 'hyperSocket'>, kind: ClientKind) {
    this.#daemon = daemon;
    this.#kind = kind;
  }

  /** `POST /pod/stop?podId=a`, and the answer as `tell` gives it. */
  async call(request: string, sending: Sending = {}): Promise<string> {
    const wire = (this.#wire ??= await connectWire(this.#daemon.hyperSocket));
    const [method = '', path = ''] = request.split(' ');
    const { prefix, host, agent } = this.#kind;
    const lines = [`${method} ${prefix}${path} HTTP/1.1`, `Host: ${host}`, `User-Agent: ${agent}`];
    await wire.send(Buffer.concat([Buffer.from(lines.join('\r\n')), payload(method, sending)]));
    const answer = await readOne(wire);
    if (/^Connection: close\r$/imu.test(answer.split('\r\n\r\n', 1)[0]?.concat('\r\n') ?? '')) this.#leave();
    return readAnswer(answer);
  }

  /** A connection of its own, taken over. */
  hijack(path: string, early = ''): Promise<WireClient> {
    const { hijackPrefix, agent } = this.#kind;
    return take(this.#daemon, `${hijackPrefix}${path}`, { agent, early });
  }

  [Symbol.dispose](): void {
    this.#leave();
  }

  #leave(): void {
    this.#wire?.halfClose();
    this.#wire = undefined;
  }
}

const payload = (method: string, { body, type, headers = {} }: Sending): Buffer => {
  const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  if (method === 'GET') return Buffer.from(['', ...own, '', ''].join('\r\n'));
  const isChunked = body instanceof Uint8Array;
  const text = body === undefined || isChunked ? '' : JSON.stringify(body);
  const fallback = text === '' ? 'text/plain' : 'application/json';
  const size = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${Buffer.byteLength(text)}`;
  const head = ['', ...own, `Content-Type: ${type ?? fallback}`, size, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), isChunked ? chunked(body) : Buffer.from(text)]);
};

/** As large as Go's writer makes them. */
const CHUNK_BYTES = 32_768;

const chunked = (bytes: Uint8Array): Buffer => {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const part = bytes.subarray(at, at + CHUNK_BYTES);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), Buffer.from(part), Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
};

/** The bytes of one answer; the connection may go on. */
const readOne = async (wire: WireClient): Promise<string> => {
  const head = await wire.until('\r\n\r\n');
  if (/^Transfer-Encoding: chunked\r$/imu.test(head)) return head + (await readChunks(wire));
  const size = Number(/^Content-Length: (\d+)\r$/imu.exec(head)?.[1] ?? 0);
  return head + (await wire.take(size));
};

const readChunks = async (wire: WireClient): Promise<string> => {
  let text = '';
  for (;;) {
    const line = await wire.until('\r\n');
    const size = Number.parseInt(line, 16);
    text += line + (await wire.take(size + 2));
    if (size === 0) return text;
  }
};
