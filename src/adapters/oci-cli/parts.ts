import type { CgroupTree } from './cgroup/cgroup-tree.ts';
import type { MadeGroups } from './cgroup/made-groups.ts';
import type { MoveLock } from './cgroup/move-lock.ts';
import type { RuntimeCommand } from './command/runtime-command.ts';
import type { SeccompCache } from './crun/seccomp-cache.ts';
import type { RuntimeLayout } from './layout.ts';
import type { Spawner } from './process/spawner.ts';

/** What the runtime's operations share. */
export type RuntimeParts = {
  /** `crun` or `runc`. */
  readonly name: string;
  readonly version: string;
  readonly conmonPath: string;
  readonly layout: RuntimeLayout;
  readonly spawner: Spawner;
  readonly command: RuntimeCommand;
  readonly cgroups: CgroupTree;
  readonly madeGroups: MadeGroups;
  readonly moveLock: MoveLock;
  /** Control group path of containers whose spec names none. */
  readonly cgroupParent: string;
  /** Version 2 folder that each monitor must be moved to; undefined where it is born outside our own group. */
  readonly monitorGroup: string | undefined;
  readonly seccomp: SeccompCache | undefined;
  /** Ways around the runtime's commands that its version allows. */
  readonly fast: { readonly begin: boolean; readonly files: boolean };
  /** Tells what went wrong without failing an operation. */
  readonly warn: (message: string, error?: unknown) => void;
};
