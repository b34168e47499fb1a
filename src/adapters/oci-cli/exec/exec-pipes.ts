import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { OutputStream } from '#domain/log/record.ts';
import { makePipe } from '#adapters/libc/unix-sockets.ts';
import { ChunkQueue } from '#adapters/oci-cli/streams/chunk-queue.ts';
import { writeAll } from '#adapters/oci-cli/streams/write-all.ts';
import type { ExecStdio } from './exec-stdio.ts';

/** stdin (when wanted), stdout and stderr as pipes. `nowhere` stands in for an absent stdin. */
export const openExecPipes = (hasInput: boolean, nowhere: number): ExecStdio => {
  const input = hasInput ? makePipe() : undefined;
  const [outRead, outWrite] = makePipe();
  const [errorRead, errorWrite] = makePipe();
  const theirs = [outWrite, errorWrite, ...(input === undefined ? [] : [input[0]])];
  const readers = [openReader(outRead), openReader(errorRead)] as const;
  const stdin =
    input === undefined ? undefined : new Socket({ fd: input[1], readable: false, writable: true });
  // The process closed its stdin: what is written from then on is for nobody.
  stdin?.on('error', () => {});
  const queue = new ChunkQueue(() => readers.forEach((reader) => reader.resume()));
  const flow = { receivedBytes: 0 };
  const drains = readers.map((reader, index) =>
    pump(reader, { stream: index === 0 ? 'stdout' : 'stderr', queue, flow }),
  );
  const ended = Promise.all(drains).then(() => queue.end());
  return {
    descriptors: [input?.[0] ?? nowhere, outWrite, errorWrite],
    queue,
    release: () => theirs.forEach((descriptor) => closeSync(descriptor)),
    ended,
    get receivedBytes() {
      return flow.receivedBytes;
    },
    failureText: async () => {
      await ended;
      return Buffer.concat(queue.drain().map((chunk) => chunk.bytes)).toString();
    },
    write: (bytes) => writeAll(stdin, bytes),
    closeInput: async () => void stdin?.end(),
    // Without a terminal there is no size.
    resize: async () => {},
    destroy: () => [...readers, stdin].forEach((socket) => socket?.destroy()),
  };
};

const openReader = (descriptor: number): Socket => {
  const reader = new Socket({ fd: descriptor, readable: true, writable: false });
  // A pipe that breaks has ended; `close` follows.
  reader.on('error', () => {});
  return reader;
};

type Flow = { receivedBytes: number };

/** Moves a stream into the queue at the speed of its reader; resolves at the stream's end. */
export const pump = (
  source: Socket,
  target: { readonly stream: OutputStream; readonly queue: ChunkQueue; readonly flow: Flow },
): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  source.on('data', (bytes: Buffer) => {
    target.flow.receivedBytes += bytes.length;
    if (!target.queue.push({ stream: target.stream, bytes })) source.pause();
  });
  source.on('close', () => resolve());
  return promise;
};
