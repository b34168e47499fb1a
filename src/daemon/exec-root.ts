import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { leaveMemoryRoot } from '#adapters/oci-cli/memory-root.ts';
import type { Config } from './config.ts';
import { OptionError } from './options.ts';

type Mark = { readonly dataRoot: string; readonly tag: string; readonly pid: number };

/**
 * Marks the exec root, so that what is found there can be told to belong to this daemon. To be called with the data
 * root's lock held: a daemon that is refused must not put its mark over that of the one at work. Throws OptionError when
 * a daemon of another data root works there.
 */
export const claimExecRoot = async (config: Config): Promise<void> => {
  await mkdir(config.execRoot, { recursive: true, mode: 0o711 });
  const file = path.join(config.execRoot, 'gantry.json');
  const found = await readMark(file);
  if (found !== undefined && found.dataRoot !== config.dataRoot && (await isDaemon(found.pid)))
    throw new OptionError(
      `a daemon on ${found.dataRoot} (process ${found.pid}) works in ${config.execRoot}: choose another --exec-root`,
    );
  const mark: Mark = { dataRoot: config.dataRoot, tag: config.tag, pid: process.pid };
  await writeFile(file, JSON.stringify(mark));
};

/** Once nothing runs: what is in it is of no use to the next daemon. What others put there stays. */
export const leaveExecRoot = async (execRoot: string): Promise<void> => {
  leaveMemoryRoot(execRoot);
  await rm(path.join(execRoot, 'gantry.json'), { force: true });
  for (const name of await readdir(execRoot)) await rmdir(path.join(execRoot, name)).catch(() => undefined);
  await rmdir(execRoot).catch(() => undefined);
};

const readMark = async (file: string): Promise<Mark | undefined> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Mark;
  } catch {
    return undefined; // none yet, or one that was cut off: nobody's
  }
};

/** Process ids are used again, so the command line has to fit too. */
const isDaemon = async (pid: number): Promise<boolean> => {
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return words.includes('gantry') || words.includes('daemon/main.ts');
};
