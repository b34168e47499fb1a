import { setTimeout as pause } from 'node:timers/promises';
import { openPatience } from '#test/support/patience.ts';

/** Polls until the check answers something other than false and undefined, and answers that. */
export const until = async <Found>(
  check: () => Promise<Found | false | undefined> | Found | false | undefined,
  what: string,
): Promise<Found> => {
  const patience = openPatience();
  for (;;) {
    const found = await check();
    if (found !== false && found !== undefined) return found;
    if (patience.isOver()) throw new Error(`waited in vain: ${what}`);
    await pause(20);
  }
};
