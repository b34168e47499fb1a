import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RuntimeParts } from './parts.ts';
import { isAlive, signalIdentity } from './process/process-identity.ts';
import { thaw } from './cgroup/freezer.ts';
import type { Tracked } from './record.ts';

const killSignal = 9;
const endDeadlineMs = 10_000;

/** SIGKILL to every process of the container, also to frozen ones. */
export const killContainer = async (parts: RuntimeParts, tracked: Tracked): Promise<void> => {
  const { cgroupPath, process } = tracked.record;
  await parts.cgroups.killAll(cgroupPath);
  if (process !== undefined) signalIdentity(process, killSignal);
  await thaw(parts.cgroups, cgroupPath);
};

/**
 * Removes processes, control groups, the runtime's state, bundle and exit file, whatever of them exists.
 * The monitor ends by itself once its container has; one that does not is killed.
 */
export const removeTraces = async (parts: RuntimeParts, tracked: Tracked): Promise<void> => {
  const { bundle, record } = tracked;
  if (record.process !== undefined && isAlive(record.process)) {
    await killContainer(parts, tracked);
    await waitForEnd(tracked);
  }
  if (!parts.fast.files && record.process !== undefined) {
    const { exitCode, stderr } = await parts.command.run(['delete', '--force', record.id]);
    if (exitCode !== 0) parts.warn(`${parts.name} delete: ${stderr.trim()}`);
  }
  await Promise.all([
    parts.cgroups.remove(record.cgroupPath),
    rm(bundle.state, { recursive: true, force: true }),
    rm(bundle.exitFile, { force: true }),
  ]);
  await parts.cgroups.removeBetween(record.cgroupPath, parts.cgroupParent);
  await parts.madeGroups.leave(record.cgroupPath);
  await rm(bundle.path, { recursive: true, force: true });
};

/** Until the monitor has written the exit code, or is no more. */
const waitForEnd = async (tracked: Tracked): Promise<void> => {
  const { monitor } = tracked.record;
  const deadline = performance.now() + endDeadlineMs;
  while (monitor !== undefined && isAlive(monitor) && tracked.exit === undefined) {
    if (performance.now() > deadline) {
      signalIdentity(monitor, killSignal);
      return;
    }
    await sleep(2);
  }
};
