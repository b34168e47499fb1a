import assert from 'node:assert/strict';
import type { WireClient } from '#test/support/wire.ts';
import { finish, readFrames } from './taken.ts';

/** A command as a parameter. */
export const words = (command: readonly string[]): string => encodeURIComponent(JSON.stringify(command));

/** A line of a shell as one. */
export const line = (text: string): string => words(['sh', '-c', text]);

/** Speaks on both streams, in an order that no pipe can change; ends with 5. */
export const TALK = 'echo out; read line; echo "err $line" >&2; read line; exit 5';

/** The other side of it, raw or in frames. */
export const talk = async (wire: WireClient, isRaw: boolean): Promise<void> => {
  const first = await wire.until('out\n');
  await wire.send('answer\n');
  const bytes = first + (await wire.until('err answer\n'));
  if (isRaw) assert.equal(bytes, 'out\nerr answer\n');
  else
    assert.deepEqual(readFrames(bytes), [
      [1, 'out\n'],
      [2, 'err answer\n'],
    ]);
  assert.equal(await finish(wire), '');
};
