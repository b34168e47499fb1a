import { accessSync, constants, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#domain/error/engine-error.ts';
import { CgroupTree } from './cgroup/cgroup-tree.ts';
import { MadeGroups } from './cgroup/made-groups.ts';
import { MoveLock } from './cgroup/move-lock.ts';
import { runCommand, RuntimeCommand } from './command/runtime-command.ts';
import { knowsBegin } from './crun/begin.ts';
import { fileFingerprint, knowsCompiledSeccomp, SeccompCache } from './crun/seccomp-cache.ts';
import { layRuntimeOut } from './layout.ts';
import type { RuntimeLayout } from './layout.ts';
import { makeMemoryRoot } from './memory-root.ts';
import type { RuntimeParts } from './parts.ts';
import { Spawner } from './process/spawner.ts';

export type OciRuntimeOptions = {
  /** Made a shared mount in memory; root file systems that are mounted later must lie below it. */
  readonly execRoot: string;
  readonly dataRoot: string;
  /** `/gantry-<tag>`: the control group of containers whose spec names none, and of the monitors. */
  readonly cgroupParent: string;
  /** crun or runc; default: crun, else runc, from the usual folders. */
  readonly runtimePath?: string | undefined;
  readonly conmonPath?: string | undefined;
  /** False: always the runtime's commands. Default: whatever its version allows. */
  readonly fastPaths?: boolean;
  readonly onWarning?: (message: string, error?: unknown) => void;
};

export type PreparedParts = {
  readonly parts: RuntimeParts;
  readonly versions: Readonly<Record<string, string>>;
  /** `isIdle`: no container runs, so all groups of ours can go. */
  readonly close: (isIdle: boolean) => Promise<void>;
};

const programFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Finds the programs, makes the folders, starts the spawner. Throws `unavailable` code `runtime.missing`. */
export const prepareParts = async (options: OciRuntimeOptions): Promise<PreparedParts> => {
  const path = chooseProgram(options.runtimePath, 'crun', 'runc');
  const conmonPath = chooseProgram(options.conmonPath, 'conmon');
  const program = basename(realpathSync(path));
  const layout = makeFolders(options, program);
  const cgroups = CgroupTree.ofThisMachine();
  const outside = await cgroups.makeOutside(`${options.cgroupParent}/monitors`);
  const spawner = await startSpawner({ layout, cgroups, path, program, threads: outside.threads });
  try {
    const [runtimeVersion, conmonVersion] = await Promise.all([
      readVersion(spawner, path),
      readVersion(spawner, conmonPath),
    ]);
    const parts = assemble(options, {
      path,
      conmonPath,
      program,
      version: runtimeVersion,
      layout,
      cgroups,
      spawner,
    });
    return {
      parts: { ...parts, monitorGroup: outside.unified },
      versions: { [parts.name]: runtimeVersion, conmon: conmonVersion },
      close: async (isIdle) => {
        await spawner.close();
        await removeEmptyGroups(cgroups, options.cgroupParent, isIdle ? 50 : 1);
      },
    };
  } catch (error) {
    await spawner.close();
    throw error;
  }
};

type Found = {
  readonly path: string;
  readonly conmonPath: string;
  readonly program: string;
  readonly version: string;
  readonly layout: RuntimeLayout;
  readonly cgroups: CgroupTree;
  readonly spawner: Spawner;
};

const assemble = (options: OciRuntimeOptions, found: Found): Omit<RuntimeParts, 'monitorGroup'> => {
  const { path, version, layout } = found;
  const isCrun = found.program === 'crun';
  const isFast = options.fastPaths !== false;
  const compiles = isFast && isCrun && knowsCompiledSeccomp(version);
  return {
    name: found.program,
    version,
    conmonPath: found.conmonPath,
    layout,
    spawner: found.spawner,
    command: new RuntimeCommand({ path, stateRoot: layout.stateRoot, spawner: found.spawner }),
    cgroups: found.cgroups,
    madeGroups: new MadeGroups({
      cgroups: found.cgroups,
      folder: layout.groups,
      own: options.cgroupParent,
    }),
    moveLock: new MoveLock(found.cgroups.layout),
    cgroupParent: options.cgroupParent,
    seccomp: compiles
      ? new SeccompCache({ folder: layout.filters, runtimeVersion: `${version} ${fileFingerprint(path)}` })
      : undefined,
    fast: { begin: isFast && isCrun && knowsBegin(version), files: isFast },
    warn: options.onWarning ?? (() => {}),
  };
};

const makeFolders = (options: OciRuntimeOptions, program: string): RuntimeLayout => {
  makeMemoryRoot(options.execRoot);
  const layout = layRuntimeOut(realpathSync(options.execRoot), options.dataRoot, program);
  for (const folder of [layout.stateRoot, layout.containers, layout.exits, layout.execs, layout.groups]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  return layout;
};

const startSpawner = async (setting: {
  readonly layout: RuntimeLayout;
  readonly cgroups: CgroupTree;
  readonly path: string;
  readonly program: string;
  readonly threads: readonly string[];
}): Promise<Spawner> => {
  const { unifiedPath, isHybrid } = setting.cgroups.layout;
  const isCrun = setting.program === 'crun';
  return Spawner.start({
    execRoot: setting.layout.execRoot,
    hidden: isCrun && isHybrid && unifiedPath !== undefined ? [unifiedPath] : [],
    readOnly: isCrun ? [realpathSync(setting.path)] : [],
    cgroups: setting.threads,
  });
};

const readVersion = async (spawner: Spawner, path: string): Promise<string> => {
  const { stdout } = await runCommand(spawner, path, ['--version']);
  return /version (\S+)/.exec(stdout)?.[1] ?? 'unknown';
};

/** Those that hold containers or monitors stay. */
const removeEmptyGroups = async (cgroups: CgroupTree, parent: string, attempts: number): Promise<void> => {
  const folders = [join(parent, 'monitors'), parent].map((path) => cgroups.folders(path));
  // The spawner's thread and the last monitors leave their group a moment after they ended.
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const results: boolean[] = [];
    for (const level of folders) results.push(...(await Promise.all(level.map(isRemoved))));
    if (results.every(Boolean)) return;
    await sleep(4);
  }
};

const isRemoved = async (folder: string): Promise<boolean> => {
  try {
    await rmdir(folder);
    return true;
  } catch {
    // In use (EBUSY), or absent in this hierarchy: both are fine.
    return !existsSync(folder);
  }
};

/** The program that was asked for, or the first of `names` in the usual folders. */
const chooseProgram = (asked: string | undefined, ...names: string[]): string => {
  const candidates =
    asked === undefined
      ? names.flatMap((name) => programFolders.map((folder) => join(folder, name)))
      : [asked];
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  const program = asked ?? names[0] ?? '';
  throw new EngineError('unavailable', 'runtime.missing', `${program} is not installed`, {
    params: { program },
  });
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not here, or not for us.
    return false;
  }
};
