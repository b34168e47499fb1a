import type { Duplex } from 'node:stream';

/** How long a client that has got everything may take to close its side. */
export const CLOSE_GRACE_MS = 3000;

/**
 * Ends our side, then waits for the client's, reading and dropping what it still sends: closing
 * with unread bytes would reset the connection and could cost the client the end of our answer.
 * A client that does not close is cut after the grace, which begins when our last byte has left.
 */
export function closeGently(socket: Duplex, graceMs: number = CLOSE_GRACE_MS): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) {
      resolve();
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.end(() => {
      if (socket.destroyed) return;
      timer = setTimeout(() => socket.destroy(), graceMs);
      timer.unref();
    });
    socket.resume();
  });
}
