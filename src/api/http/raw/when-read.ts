import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A client that reads nothing for so long reads its answer in parts, or not at all. */
const PATIENCE_MS = 10_000;
const LONGEST_STEP_MS = 20;

/** How many bytes sent through a Unix socket's descriptor its peer has not read yet; undefined where nobody can tell. */
export type UnreadBytes = (descriptor: number) => number | undefined;

/**
 * Resolves when the client has read all that was sent to it; undefined when it has. Clients of the raw protocol read the
 * head with an HTTP library, and what comes after it from the connection beneath: what came in one piece with the head is
 * lost in the library's buffer (docker-py, http.client). Only a Unix socket can tell, and a client that takes ten seconds
 * is not waited for.
 */
export const whenRead = (
  socket: Socket,
  unread: UnreadBytes,
  isLost: () => boolean,
): Promise<void> | undefined => {
  const isWaiting = (): boolean => !isLost() && hasUnread(socket, unread);
  return isWaiting() ? waitWhile(isWaiting) : undefined;
};

const waitWhile = async (isWaiting: () => boolean): Promise<void> => {
  const deadline = performance.now() + PATIENCE_MS;
  for (let stepMs = 1; isWaiting(); stepMs = Math.min(stepMs * 2, LONGEST_STEP_MS)) {
    if (performance.now() > deadline) return;
    await pause(stepMs);
  }
};

const hasUnread = (socket: Socket, unread: UnreadBytes): boolean => {
  const descriptor = descriptorOf(socket);
  const count = descriptor === undefined ? undefined : unread(descriptor);
  return count !== undefined && count + socket.writableLength > 0;
};

/** Of a Unix socket: others have an address. Node has no public name for it. */
const descriptorOf = (socket: Socket): number | undefined => {
  if (socket.remoteAddress !== undefined || socket.destroyed) return undefined;
  const handle: unknown = Reflect.get(socket, '_handle');
  const descriptor: unknown =
    typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined;
};
