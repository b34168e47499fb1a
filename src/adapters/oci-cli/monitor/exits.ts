import { readFileSync, statSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { wallClock } from '#lib/wall-clock.ts';

/** How a container ended, as its monitor wrote it down after the last output was in the log. */
export type ExitNote = { readonly exitCode: number; readonly finishedAt: number };

/** The kernel stamps files with the time of its last tick, up to ten milliseconds ago. */
const tickMs = 10;

/** Undefined while there is none. The time is the file's own, so it is right however late we look. */
export const readExitNote = (path: string): ExitNote | undefined => {
  try {
    const exitCode = Number.parseInt(readFileSync(path, 'utf8'), 10);
    if (Number.isNaN(exitCode)) return undefined;
    const { mtimeMs } = statSync(path);
    // Seen at once: our own clock is finer, and an end must not come before its start.
    const age = wallClock() - mtimeMs;
    // A negative one: the clock was set back meanwhile.
    return { exitCode, finishedAt: age >= 0 && age < tickMs ? mtimeMs + age : mtimeMs };
  } catch {
    // Not written yet: conmon renames it into place complete.
    return undefined;
  }
};

/** Calls `onFile` with the name of each file that appears in `folder`, maybe more than once. */
export const watchFolder = (folder: string, onFile: (name: string) => void): FSWatcher =>
  watch(folder, { persistent: false }, (_, name) => {
    if (name !== null) onFile(name);
  });
