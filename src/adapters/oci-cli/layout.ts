import { join } from 'node:path';

/** Where the runtime keeps what: everything below the exec root is gone after a reboot. */
export type RuntimeLayout = {
  readonly execRoot: string;
  /** The OCI runtime's own state. */
  readonly stateRoot: string;
  readonly containers: string;
  /** The monitors write exit codes here, one file per container. */
  readonly exits: string;
  readonly execs: string;
  /** Notes of the control groups that were made above those of containers. */
  readonly groups: string;
  /** Compiled seccomp filters; below the data root. */
  readonly filters: string;
};

export const layRuntimeOut = (execRoot: string, dataRoot: string, runtimeName: string): RuntimeLayout => ({
  execRoot,
  stateRoot: join(execRoot, runtimeName),
  containers: join(execRoot, 'containers'),
  exits: join(execRoot, 'exits'),
  execs: join(execRoot, 'execs'),
  groups: join(execRoot, 'groups'),
  filters: join(dataRoot, 'seccomp'),
});

/** Files of one container. */
export type Bundle = {
  readonly path: string;
  readonly config: string;
  readonly record: string;
  readonly pidFile: string;
  /** What the monitor itself had to say. */
  readonly monitorLog: string;
  readonly attachSocket: string;
  readonly controlFifo: string;
  /** The monitor makes it when the OOM killer struck. */
  readonly oomFile: string;
  readonly exitFile: string;
  /** The OCI runtime's folder for it. */
  readonly state: string;
};

export const bundleOf = (layout: RuntimeLayout, id: string): Bundle => {
  const path = join(layout.containers, id);
  return {
    path,
    config: join(path, 'config.json'),
    record: join(path, 'gantry.json'),
    pidFile: join(path, 'pid'),
    monitorLog: join(path, 'monitor.log'),
    attachSocket: join(path, 'attach'),
    controlFifo: join(path, 'ctl'),
    oomFile: join(path, 'oom'),
    exitFile: join(layout.exits, id),
    state: join(layout.stateRoot, id),
  };
};
