import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from './api.ts';

const READY_MS = 60_000;
const STOP_MS = 15_000;

/** Starts a program that is in the group `door` from its first instruction on; output goes to `log`. */
export const startCounted = (door: string, log: string, command: readonly string[]): ChildProcess => {
  const output = openSync(log, 'a');
  return spawn('sh', ['-c', `echo $$ > ${door}; exec "$@"`, 'sh', ...command], {
    stdio: ['ignore', output, output],
  });
};

/** Asks until the daemon answers; milliseconds since the call. */
export const untilReady = async (api: Api, child: ChildProcess): Promise<number> => {
  const begin = performance.now();
  while (performance.now() - begin < READY_MS) {
    try {
      await api.bytes('GET', '/_ping');
      return performance.now() - begin;
    } catch {
      if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`);
      await pause(2);
    }
  }
  throw new Error('the daemon is not ready');
};

/** SIGTERM, and SIGKILL for those who do not listen. */
export const stopProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(late);
};

/** A process and all that descend from it, or whose command line names `mark` (monitors have left the tree). */
export const treeOf = (root: number, mark: string): number[] => {
  const parents = new Map<number, number>();
  const found = new Set([root]);
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const pid = Number(name);
    const stat = readProc(pid, 'stat');
    parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    if (pid !== process.pid && readProc(pid, 'cmdline').includes(mark)) found.add(pid);
  }
  const isBelow = (pid: number): boolean => {
    for (let at = pid; at > 1; at = parents.get(at) ?? 0) if (found.has(at)) return true;
    return false;
  };
  return [...parents.keys()].filter(isBelow);
};

/** Memory in MB: what each process has of its own plus its share of what several have. */
export const memoryOf = (pids: readonly number[], kind: 'Pss' | 'Rss'): number =>
  pids.reduce((sum, pid) => {
    const text = readProc(pid, 'smaps_rollup');
    return sum + Number(new RegExp(`^${kind}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024;
  }, 0);

const readProc = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
};
