import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Chance } from '#test/support/faults/chance.ts';

/** Sends a request by hand and answers the connection behind the head of the answer, unread. */
export const openRaw = async (
  socketPath: string,
  request: readonly string[],
): Promise<{ readonly head: string; readonly socket: Socket }> => {
  const socket = connect({ path: socketPath, allowHalfOpen: true });
  await once(socket, 'connect');
  socket.write(`${request.join('\r\n')}\r\n\r\n`);
  let seen = Buffer.alloc(0);
  for (;;) {
    const part = socket.read() as Buffer | null;
    if (part === null) {
      await once(socket, 'readable');
      continue;
    }
    seen = Buffer.concat([seen, part]);
    const end = seen.indexOf('\r\n\r\n');
    if (end < 0) continue;
    if (seen.length > end + 4) socket.unshift(seen.subarray(end + 4));
    return { head: seen.toString('latin1', 0, end + 4), socket };
  }
};

/** Writes in pieces of one byte to `most`, sometimes giving others a turn, and waits where the reader is slow. */
export const writeChopped = async (
  socket: Socket,
  bytes: Uint8Array,
  { chance, most }: { readonly chance: Chance; readonly most: number },
): Promise<void> => {
  for (let at = 0; at < bytes.length;) {
    const size = 1 + chance.below(most);
    const mayGoOn = socket.write(bytes.subarray(at, at + size));
    at += size;
    if (!mayGoOn) await once(socket, 'drain');
    else if (chance.below(4) === 0) await turn();
  }
};

/** Reads pieces of odd sizes, and stops reading now and then for some turns of the loop. */
export const readChopped = async function* (socket: Socket, chance: Chance): AsyncGenerator<Buffer> {
  let hasEnded = false;
  const ended = once(socket, 'end').then(() => {
    hasEnded = true;
  });
  ended.catch(() => undefined);
  for (;;) {
    for (let turns = chance.below(8); turns > 0; turns -= 1) await turn();
    const wanted = 1 + chance.below(100_000);
    const part = (socket.read(Math.min(wanted, socket.readableLength)) ?? socket.read()) as Buffer | null;
    if (part !== null) yield part;
    else if (hasEnded || socket.readableEnded) return;
    else await Promise.race([once(socket, 'readable'), ended]);
  }
};
