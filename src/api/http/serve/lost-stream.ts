import type { RawStream } from '#api/http/reply.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { iterate } from '#api/http/socket/byte-queue.ts';

export const gone = (): EngineError =>
  new EngineError('cancelled', 'http.client-gone', 'the client has hung up');

/**
 * For the handler of a raw connection that cannot be had, because the client has gone or never
 * asked properly: handlers are called in any case, so that they can let go of what they hold.
 */
export class LostStream implements RawStream {
  readonly input: AsyncIterable<Uint8Array> = iterate({ read: () => Promise.resolve(undefined) });
  readonly signal: AbortSignal = AbortSignal.abort(gone());
  readonly pendingBytes = 0;

  write(): Promise<void> {
    return Promise.reject(gone());
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}
