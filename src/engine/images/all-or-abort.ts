/**
 * Runs tasks side by side. The first failure aborts the signal the others were given and is thrown
 * when all have ended: nothing runs on behind the caller's back.
 */
export const allOrAbort = async <T>(
  signal: AbortSignal,
  start: (signal: AbortSignal) => readonly Promise<T>[],
): Promise<T[]> => {
  const controller = new AbortController();
  const tasks = start(AbortSignal.any([signal, controller.signal]));
  try {
    return await Promise.all(tasks);
  } catch (error) {
    controller.abort(error);
    await Promise.allSettled(tasks);
    throw error;
  }
};
