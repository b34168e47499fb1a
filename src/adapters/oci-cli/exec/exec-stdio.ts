import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { RuntimeExecProcess } from '#engine/ports/container-runtime.ts';
import { Gate } from '#lib/gate.ts';
import type { ChunkQueue } from '#adapters/oci-cli/streams/chunk-queue.ts';

/** After the process ended, output of others that hold its stdio is taken until none came for this long. */
const quietMs = 100;

/** One way to connect an exec's input and output. */
export type ExecStdio = Pick<RuntimeExecProcess, 'write' | 'closeInput' | 'resize'> & {
  /** 0, 1 and 2 of the runtime's command; `release` closes them here. */
  readonly descriptors: readonly number[];
  readonly queue: ChunkQueue;
  release(): void;
  /** Resolves when nobody can write any more. */
  readonly ended: Promise<void>;
  /** Bytes seen so far. */
  readonly receivedBytes: number;
  /** What the runtime said of its own; only when the process never began. */
  failureText(): Promise<string>;
  destroy(): void;
};

/**
 * Waits for the end of the output, but not for ever: a process that was left in the background keeps the
 * pipes open. A reader that is behind is waited for.
 */
export const settleOutput = async (stdio: ExecStdio): Promise<void> => {
  let seenBytes = -1;
  const over = new Gate();
  void stdio.ended.then(() => over.open());
  while (!over.isOpen) {
    const isMoving = stdio.receivedBytes !== seenBytes || stdio.queue.isFull;
    if (!isMoving) break;
    seenBytes = stdio.receivedBytes;
    await over.race(waitQuietly());
  }
  stdio.destroy();
};

const waitQuietly = async (): Promise<void> => {
  await sleep(quietMs);
  // Timers come first where the loop was busy for longer than that: what lies in the pipes is read after them.
  await nextTurn();
};
