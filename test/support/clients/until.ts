import { setTimeout as pause } from 'node:timers/promises';

const DEADLINE_MS = 30_000;

/** Polls until the check answers something other than false and undefined, and answers that. */
export const until = async <Found>(
  check: () => Promise<Found | false | undefined> | Found | false | undefined,
  what: string,
): Promise<Found> => {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const found = await check();
    if (found !== false && found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await pause(20);
  }
};
