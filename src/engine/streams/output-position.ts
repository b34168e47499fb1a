import type { OutputStream } from '#domain/log/record.ts';

/** How many bytes of each stream a reader has behind it, counted from the process's first byte. */
export type OutputPosition = Readonly<Record<OutputStream, number>>;

export const START: OutputPosition = { stdout: 0, stderr: 0 };

export const advance = (position: OutputPosition, stream: OutputStream, count: number): OutputPosition => ({
  ...position,
  [stream]: position[stream] + count,
});

/** Whether a reader that has come here has everything that was there. */
export const hasReached = (here: OutputPosition, there: OutputPosition): boolean =>
  here.stdout >= there.stdout && here.stderr >= there.stderr;
