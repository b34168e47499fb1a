import { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { closePipeEnd, makePipe } from '#adapters/libc/pipes.ts';
import { startThread } from '#adapters/libc/thread-calls.ts';
import { ThreadPool } from '#adapters/libc/thread-pool.ts';
import { inflateUpload } from './inflate-upload.ts';
import { StopFlag } from './stop-flag.ts';
import { codeOf } from './tree-handle.ts';

import type { Thread } from '#adapters/libc/thread-calls.ts';
import type {
  ArchiveRead,
  ArchiveWrite,
  PathStat,
  RootArchive,
  RootChange,
  RootView,
} from '#engine/ports/root-archive.ts';
import type { ArchiveCalls } from './archive-thread.ts';
import type { LayerFolders } from './upper-layer.ts';
import type { MountedView } from './view.ts';

export type RootArchiveOptions = {
  /** Where a container's writable layer and its image's layers lie. */
  readonly foldersOf: (id: string) => LayerFolders;
  /** Keeps a container's root mounted until it is let go. */
  readonly holdRoot: (id: string) => Promise<{ readonly path: string; release(): Promise<void> }>;
  /** Archives that are read or written at a time; more wait. Default: one for each processor, at most four. */
  readonly streams?: number;
};

const PIPE_BYTES = 1024 * 1024;
/** For what waits for no client. */
const SHORT_CALLS = 2;
/** With those whose client stalls. */
const MOST_STREAMS = 24;

const start = (): Thread<ArchiveCalls> =>
  startThread<ArchiveCalls>(new URL('./archive-thread.ts', import.meta.url));

export const createRootArchive = (options: RootArchiveOptions): ThreadedRootArchive =>
  new ThreadedRootArchive(options);

/**
 * Archives by threads, each in the container's files; content goes through a pipe whose other end is a stream here.
 * A reader or writer that stops closes its end, and the thread finds out at its next call.
 */
export class ThreadedRootArchive implements RootArchive, AsyncDisposable {
  readonly #options: RootArchiveOptions;
  readonly #threads = new ThreadPool<ArchiveCalls>({ start, busy: SHORT_CALLS });
  /** A client that stalls holds one of these, and nothing that others need at once. */
  readonly #streams: ThreadPool<ArchiveCalls>;
  readonly #open = new Set<Socket>();

  constructor(options: RootArchiveOptions) {
    this.#options = options;
    const busy = options.streams ?? Math.min(4, availableParallelism());
    this.#streams = new ThreadPool({ start, busy, most: MOST_STREAMS });
  }

  async changes(id: string, signal?: AbortSignal): Promise<RootChange[]> {
    const folders = this.#options.foldersOf(id);
    const stop = new StopFlag();
    const leave = (): void => stop.set();
    signal?.addEventListener('abort', leave, { once: true });
    const work = async (thread: Thread<ArchiveCalls>): Promise<RootChange[]> =>
      this.#explained(id, () => thread.call('changes', { folders, stop: stop.memory }));
    try {
      return await this.#threads.run(work, { signal });
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  diffTar(id: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const folders = this.#options.foldersOf(id);
    return this.#pull(
      (thread, end) => this.#explained(id, () => thread.call('diff', { folders, descriptor: end.give() })),
      signal,
    );
  }

  exportTar(id: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const plain = { id, mounts: [], readonlyRoot: false };
    return this.#pull(
      (thread, end) =>
        this.#inRoot(plain, (mounted) =>
          thread.call('exportRoot', { view: mounted, descriptor: end.give() }),
        ),
      signal,
    );
  }

  async stat(view: RootView, path: string, signal?: AbortSignal): Promise<PathStat> {
    return this.#threads.run(
      (thread) => this.#inRoot(view, (mounted) => thread.call('stat', { view: mounted, path })),
      { signal },
    );
  }

  async read(
    view: RootView,
    { signal, ...request }: ArchiveRead,
  ): Promise<{ stat: PathStat; content: AsyncIterable<Uint8Array> }> {
    const all = this.#pull(
      (thread, end) =>
        this.#inRoot(view, (mounted) =>
          thread.call('read', { view: mounted, request, descriptor: end.give() }),
        ),
      signal,
    );
    return splitStat(all);
  }

  async readFile(view: RootView, path: string, limitBytes: number): Promise<Uint8Array | undefined> {
    return this.#threads.run((thread) =>
      this.#inRoot(view, (mounted) => thread.call('readFile', { view: mounted, path, limitBytes })),
    );
  }

  async write(
    view: RootView,
    { signal, ...request }: ArchiveWrite,
    content: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const client = new Client();
    const work = async (thread: Thread<ArchiveCalls>): Promise<void> => {
      const { readEnd, writeEnd } = makePipe(PIPE_BYTES);
      const socket = this.#socket(writeEnd, { writable: true });
      client.holds(socket);
      const end = new ThreadEnd(readEnd);
      const unpacking = end.guard(() =>
        this.#inRoot(view, (mounted) =>
          thread.call('write', { view: mounted, request, descriptor: end.give() }),
        ),
      );
      const feeding = feed(inflateUpload(client.watched(content)), socket);
      const [fed, unpacked] = await Promise.allSettled([feeding, unpacking]);
      // The upload's own failure explains why the archive looked cut off; a closed pipe is explained by the thread.
      if (fed.status === 'rejected' && !isClosedPipe(fed.reason)) throw fed.reason;
      if (unpacked.status === 'rejected') throw unpacked.reason;
    };
    await this.#streams.run(work, { signal, ...client.task });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await Promise.all([this.#threads.close(), this.#streams.close()]);
  }

  async #inRoot<Result>(view: RootView, work: (view: MountedView) => Promise<Result>): Promise<Result> {
    return this.#explained(view.id, async () => {
      const held = await this.#options.holdRoot(view.id);
      try {
        return await work({ ...view, merged: held.path });
      } finally {
        await held.release();
      }
    });
  }

  /** A system call that fails because the container was removed meanwhile says so. */
  async #explained<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      // Throws `root.not-found` where that is the reason.
      if (!isClosedPipe(error)) this.#options.foldersOf(id);
      throw error;
    }
  }

  /** What a thread writes into a pipe, which is made once there is a thread. Its failure comes after the last bytes. */
  async *#pull(
    work: (thread: Thread<ArchiveCalls>, end: ThreadEnd) => Promise<unknown>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array, void, void> {
    const client = new Client();
    const opened = Promise.withResolvers<Socket>();
    const writing = this.#streams.run(
      async (thread) => {
        const { readEnd, writeEnd } = makePipe(PIPE_BYTES);
        const socket = this.#socket(readEnd, { readable: true });
        client.holds(socket);
        opened.resolve(socket);
        const end = new ThreadEnd(writeEnd);
        await end.guard(() => work(thread, end));
      },
      { signal, ...client.task },
    );
    writing.catch(opened.reject);
    // A consumer that is gone waits for no more bytes: only the signal ends what it waits for.
    const leave = (): void => client.task.cut();
    signal?.addEventListener('abort', leave, { once: true });
    try {
      yield* client.told((await opened.promise) as AsyncIterable<Buffer>);
      await writing;
    } finally {
      signal?.removeEventListener('abort', leave);
      leave();
      await writing.catch(() => undefined);
    }
  }

  #socket(descriptor: number, direction: { readable?: boolean; writable?: boolean }): Socket {
    const socket = new Socket({ fd: descriptor, readable: false, writable: false, ...direction });
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  }
}

/** Who reads or sends an archive, and since when a thread has waited for it. */
class Client {
  #waitingSince: number | undefined;
  #socket: Socket | undefined;
  readonly task = {
    idleSince: (): number | undefined => this.#waitingSince,
    cut: (): void => void this.#socket?.destroy(),
  };

  holds(socket: Socket): void {
    this.#socket = socket;
  }

  /** Of a client that reads. */
  async *told(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of chunks) {
      this.#waitingSince = performance.now();
      yield chunk;
      this.#waitingSince = undefined;
    }
  }

  /** Of a client that sends. */
  async *watched(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    this.#waitingSince = performance.now();
    for await (const chunk of chunks) {
      this.#waitingSince = undefined;
      yield chunk;
      this.#waitingSince = performance.now();
    }
    this.#waitingSince = undefined;
  }
}

/** The end of a pipe that a thread gets, uses and closes. */
class ThreadEnd {
  readonly #descriptor: number;
  #isGiven = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  give(): number {
    this.#isGiven = true;
    return this.#descriptor;
  }

  /** Closes it where the work failed before the thread had it, or with the thread. */
  async guard(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#isGiven || codeOf(error) === 'thread.ended') closePipeEnd(this.#descriptor);
      throw error;
    }
  }
}

const isClosedPipe = (error: unknown): boolean =>
  ['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET'].includes(codeOf(error));

const feed = async (content: AsyncIterable<Uint8Array>, socket: Socket): Promise<void> => {
  try {
    for await (const chunk of content) await written(socket, chunk);
    await new Promise<void>((resolve) => void socket.end(() => resolve()));
  } finally {
    socket.destroy();
  }
};

const written = (socket: Socket, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.write(chunk, (error) => (error === undefined || error === null ? resolve() : reject(error)));
  });

/** The description stands in front of the tar. */
const splitStat = async (
  all: AsyncGenerator<Uint8Array, void, void>,
): Promise<{ stat: PathStat; content: AsyncIterable<Uint8Array> }> => {
  let head = Buffer.alloc(0);
  while (head.length < 4 || head.length < 4 + head.readUInt32LE(0)) {
    const next = await all.next();
    if (next.done === true) throw new Error('an archive without its description');
    head = Buffer.concat([head, next.value]);
  }
  const end = 4 + head.readUInt32LE(0);
  const stat = JSON.parse(head.subarray(4, end).toString()) as PathStat;
  return { stat, content: withFirst(head.subarray(end), all) };
};

/** No generator: who leaves before the first bytes, or at them, lets go of the rest all the same. */
const withFirst = (
  first: Buffer,
  rest: AsyncGenerator<Uint8Array, void, void>,
): AsyncIterable<Uint8Array> => {
  let waiting = first.length > 0 ? first : undefined;
  const iterator: AsyncIterator<Uint8Array, void> = {
    next: async () => {
      if (waiting === undefined) return rest.next();
      const value = waiting;
      waiting = undefined;
      return { done: false, value };
    },
    return: async () => {
      waiting = undefined;
      await rest.return();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
};
