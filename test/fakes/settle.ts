import { setImmediate } from 'node:timers/promises';

/** Lets everything run that waits for nothing but its turn; the fakes wait for nothing else. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
};
