import assert from 'node:assert/strict';
import { connectWire } from '#test/support/versions/ask.ts';
import type { WireClient } from '#test/support/wire.ts';
import { isSince, type Generation } from './generations.ts';

export type Told = { readonly status: number; readonly head: string; readonly body: string };

/** Sends requests as one generation of clients wrote them: a new connection for each, headers in Go's order. */
export class Teller {
  readonly generation: Generation;
  readonly #socket: string;

  constructor(socket: string, generation: Generation) {
    this.#socket = socket;
    this.generation = generation;
  }

  since(version: string): boolean {
    return isSince(this.generation, version);
  }

  /** One request and its whole answer, whatever its status. */
  async tell(method: string, path: string, body?: object, headers: readonly string[] = []): Promise<Told> {
    const wire = await connectWire(this.#socket);
    await wire.send(this.#request(method, path, { body, headers }));
    const told = await readAnswer(wire);
    wire.socket.destroy();
    return told;
  }

  /** A request that is to succeed: clients of all ages took anything from 200 to 399 for it. */
  async get(method: string, path: string, body?: object, headers: readonly string[] = []): Promise<string> {
    const told = await this.tell(method, path, body, headers);
    assert.ok(told.status >= 200 && told.status < 400, `${method} ${path}: ${told.head}${told.body}`);
    return told.body;
  }

  async json<Value>(method: string, path: string, body?: object): Promise<Value> {
    return JSON.parse(await this.get(method, path, body)) as Value;
  }

  /** Takes the connection over; `early` leaves in the same write as the request. */
  async hijack(path: string, early = ''): Promise<WireClient> {
    const wire = await connectWire(this.#socket);
    await wire.send(this.#request('POST', path, { headers: [] }) + early);
    const head = await wire.until('\r\n\r\n');
    assert.match(head, /^HTTP\/1.1 200 OK\r\nContent-Type: application\/vnd.docker.raw-stream\r\n/);
    assert.doesNotMatch(head, /^(?:content-length|transfer-encoding|connection|upgrade):/im);
    return wire;
  }

  #request(
    method: string,
    path: string,
    { body, headers }: { body?: object | undefined; headers: readonly string[] },
  ): string {
    const text = body === undefined ? '' : JSON.stringify(body);
    const { prefix, client } = this.generation;
    const lines = [
      `${method} ${prefix}${path} HTTP/1.1`,
      // The first client left it empty on the socket; later ones sent the socket's path.
      this.since('1.1') ? 'Host: /var/run/docker.sock' : 'Host: ',
      `User-Agent: Docker-Client/${client}`,
      ...(method === 'GET' ? [] : [`Content-Length: ${Buffer.byteLength(text)}`]),
      ...(body === undefined && method === 'POST' ? ['Content-Type: plain/text'] : []),
      ...(body === undefined ? [] : ['Content-Type: application/json']),
      ...headers,
    ];
    return `${lines.join('\r\n')}\r\n\r\n${text}`;
  }
}

/** Reads one answer: by its length, in chunks, or until the end. */
export const readAnswer = async (wire: WireClient): Promise<Told> => {
  const head = await wire.until('\r\n\r\n');
  const status = Number(head.slice(9, 12));
  const told = (body: string): Told => ({ status, head, body });
  if (status === 204 || status === 304) return told('');
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (length !== undefined) return told(await wire.take(Number(length)));
  return told(/^transfer-encoding: chunked/im.test(head) ? await readChunks(wire) : await wire.rest());
};

const readChunks = async (wire: WireClient): Promise<string> => {
  let body = '';
  for (;;) {
    const size = Number.parseInt(await wire.until('\r\n'), 16);
    body += (await wire.take(size + 2)).slice(0, size);
    if (size === 0) return body;
  }
};
