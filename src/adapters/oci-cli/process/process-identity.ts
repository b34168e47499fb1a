import { readFileSync } from 'node:fs';
import { signalProcess } from '#adapters/libc/process.ts';
import { parseProcessStat } from '#formats/proc/process-stat.ts';
import type { ProcessStat } from '#formats/proc/process-stat.ts';

/** A process number together with the start time that tells whether it is still the same process. */
export type ProcessIdentity = { readonly pid: number; readonly startTime: string };

export const readProcessStat = (pid: number): ProcessStat | undefined => {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // No such process (ENOENT), or it left while we read (ESRCH).
    return undefined;
  }
};

export const identifyProcess = (pid: number): ProcessIdentity | undefined => {
  const stat = readProcessStat(pid);
  return stat === undefined ? undefined : { pid, startTime: stat.startTime };
};

/** Whether it still runs; a zombie does not. */
export const isAlive = ({ pid, startTime }: ProcessIdentity): boolean => {
  const stat = readProcessStat(pid);
  return stat !== undefined && stat.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X';
};

/** False when the process is gone, also when its number is another's by now. */
export const signalIdentity = (identity: ProcessIdentity, signal: number): boolean =>
  signalProcess(identity.pid, signal, () => isAlive(identity));
