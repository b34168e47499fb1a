import type { Clock } from '#engine/ports/clock.ts';

/**
 * The answer of `load`, asked for anew when it is older than `ms`; callers at the same time share one
 * question. A failure is not remembered.
 */
export const recently = <T>(clock: Clock, ms: number, load: () => Promise<T>): (() => Promise<T>) => {
  let answer: { readonly promise: Promise<T>; readonly at: number } | undefined;
  return () => {
    if (answer !== undefined && clock.elapsed() - answer.at < ms) return answer.promise;
    const asked = { promise: load(), at: clock.elapsed() };
    answer = asked;
    asked.promise.catch(() => {
      if (answer === asked) answer = undefined;
    });
    return asked.promise;
  };
};
