import { closeSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { ReadStream } from 'node:tty';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerminalSize } from '#engine/ports/container-runtime.ts';
import { setWindowSize } from '#adapters/libc/terminals.ts';
import { makePipe, receiveDescriptor } from '#adapters/libc/unix-sockets.ts';
import { readText } from '#adapters/oci-cli/command/runtime-command.ts';
import { ChunkQueue } from '#adapters/oci-cli/streams/chunk-queue.ts';
import { writeAll } from '#adapters/oci-cli/streams/write-all.ts';
import { pump } from './exec-pipes.ts';
import type { ExecStdio } from './exec-stdio.ts';

const messageDeadlineMs = 10_000;

/**
 * A terminal that the runtime opens inside the container; its other end arrives on a socket at
 * `socketPath`. Input and sizes that come earlier wait for it.
 */
export const openExecTerminal = (
  socketPath: string,
  options: { readonly nowhere: number; readonly size: TerminalSize | undefined },
): ExecStdio => {
  const terminal = Promise.withResolvers<Terminal | undefined>();
  const ended = Promise.withResolvers<void>();
  const flow = { receivedBytes: 0 };
  const [errorRead, errorWrite] = makePipe();
  const errorText = readText(errorRead);
  let opened: Terminal | undefined;
  let size = options.size;
  const queue = new ChunkQueue(() => opened?.stream.resume());
  const open = (descriptor: number): void => {
    opened = { descriptor, stream: new ReadStream(descriptor) };
    // crun sets it too, and no sooner: the process may already run, and gets SIGWINCH then.
    if (size !== undefined) setWindowSize(descriptor, size);
    // EIO: the last process with this terminal is gone. It is the end, not a failure.
    opened.stream.on('error', () => {});
    void pump(opened.stream, { stream: 'stdout', queue, flow }).then(() => {
      queue.end();
      ended.resolve();
    });
    terminal.resolve(opened);
  };
  const server = listen(socketPath, open, terminal.reject);
  // Nobody may ask for the terminal of an exec that failed.
  terminal.promise.catch(() => {});
  const ready = Promise.race([terminal.promise, ended.promise]);
  return {
    descriptors: [options.nowhere, options.nowhere, errorWrite],
    queue,
    release: () => closeSync(errorWrite),
    ended: ended.promise,
    get receivedBytes() {
      return flow.receivedBytes;
    },
    failureText: () => errorText,
    write: async (bytes) => {
      await ready;
      await writeAll(opened?.stream, bytes);
    },
    // A terminal has no half-close: what ends input is typed (^D).
    closeInput: async () => {},
    resize: async (next) => {
      size = next;
      if (opened !== undefined && !opened.stream.destroyed) setWindowSize(opened.descriptor, next);
    },
    destroy: () => {
      server.close();
      opened?.stream.destroy();
      ended.resolve();
    },
  };
};

type Terminal = { readonly descriptor: number; readonly stream: ReadStream };

const listen = (
  path: string,
  onDescriptor: (descriptor: number) => void,
  onError: (error: unknown) => void,
) => {
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    server.close();
    receive(socket).then(onDescriptor, onError);
  });
  server.on('error', onError);
  server.listen(path);
  return server;
};

/** The runtime sends right after it connected: one look is nearly always enough. */
const receive = async (socket: Socket): Promise<number> => {
  const deadline = performance.now() + messageDeadlineMs;
  try {
    const socketDescriptor = descriptorOf(socket);
    for (;;) {
      const descriptor = receiveDescriptor(socketDescriptor);
      if (descriptor !== undefined) return descriptor;
      if (performance.now() > deadline) throw new Error('the runtime sent no terminal');
      await sleep(1);
    }
  } finally {
    socket.destroy();
  }
};

/** Node shows the number of a paused socket's descriptor on its handle only. */
const descriptorOf = (socket: Socket): number => {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle === 'object' && handle !== null && 'fd' in handle && typeof handle.fd === 'number')
    return handle.fd;
  throw new Error('this version of Node hides the descriptor of a socket');
};
