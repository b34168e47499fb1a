import { closeSync, constants, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import type { RuntimeSpec } from '#formats/oci-runtime/spec.ts';
import type { TerminalSize } from '#engine/ports/container-runtime.ts';
import { toExactJson } from '#lib/exact-json.ts';
import { freeze, isFrozen, thaw } from './cgroup/freezer.ts';
import { explainFailure } from './command/runtime-words.ts';
import { beginCreated } from './crun/begin.ts';
import type { RuntimeParts } from './parts.ts';
import { isAlive, signalIdentity } from './process/process-identity.ts';
import type { Tracked } from './record.ts';

/** What is done to a container that exists. Each has a way without the runtime's command and the command. */

export const notRunning = (id: string): EngineError =>
  new EngineError('conflict', 'runtime.not-running', `container ${id} is not running`, { params: { id } });

export const startContainer = async (parts: RuntimeParts, tracked: Tracked): Promise<void> => {
  const { record, bundle } = tracked;
  const outcome = parts.fast.begin ? beginCreated(bundle.state) : 'unknown';
  if (outcome === 'begun') return;
  if (outcome === 'not-waiting') throw startError('the container is not waiting to be started');
  const { exitCode, stderr } = await parts.command.run(['start', record.id]);
  if (exitCode !== 0) throw startError(explainFailure(stderr, '').detail);
};

const startError = (detail: string): EngineError =>
  new EngineError('invalid', 'runtime.start', detail, { params: { detail } });

export const signalContainer = async (
  parts: RuntimeParts,
  tracked: Tracked,
  signal: number,
): Promise<void> => {
  const { id, process } = tracked.record;
  if (process === undefined || tracked.exit !== undefined || !isAlive(process)) throw notRunning(id);
  if (parts.fast.files) {
    if (!signalIdentity(process, signal)) throw notRunning(id);
    return;
  }
  await parts.command.demand(['kill', id, String(signal)]);
};

export const pauseContainer = async (parts: RuntimeParts, tracked: Tracked): Promise<void> => {
  if (parts.fast.files) await freeze(parts.cgroups, tracked.record.cgroupPath);
  else await parts.command.demand(['pause', tracked.record.id]);
};

export const resumeContainer = async (parts: RuntimeParts, tracked: Tracked): Promise<void> => {
  if (parts.fast.files) await thaw(parts.cgroups, tracked.record.cgroupPath);
  else await parts.command.demand(['resume', tracked.record.id]);
};

/** What a container whose process lives is doing. */
export const readLivingState = async (
  parts: RuntimeParts,
  tracked: Tracked,
): Promise<'created' | 'running' | 'paused'> => {
  if (await isFrozen(parts.cgroups, tracked.record.cgroupPath)) return 'paused';
  if (parts.fast.begin)
    return (await exists(join(tracked.bundle.state, 'exec.fifo'))) ? 'created' : 'running';
  const { stdout } = await parts.command.run(['state', tracked.record.id]);
  return /"status"\s*:\s*"created"/.test(stdout) ? 'created' : 'running';
};

export const listProcesses = (parts: RuntimeParts, tracked: Tracked): number[] => {
  const first = tracked.record.process?.pid;
  const others = parts.cgroups.processes(tracked.record.cgroupPath).filter((pid) => pid !== first);
  const isFirstAlive = tracked.record.process !== undefined && isAlive(tracked.record.process);
  return first !== undefined && isFirstAlive ? [first, ...others] : others;
};

/** The kernel's count, or the note of the monitor. Both go with `delete`. */
export const hasOomKill = async (parts: RuntimeParts, tracked: Tracked): Promise<boolean> =>
  (await parts.cgroups.oomKills(tracked.record.cgroupPath)) > 0 || exists(tracked.bundle.oomFile);

export const updateResources = async (
  parts: RuntimeParts,
  tracked: Tracked,
  resources: NonNullable<NonNullable<RuntimeSpec['linux']>['resources']>,
): Promise<void> => {
  const { limited, freed } = withoutFreed(resources);
  for (const limit of freed) await parts.cgroups.free(tracked.record.cgroupPath, limit);
  if (Object.keys(limited).length === 0) return;
  const path = join(tracked.bundle.path, 'resources.json');
  writeFileSync(path, toExactJson(limited), { mode: 0o600 });
  try {
    const { exitCode, stderr } = await parts.command.run(['update', '--resources', path, tracked.record.id]);
    if (exitCode === 0) return;
    const { detail } = explainFailure(stderr, '');
    throw new EngineError('invalid', 'runtime.update', detail, { params: { detail } });
  } finally {
    rmSync(path, { force: true });
  }
};

type Resources = NonNullable<NonNullable<RuntimeSpec['linux']>['resources']>;

/** The runtime writes a negative limit as it is, which no kernel takes: such limits are taken away by ourselves. */
const withoutFreed = ({
  pids,
  cpu,
  ...rest
}: Resources): { limited: Resources; freed: ('pids' | 'cpu')[] } => {
  const { quota, ...shares } = cpu ?? {};
  const [freesPids, freesCpu] = [(pids?.limit ?? 0) < 0, (quota ?? 0) < 0];
  const kept = freesCpu ? shares : { ...cpu };
  return {
    limited: {
      ...rest,
      ...(pids === undefined || freesPids ? {} : { pids }),
      ...(Object.keys(kept).length === 0 ? {} : { cpu: kept }),
    },
    freed: [...(freesPids ? (['pids'] as const) : []), ...(freesCpu ? (['cpu'] as const) : [])],
  };
};

/** Sets the size of the container's terminal. */
export const resizeContainer = (tracked: Tracked, { rows, columns }: TerminalSize): void =>
  tellMonitor(tracked, `1 ${rows} ${columns}\n`);

/** The monitor goes on in a new file at the log's path. */
export const reopenContainerLog = (tracked: Tracked): void => tellMonitor(tracked, '2 0 0\n');

const tellMonitor = (tracked: Tracked, line: string): void => {
  let control: number;
  try {
    // The monitor reads it: without one this is ENXIO instead of a wait.
    control = openSync(tracked.bundle.controlFifo, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENXIO') throw notRunning(tracked.record.id);
    throw error;
  }
  try {
    writeSync(control, line);
  } finally {
    closeSync(control);
  }
};

const exists = async (path: string): Promise<boolean> => {
  try {
    await stat(path);
    return true;
  } catch {
    // ENOENT is the answer; anything else means we may not know it either.
    return false;
  }
};
