import { isEngineError } from '#domain/error/engine-error.ts';
import type { OutputChunk } from '#domain/log/record.ts';
import type { LogBatch, LogCursor, LogStore } from '#engine/ports/log-store.ts';
import { advance, START } from './output-position.ts';
import type { OutputPosition } from './output-position.ts';

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

  /** Yields what is stored after `from`; returns how far that went. */
  async *read(from: OutputPosition, signal: AbortSignal): AsyncGenerator<OutputChunk, OutputPosition> {
    let position: OutputPosition = START;
    for await (const { batch, before } of this.#batches(signal)) {
      position = before;
      for (const { stream, bytes } of batch.records) {
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
