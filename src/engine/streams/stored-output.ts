import { isEngineError } from '#domain/error/engine-error.ts';
import type { LogRecord, OutputChunk } from '#domain/log/record.ts';
import type { LogBatch, LogCursor, LogStore } from '#engine/ports/log-store.ts';
import { advance, hasReached, START } from './output-position.ts';
import type { OutputPosition } from './output-position.ts';

/** Lines are short: so much of one stream goes on in one piece. */
const PIECE_BYTES = 32 * 1024;

type Mark = { readonly position: OutputPosition; readonly cursor?: LogCursor };

/**
 * The log as a source of a process's bytes by position. Remembers where it was: a client that falls
 * behind again and again must not make the log be read from its start each time.
 */
export class StoredOutput {
  readonly #containerId: string;
  readonly #logs: LogStore;
  #mark: Mark = { position: START };

  constructor(containerId: string, logs: LogStore) {
    this.#containerId = containerId;
    this.#logs = logs;
  }

  /** Yields what is stored after `from`; returns how far that went. `onGap`: what comes next is not there any more. */
  async *read(
    from: OutputPosition,
    signal: AbortSignal,
    onGap?: () => void,
  ): AsyncGenerator<OutputChunk, OutputPosition> {
    let position: OutputPosition = START;
    let isFirst = true;
    for await (const { batch, before } of this.#batches(signal)) {
      position = before;
      if (isFirst && !hasReached(from, before)) onGap?.();
      isFirst = false;
      for (const { stream, bytes } of joined(batch.records)) {
        const behind = from[stream] - position[stream];
        position = advance(position, stream, bytes.length);
        if (behind < bytes.length) yield { stream, bytes: behind > 0 ? bytes.subarray(behind) : bytes };
      }
      this.#mark = { position, cursor: batch.end };
    }
    return this.#mark.position;
  }

  async *#batches(signal: AbortSignal): AsyncGenerator<{ batch: LogBatch; before: OutputPosition }> {
    const { cursor } = this.#mark;
    try {
      for await (const batch of this.#logs.read(this.#containerId, {
        signal,
        ...(cursor === undefined ? {} : { from: cursor }),
      })) {
        if (this.#mark.cursor === undefined)
          this.#mark = { position: await this.#logs.dropped(this.#containerId) };
        yield { batch, before: this.#mark.position };
      }
    } catch (error) {
      if (!isEngineError(error, 'not-found')) throw error;
      // That part has been rotated away: the oldest that is left is the next best.
      this.#mark = { position: START };
      yield* this.#batches(signal);
    }
  }
}

/** Lines of one stream that stand together, as pieces. */
function* joined(records: readonly LogRecord[]): Generator<OutputChunk> {
  let [parts, size]: [Uint8Array[], number] = [[], 0];
  for (const [index, { stream, bytes }] of records.entries()) {
    parts.push(bytes);
    size += bytes.length;
    if (records[index + 1]?.stream === stream && size < PIECE_BYTES) continue;
    yield { stream, bytes: parts.length === 1 ? bytes : Buffer.concat(parts, size) };
    [parts, size] = [[], 0];
  }
}
