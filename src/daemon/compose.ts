import { mkdir } from 'node:fs/promises';
import { createBlobFolder } from '#adapters/blob-folder/blob-folder.ts';
import { createBridgeDriver } from '#adapters/bridge/create-bridge-driver.ts';
import { createResourceGroups } from '#adapters/cgroup/create-resource-groups.ts';
import { createResourceMeter } from '#adapters/cgroup/create-resource-meter.ts';
import { createContainerFiles } from '#adapters/host-files/create-container-files.ts';
import { createPodFolders } from '#adapters/host-files/create-pod-folders.ts';
import { createLocalVolumes } from '#adapters/local-volume/create-local-volumes.ts';
import type { LocalVolumes } from '#adapters/local-volume/create-local-volumes.ts';
import { ThreadHost } from '#adapters/libc/thread-host.ts';
import { createMachine } from '#adapters/machine/create-machine.ts';
import { createLogTargets } from '#adapters/log-targets/create-log-targets.ts';
import { createMonitorLog } from '#adapters/monitor-log/log-store.ts';
import { createProcessTable } from '#adapters/process-table/create-process-table.ts';
import { createRootArchive } from '#adapters/root-archive/create-root-archive.ts';
import { createSandboxes } from '#adapters/namespaces/create-sandboxes.ts';
import { createOciRuntime } from '#adapters/oci-cli/runtime.ts';
import { createOverlay } from '#adapters/overlay/overlay.ts';
import { createRegistryClient } from '#adapters/registry-http/registry-client.ts';
import { SqliteStateStore } from '#adapters/sqlite/sqlite-state-store.ts';
import { systemClock } from '#adapters/system-clock/system-clock.ts';
import { hasProcess } from '#domain/container/lifecycle.ts';
import type { StateStore } from '#engine/ports/state-store.ts';
import { createEngine } from '#engine/create-engine.ts';
import type { Engine } from '#engine/engine.ts';
import type { EngineSettings } from '#engine/world.ts';
import type { Config } from './config.ts';
import { claimExecRoot, leaveExecRoot } from './exec-root.ts';
import type { Log } from './log.ts';

/** Everything of one daemon below its listeners. */
export type Composition = {
  readonly engine: Engine;
  /** Reconciles records and machine; says what it did. */
  recover(): Promise<string[]>;
  /** Registries and labels of a reloaded configuration. */
  reload(config: Config): void;
  /** Where nothing of it runs a daemon has nothing to keep: its bridge, rules, groups and mounts go too. */
  close(options: { stopContainers: boolean }): Promise<void>;
};

/** Builds all parts by hand, in order: the one place that knows everything. */
export const compose = async (config: Config, version: string, log: Log): Promise<Composition> => {
  await mkdir(config.dataRoot, { recursive: true, mode: 0o711 });
  const warn = (text: string): void => log('warn', text);
  const cgroupParent = `/gantry-${config.tag}`;
  const place = { dataRoot: config.dataRoot, execRoot: config.execRoot };
  const state = new SqliteStateStore({ dataRoot: config.dataRoot, onWarning: warn });
  await claimExecRoot(config);
  const machine = createMachine();
  const runtime = await createOciRuntime({
    ...place,
    cgroupParent,
    ...(config.runtimePath === '' ? {} : { runtimePath: config.runtimePath }),
    onWarning: (message, error) => log('warn', message, { error }),
  });
  // Both wait for the kernel's one lock on links: a second thread would only wait beside the first.
  const host = new ThreadHost();
  const sandboxes = createSandboxes({ ...place, host });
  const network = createBridgeDriver({ ...place, tag: config.tag, onWarning: warn, host });
  const snapshotter = createOverlay({ ...place, onWarning: warn });
  const archive = archiveOn(snapshotter);
  const registry = createRegistryClient(registryOptions(config, version));
  const logs = createMonitorLog({
    dataRoot: config.dataRoot,
    reopen: async (id) => runtime.reopenLog(id),
    onWarning: (message, error) => log('warn', message, { error }),
  });
  const folders = folderParts(config.dataRoot);
  const settings = settingsOf(config, version, cgroupParent);
  const built = createEngine({
    state,
    snapshotter,
    digests: snapshotter,
    archive,
    registry,
    downloads: registry,
    sandboxes,
    network,
    runtime,
    logs,
    ...folders,
    ...machineParts(machine),
    settings,
    log,
  });
  return {
    engine: built.engine,
    recover: async () => built.recover(),
    reload: (next) => {
      registry.update(registryOptions(next, version));
      Object.assign(settings, shownOf(next));
    },
    close: async (how) => {
      await built.close(how);
      const isIdle = isNothingLeft(state);
      // The pods' may be there from a run that had it.
      if (isIdle) for (const { name } of [config.podBridge, config.bridge]) await network.removeBridge(name);
      await closeParts({ logs, runtime, sandboxes, network, archive, snapshotter, host, state });
      await leaveMounts(config.execRoot, folders.volumes, { isIdle, warn });
    },
  };
};

const archiveOn = (snapshotter: ReturnType<typeof createOverlay>): ReturnType<typeof createRootArchive> =>
  createRootArchive({
    foldersOf: (id) => snapshotter.foldersOf(id),
    holdRoot: async (id) => snapshotter.holdRoot(id),
  });

/** What lives in folders of the data root and needs no other part. */
const folderParts = (dataRoot: string) => ({
  content: createBlobFolder({ dataRoot }),
  files: createContainerFiles({ dataRoot }),
  volumes: createLocalVolumes({ dataRoot }),
  podFolders: createPodFolders({ dataRoot }),
});

/** What looks at the machine, or speaks to it, and holds nothing that would have to be closed. */
const machineParts = (machine: ReturnType<typeof createMachine>) => ({
  machine,
  meter: createResourceMeter({ hostMemoryBytes: machine.facts.memoryBytes }),
  processes: createProcessTable(),
  groups: createResourceGroups(),
  logTargets: createLogTargets(),
  clock: systemClock,
});

/** No process, and no sandbox that waits for one. */
const isNothingLeft = ({ containers, sandboxes }: StateStore): boolean =>
  sandboxes.list().length === 0 && containers.list().every(({ state }) => !hasProcess(state.status));

type Closing = {
  readonly logs: Disposable;
  readonly runtime: { close(): Promise<void> };
  readonly sandboxes: { close(): Promise<void> };
  readonly network: { close(): Promise<void> };
  readonly archive: AsyncDisposable;
  readonly snapshotter: AsyncDisposable;
  readonly host: { close(): Promise<void> };
  readonly state: { close(): void };
};

/** The state goes last: the others may still write to it while they end. */
const closeParts = async (parts: Closing): Promise<void> => {
  parts.logs[Symbol.dispose]();
  await Promise.all([parts.runtime, parts.sandboxes, parts.network].map(async (part) => part.close()));
  await parts.archive[Symbol.asyncDispose]();
  await parts.snapshotter[Symbol.asyncDispose]();
  await parts.host.close();
  parts.state.close();
};

/** Mounts of the machine that only containers need. */
const leaveMounts = async (
  execRoot: string,
  volumes: LocalVolumes,
  { isIdle, warn }: { readonly isIdle: boolean; readonly warn: (text: string) => void },
): Promise<void> => {
  try {
    await volumes.close({ isIdle });
    if (isIdle) await leaveExecRoot(execRoot);
  } catch (error) {
    warn(`something stays mounted: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const registryOptions = (config: Config, version: string): Parameters<typeof createRegistryClient>[0] => ({
  insecureRegistries: config.insecureRegistries,
  mirrors: config.registryMirrors,
  userAgent: `gantry/${version}`,
});

/** What a reload may change of the settings: `info` shows them. */
const shownOf = (
  config: Config,
): Pick<EngineSettings, 'labels' | 'insecureRegistries' | 'registryMirrors'> => ({
  labels: config.labels,
  insecureRegistries: config.insecureRegistries,
  registryMirrors: config.registryMirrors,
});

const settingsOf = (config: Config, version: string, cgroupParent: string): EngineSettings => ({
  version,
  dataRoot: config.dataRoot,
  tag: config.tag,
  bridge: config.bridge,
  ...(config.podBridge.cidr === '' ? {} : { podBridge: config.podBridge }),
  podIsolation: config.podIsolation,
  cgroupParent,
  ...shownOf(config),
  defaultLogDriver: config.logDriver,
  defaultLogOptions: config.logOptions,
  initByDefault: config.init,
  debug: config.debug,
});
