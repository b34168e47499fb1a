import type { Socket } from 'node:net';

/**
 * Resolves when the kernel has taken the bytes, or at once when the other side no longer reads: a process
 * may close its stdin at any time, and that is no failure of the writer.
 */
export const writeAll = (socket: Socket | undefined, bytes: Uint8Array): Promise<void> => {
  if (socket === undefined || socket.destroyed || socket.writableEnded || bytes.length === 0)
    return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.write(bytes, () => resolve());
  return promise;
};

/** The other side reads to the end of what was written; resolves also when it is gone. */
export const endWriting = (socket: Socket): Promise<void> => {
  if (socket.destroyed || socket.writableEnded) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once('close', resolve);
  socket.end(resolve);
  return promise;
};
