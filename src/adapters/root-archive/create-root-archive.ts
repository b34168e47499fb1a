import { Socket } from 'node:net';
import { closePipeEnd, makePipe } from '#adapters/libc/pipes.ts';
import { inflateUpload } from './inflate-upload.ts';
import { ThreadPool } from './thread-pool.ts';
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
  /** Archives at a time that clients read or write at their own pace; more wait. Default 48. */
  readonly streams?: number;
};

const PIPE_BYTES = 1024 * 1024;
/** For what waits for no client. */
const SHORT_CALLS = 4;

export const createRootArchive = (options: RootArchiveOptions): ThreadedRootArchive =>
  new ThreadedRootArchive(options);

/**
 * Archives by threads, each in the container's files; content goes through a pipe whose other end is a stream here.
 * A reader or writer that stops closes its end, and the thread finds out at its next call.
 */
export class ThreadedRootArchive implements RootArchive, AsyncDisposable {
  readonly #options: RootArchiveOptions;
  readonly #threads = new ThreadPool(SHORT_CALLS);
  /** A client that stalls holds one of these, and nothing that others need at once. */
  readonly #streams: ThreadPool;
  readonly #open = new Set<Socket>();

  constructor(options: RootArchiveOptions) {
    this.#options = options;
    this.#streams = new ThreadPool(options.streams ?? 48);
  }

  async changes(id: string): Promise<RootChange[]> {
    const folders = this.#options.foldersOf(id);
    return this.#threads.run((thread) => this.#explained(id, () => thread.call('changes', folders)));
  }

  diffTar(id: string): AsyncIterable<Uint8Array> {
    const folders = this.#options.foldersOf(id);
    return this.#pull((thread, end) =>
      this.#explained(id, () => thread.call('diff', { folders, descriptor: end.give() })),
    );
  }

  exportTar(id: string): AsyncIterable<Uint8Array> {
    const plain = { id, mounts: [], readonlyRoot: false };
    return this.#pull((thread, end) =>
      this.#inRoot(plain, (mounted) => thread.call('exportRoot', { view: mounted, descriptor: end.give() })),
    );
  }

  async stat(view: RootView, path: string): Promise<PathStat> {
    return this.#threads.run((thread) =>
      this.#inRoot(view, (mounted) => thread.call('stat', { view: mounted, path })),
    );
  }

  async read(
    view: RootView,
    request: ArchiveRead,
  ): Promise<{ stat: PathStat; content: AsyncIterable<Uint8Array> }> {
    const all = this.#pull((thread, end) =>
      this.#inRoot(view, (mounted) =>
        thread.call('read', { view: mounted, request, descriptor: end.give() }),
      ),
    );
    return splitStat(all);
  }

  async readFile(view: RootView, path: string, limitBytes: number): Promise<Uint8Array | undefined> {
    return this.#threads.run((thread) =>
      this.#inRoot(view, (mounted) => thread.call('readFile', { view: mounted, path, limitBytes })),
    );
  }

  async write(view: RootView, request: ArchiveWrite, content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#streams.run(async (thread) => {
      const { readEnd, writeEnd } = makePipe(PIPE_BYTES);
      const socket = this.#socket(writeEnd, { writable: true });
      const end = new ThreadEnd(readEnd);
      const unpacking = end.guard(() =>
        this.#inRoot(view, (mounted) =>
          thread.call('write', { view: mounted, request, descriptor: end.give() }),
        ),
      );
      const feeding = feed(inflateUpload(content), socket);
      const [fed, unpacked] = await Promise.allSettled([feeding, unpacking]);
      // The upload's own failure explains why the archive looked cut off; a closed pipe is explained by the thread.
      if (fed.status === 'rejected' && !isClosedPipe(fed.reason)) throw fed.reason;
      if (unpacked.status === 'rejected') throw unpacked.reason;
    });
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

  /** What a thread writes into a pipe. Its failure comes after the last bytes. */
  async *#pull(
    work: (thread: Thread<ArchiveCalls>, end: ThreadEnd) => Promise<unknown>,
  ): AsyncGenerator<Uint8Array, void, void> {
    const { readEnd, writeEnd } = makePipe(PIPE_BYTES);
    const socket = this.#socket(readEnd, { readable: true });
    const end = new ThreadEnd(writeEnd);
    const writing = end.guard(() => this.#streams.run((thread) => work(thread, end)));
    writing.catch(() => undefined);
    try {
      for await (const chunk of socket) yield chunk as Buffer;
      await writing;
    } finally {
      socket.destroy();
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
