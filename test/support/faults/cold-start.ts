import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import type { TestDaemon } from '#test/support/daemon.ts';
import { until } from '#test/support/clients/until.ts';
import { wipe } from '#tools/wipe.mjs';

/**
 * What a power cut and a boot leave of a daemon: its data root. Daemon, monitors and the given containers'
 * processes are killed; mounts, namespaces, links, tables, cgroups and the exec root go.
 */
export const cutPower = async (daemon: TestDaemon, pids: readonly number[]): Promise<void> => {
  await daemon.kill();
  // Monitors first: none may write an exit code.
  const victims = [...pids.map(parentOf), ...pids];
  for (const pid of victims) process.kill(pid, 'SIGKILL');
  await until(() => victims.every((pid) => !isAlive(pid)), 'the end of the processes');
  // Everything goes but the data: that steps aside.
  const aside = `${daemon.dataRoot}.aside`;
  unmountBelow(daemon.execRoot);
  unmountBelow(daemon.dataRoot);
  execFileSync('mv', [daemon.dataRoot, aside]);
  await until(() => wiped(daemon), 'a clean machine');
  rmSync(daemon.execRoot, { recursive: true, force: true });
  execFileSync('mv', [aside, daemon.dataRoot]);
};

/** The kernel takes links of dead namespaces away by itself, maybe between our look and our deed. */
const wiped = ({ dataRoot, execRoot }: TestDaemon): boolean => {
  try {
    wipe({ dataRoot, execRoot });
    return true;
  } catch {
    return false;
  }
};

const parentOf = (pid: number): number =>
  Number(/^PPid:\t(\d+)$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** A zombie is dead: who reaps it does not matter. */
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\t[ZX]/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

const unmountBelow = (folder: string): void => {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${folder}/`));
  for (const point of points.toReversed()) execFileSync('umount', ['--lazy', point]);
};
