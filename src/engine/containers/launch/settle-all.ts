type Settled<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * Like Promise.all, but waits for every promise before it rejects (with the first error in order):
 * what is to be undone must not still be under way.
 */
export const settleAll = async <const T extends readonly unknown[]>(work: T): Promise<Settled<T>> => {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  // The mapped tuple is exactly what Promise.all would give.
  return Promise.all(work) as Promise<Settled<T>>;
};
