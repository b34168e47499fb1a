import { engineError } from '#domain/error/catalogue.ts';
import type { OutputChunk, OutputStream } from '#domain/log/record.ts';
import type { ContainerConsole } from './container-console.ts';
import { hasReached } from './output-position.ts';
import type { OutputPosition } from './output-position.ts';
import type { StoredOutput } from './stored-output.ts';
import type { Subscriber } from './subscriber.ts';

export type OutputSource = {
  readonly console: ContainerConsole;
  readonly subscriber: Subscriber;
  readonly stored: StoredOutput;
  readonly signal: AbortSignal;
  /** Called instead of a failure where output was rotated away before it was read. */
  readonly onLoss?: () => void;
};

/**
 * A subscriber's output from its position to the end: live where it keeps up, from the log where it does
 * not, without a gap or a repetition at the seams. Throws `output.lost` where there would be one.
 */
export const followOutput = async function* (source: OutputSource): AsyncGenerator<OutputChunk> {
  const { console, subscriber, signal } = source;
  let skip: Record<OutputStream, number> = { stdout: 0, stderr: 0 };
  const stop = (): void => subscriber.end();
  signal.addEventListener('abort', stop, { once: true });
  try {
    while (!signal.aborted) {
      const taken = await subscriber.take();
      if (signal.aborted || taken.kind === 'end') return;
      if (taken.kind === 'lost') throw engineError('output.lost', {});
      if (taken.kind === 'lagging') {
        skip = yield* catchUp(source, plus(taken.position, skip), taken.isBegin);
        continue;
      }
      const chunk = withoutSkipped(taken.chunk, skip);
      if (chunk !== undefined) yield chunk;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    console.unsubscribe(subscriber);
  }
};

/** Reads the log until it has no more than the live output; returns what of the live output was shown by it already. */
const catchUp = async function* (
  { console, subscriber, stored, signal, onLoss }: OutputSource,
  from: OutputPosition,
  isBegin: boolean,
): AsyncGenerator<OutputChunk, Record<OutputStream, number>> {
  await console.placed;
  const onGap = onLoss ?? refuse;
  let position = from;
  for (let isFirst = isBegin; ; isFirst = false) {
    const isLast = subscriber.isEnded;
    const reached = furthest(position, yield* stored.read(position, signal, isFirst ? undefined : onGap));
    const isStill = hasReached(position, reached);
    position = reached;
    const ahead = console.rejoin(subscriber, position);
    if (ahead !== undefined || signal.aborted) return { stdout: 0, stderr: 0, ...ahead };
    // The log has no more, and nothing will be added: somebody has taken it away.
    if (isLast && isStill) return missed(onGap, subscriber, position);
  }
};

const missed = (
  onGap: () => void,
  subscriber: Subscriber,
  position: OutputPosition,
): Record<OutputStream, number> => {
  onGap();
  subscriber.rejoin(position);
  return { stdout: 0, stderr: 0 };
};

const refuse = (): never => {
  throw engineError('output.lost', {});
};

const plus = (a: OutputPosition, b: OutputPosition): OutputPosition => ({
  stdout: a.stdout + b.stdout,
  stderr: a.stderr + b.stderr,
});

const furthest = (a: OutputPosition, b: OutputPosition): OutputPosition => ({
  stdout: Math.max(a.stdout, b.stdout),
  stderr: Math.max(a.stderr, b.stderr),
});

/** Drops what the log has shown already; undefined when nothing is left. */
const withoutSkipped = (chunk: OutputChunk, skip: Record<OutputStream, number>): OutputChunk | undefined => {
  const cut = Math.min(skip[chunk.stream], chunk.bytes.length);
  skip[chunk.stream] -= cut;
  if (cut === chunk.bytes.length) return undefined;
  return cut === 0 ? chunk : { stream: chunk.stream, bytes: chunk.bytes.subarray(cut) };
};
