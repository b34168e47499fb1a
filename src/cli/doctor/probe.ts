import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** How the doctor looks at the machine; tests bring a machine of their own. */
export interface Probe {
  readonly isRoot: boolean;
  /** `24.21.0`. */
  readonly nodeVersion: string;
  /** undefined when it cannot be read. */
  read(path: string): Promise<string | undefined>;
  /** Runs a short command. `missing` when there is no such program. */
  run(program: string, args: readonly string[]): Promise<CommandOutcome>;
}

export type CommandOutcome =
  | { readonly outcome: 'done'; readonly output: string }
  | { readonly outcome: 'failed'; readonly output: string }
  | { readonly outcome: 'missing' };

const LIMIT_MS = 5000;

/** A login shell of an ordinary user lacks the folders of system commands. */
const SYSTEM_FOLDERS = '/usr/local/sbin:/usr/sbin:/sbin';

export function probeThisMachine(): Probe {
  return {
    isRoot: process.geteuid?.() === 0,
    nodeVersion: process.versions.node,
    read: (path) => readFile(path, 'utf8').catch(() => undefined),
    run,
  };
}

function run(program: string, args: readonly string[]): Promise<CommandOutcome> {
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:${SYSTEM_FOLDERS}`, LC_ALL: 'C' };
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { env, timeout: LIMIT_MS }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') return resolve({ outcome: 'missing' });
      resolve({ outcome: error ? 'failed' : 'done', output: `${stdout}${stderr}`.trim() });
    });
    child.stdin?.end(); // bzip2 --version goes on to read
  });
}
