import type { Exchange } from './exchange.ts';

/**
 * Carries items to `sink` one at a time until the source ends. When the client hangs up it returns
 * at once and tells the source to stop, even while the source is still looking for its next item.
 * Rejects with the failure of the source or of the sink.
 */
export async function pump<T>(
  source: AsyncIterable<T>,
  sink: (item: T) => Promise<void>,
  exchange: Exchange,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  const lost = Promise.withResolvers<boolean>();
  const forget = exchange.onLost(() => lost.resolve(false));
  let isExhausted = false;
  try {
    isExhausted = await Promise.race([carry(iterator, sink, exchange), lost.promise]);
  } finally {
    forget();
    if (!isExhausted) void stop(iterator);
  }
}

async function carry<T>(
  iterator: AsyncIterator<T>,
  sink: (item: T) => Promise<void>,
  exchange: Exchange,
): Promise<boolean> {
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    if (exchange.isLost) return false;
    await sink(next.value);
  }
  return true;
}

/** Nobody waits for this: a generator only gets to it after the item that it is busy with. */
export async function stop(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The answer is over; what fails while its source cleans up concerns nobody here.
  }
}
