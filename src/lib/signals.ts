/** Resolves when the signal aborts; never rejects. `release` drops the listener. */
export const whenAborted = (
  signal: AbortSignal | undefined,
): { promise: Promise<void>; release: () => void } => {
  if (signal === undefined) return { promise: new Promise<void>(() => undefined), release: () => undefined };
  if (signal.aborted) return { promise: Promise.resolve(), release: () => undefined };
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = (): void => resolve();
  signal.addEventListener('abort', listener, { once: true });
  return { promise, release: () => signal.removeEventListener('abort', listener) };
};
