import { Agent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** A plain client of one socket with kept connections: the same, and as little as can be, for every engine. */
export class Api {
  readonly #socketPath: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** The answer's head; throws on a status that is an error. */
  async open(method: string, path: string, body?: unknown): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const text = body === undefined ? '' : JSON.stringify(body);
    const request = httpRequest(
      {
        socketPath: this.#socketPath,
        agent: this.#agent,
        method,
        path,
        headers: text === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': text.length },
      },
      resolve,
    );
    request.on('error', reject);
    request.end(text);
    const response = await promise;
    if ((response.statusCode ?? 500) < 400) return response;
    const reason = await buffer(response);
    throw new Error(`${method} ${path}: ${response.statusCode} ${reason.toString()}`);
  }

  /** The whole answer. */
  async bytes(method: string, path: string, body?: unknown): Promise<Buffer> {
    return buffer(await this.open(method, path, body));
  }

  async json<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    return JSON.parse((await this.bytes(method, path, body)).toString()) as Answer;
  }

  /** Sends a file as the body; resolves at the end of the answer. */
  async upload(path: string, content: Buffer, method = 'POST'): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = { 'Content-Type': 'application/x-tar', 'Content-Length': content.length };
    const request = httpRequest({ socketPath: this.#socketPath, method, path, headers }, resolve);
    request.on('error', reject);
    request.end(content);
    return buffer(await promise);
  }

  /** Takes the connection over. */
  async hijack(path: string): Promise<Duplex> {
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    const request = httpRequest({
      socketPath: this.#socketPath,
      method: 'POST',
      path,
      headers: { Connection: 'Upgrade', Upgrade: 'tcp' },
    });
    request.on('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.on('response', (response) => reject(new Error(`${path}: ${response.statusCode}`)));
    request.on('error', reject);
    request.end();
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}
