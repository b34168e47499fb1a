import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import type { RuntimeCreate, RuntimeProcess } from '#engine/ports/container-runtime.ts';
import type { RuntimeSpec } from '#formats/oci-runtime/spec.ts';
import { toExactJson } from '#lib/exact-json.ts';
import { explainFailure } from './command/runtime-words.ts';
import { bundleOf } from './layout.ts';
import { startMonitor } from './monitor/conmon.ts';
import type { Monitor } from './monitor/conmon.ts';
import type { RuntimeParts } from './parts.ts';
import { refuseProcMounts, refuseProcMountsOf } from './proc-mounts.ts';
import { identifyProcess } from './process/process-identity.ts';
import { endOf } from './process/spawner.ts';
import { saveRecord, track } from './record.ts';
import type { Tracked } from './record.ts';
import { removeTraces } from './remove.ts';

/**
 * Bundle, monitor, `create` of the runtime. Each step is written down before it is taken, so that a later
 * daemon can undo it. A failed create leaves nothing; it throws `invalid` code `runtime.create`.
 */
export const createContainer = async (
  parts: RuntimeParts,
  request: RuntimeCreate,
): Promise<{ tracked: Tracked; monitor: Monitor }> => {
  const { id, spec } = request;
  // Names of a client are in it: no way leads out of the hierarchy.
  const cgroupPath = resolve('/', spec.linux?.cgroupsPath ?? `${parts.cgroupParent}/${id}`);
  const { openStdin, stdinOnce } = request;
  const record = { id, cgroupPath, terminal: spec.process.terminal, openStdin, stdinOnce };
  const tracked = track(bundleOf(parts.layout, id), record);
  refuseProcMounts(spec);
  try {
    await writeBundle(parts, tracked, request);
    const { process, monitor } = await makeProcess(parts, tracked, request);
    refuseProcMountsOf(spec, process.pid);
    saveRecord(tracked, { ...tracked.record, process });
    await parts.seccomp?.learn(spec, tracked.bundle.state).catch((error: unknown) => {
      parts.warn('a compiled seccomp filter could not be kept', error);
    });
    return { tracked, monitor };
  } catch (error) {
    await removeTraces(parts, tracked).catch((cause: unknown) => {
      parts.warn(`traces of container ${id} remain after its create failed`, cause);
    });
    throw error;
  }
};

const writeBundle = async (parts: RuntimeParts, tracked: Tracked, request: RuntimeCreate): Promise<void> => {
  const { bundle, record } = tracked;
  // The exec root is memory, so these calls do not wait for a disk.
  rmSync(bundle.path, { recursive: true, force: true });
  rmSync(bundle.exitFile, { force: true });
  mkdirSync(bundle.path, { mode: 0o700 });
  saveRecord(tracked, record);
  parts.madeGroups.note(record.cgroupPath);
  const spec = await completeSpec(parts, request, record.cgroupPath);
  writeFileSync(bundle.config, toExactJson(spec), { mode: 0o600 });
};

const completeSpec = async (
  parts: RuntimeParts,
  request: RuntimeCreate,
  cgroupsPath: string,
): Promise<RuntimeSpec> => {
  const { consoleSize } = request;
  const applied = (await parts.seccomp?.apply(request.spec)) ?? request.spec;
  const linux = { namespaces: [], ...applied.linux, cgroupsPath };
  if (consoleSize === undefined || !applied.process.terminal) return { ...applied, linux };
  const size = { height: consoleSize.rows, width: consoleSize.columns };
  return { ...applied, linux, process: { ...applied.process, consoleSize: size } };
};

const makeProcess = async (
  parts: RuntimeParts,
  tracked: Tracked,
  request: RuntimeCreate,
): Promise<{ process: RuntimeProcess; monitor: Monitor }> => {
  const { bundle, record } = tracked;
  const monitor = await startMonitor(parts, {
    id: request.id,
    bundle,
    exits: parts.layout.exits,
    terminal: record.terminal,
    openStdin: record.openStdin,
    stdinOnce: record.stdinOnce,
    logPath: request.logPath,
    sources: bindSources(request.spec),
  });
  const identity = identifyProcess(monitor.child.pid);
  if (identity !== undefined) saveRecord(tracked, { ...record, monitor: identity });
  if (parts.monitorGroup !== undefined) {
    await writeFile(join(parts.monitorGroup, 'cgroup.procs'), String(monitor.child.pid));
  }
  const answer = await monitor.begin();
  if ('message' in answer) {
    await endOf(monitor.child);
    throw createError(answer.message, request);
  }
  const process = identifyProcess(answer.pid);
  if (process === undefined) {
    throw createError('the process of the container vanished', request);
  }
  return { process, monitor };
};

const createError = (message: string, request: RuntimeCreate): EngineError => {
  const { detail } = explainFailure(message, request.spec.process.args[0] ?? '');
  return new EngineError('invalid', 'runtime.create', detail, { params: { detail } });
};

const bindSources = (spec: RuntimeSpec): string[] => {
  const isBind = (options: readonly string[]): boolean =>
    options.includes('bind') || options.includes('rbind');
  const mounts = spec.mounts.filter((mount) => mount.type === 'bind' || isBind(mount.options));
  return [spec.root.path, ...mounts.map((mount) => mount.source)].filter((path) => path.startsWith('/'));
};
