import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectNet } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';

import { listen } from '#api/http/listen.ts';
import type { Listener, ListenOptions } from '#api/http/listen.ts';

import { makeCertificates } from './certificates.ts';

export const TRANSPORTS = ['unix', 'tcp', 'tls'] as const;

export type Transport = (typeof TRANSPORTS)[number];

export type Server = {
  readonly listener: Listener;
  connect(): Promise<WireClient>;
};

/** A listener on a socket of its own, closed with the test. */
export async function serve(
  context: TestContext,
  transport: Transport,
  options: Omit<ListenOptions, 'url' | 'tls'>,
): Promise<Server> {
  const certificates = transport === 'tls' ? await makeCertificates() : undefined;
  const url = transport === 'unix' ? `unix://${await makeSocketPath(context)}` : 'tcp://127.0.0.1:0';
  const tls = certificates && { cert: certificates.server.cert, key: certificates.server.key };
  const listener = await listen({ ...options, url, ...(tls === undefined ? {} : { tls }) });
  context.after(() => listener.close(0));
  const target = new URL(listener.url);
  const connect = (): Socket =>
    transport === 'unix'
      ? connectNet({ path: target.pathname, allowHalfOpen: true })
      : connectNet({ host: target.hostname, port: Number(target.port), allowHalfOpen: true });
  return {
    listener,
    connect: () => opened(connect(), certificates && { ca: certificates.ca.cert, servername: 'localhost' }),
  };
}

export async function makeSocketPath(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-wire-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'api.sock');
}

function opened(raw: Socket, tls: { ca: string; servername: string } | undefined): Promise<WireClient> {
  return new Promise((resolve, reject) => {
    const socket = tls ? connectTls({ ...tls, socket: raw }) : raw;
    const fail = (error: Error): void => reject(error);
    socket.once('error', fail);
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.removeListener('error', fail);
      resolve(new WireClient(socket, raw));
    });
  });
}

/** A client that sends bytes as they are and keeps all it gets. */
export class WireClient {
  readonly socket: Socket;
  readonly #raw: Socket;
  readonly #changed = new Set<() => void>();
  #received = Buffer.alloc(0);
  #hasEnded = false;

  constructor(socket: Socket, raw: Socket) {
    this.socket = socket;
    this.#raw = raw;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    raw.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#notify();
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#hasEnded = true;
        this.#notify();
      });
    }
  }

  get received(): string {
    return this.#received.toString('latin1');
  }

  /** Resolves when the bytes have left. */
  send(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => resolve());
    });
  }

  /** Says "no more from me" and goes on reading. */
  halfClose(): void {
    this.socket.end();
  }

  /** Goes without a word where the server can notice: over TCP with a reset. */
  vanish(): void {
    if (this.#raw.remoteAddress === undefined) this.#raw.destroy();
    else this.#raw.resetAndDestroy();
  }

  /** Everything received up to and including `mark`, which is then forgotten. */
  async until(mark: string): Promise<string> {
    const end = await this.#wait(() => {
      const at = this.received.indexOf(mark);
      return at < 0 ? undefined : at + mark.length;
    });
    return this.#take(end);
  }

  /** The next so many bytes. */
  async take(size: number): Promise<string> {
    await this.#wait(() => (this.#received.length >= size ? size : undefined));
    return this.#take(size);
  }

  /** What comes until the server ends. */
  async rest(): Promise<string> {
    await this.#wait(() => (this.#hasEnded ? true : undefined), true);
    return this.#take(this.#received.length);
  }

  /** One reply with a Content-Length or without a body. */
  async reply(): Promise<{ head: string; status: number; body: string }> {
    const head = await this.until('\r\n\r\n');
    const size = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    return { head, status: Number(head.slice(9, 12)), body: await this.take(size) };
  }

  #take(size: number): string {
    const taken = this.#received.subarray(0, size).toString('latin1');
    this.#received = this.#received.subarray(size);
    return taken;
  }

  async #wait<T>(find: () => T | undefined, isEndFine = false): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.#hasEnded && !isEndFine)
        throw new Error(`the server ended after ${JSON.stringify(this.received)}`);
      await new Promise<void>((resolve) => {
        this.#changed.add(resolve);
      });
    }
  }

  #notify(): void {
    for (const tell of this.#changed) tell();
    this.#changed.clear();
  }
}
