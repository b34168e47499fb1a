import type { PodResources } from '#domain/pod/spec.ts';

/** Control groups that hold several containers. Paths are absolute below the hierarchies' roots (`/gantry-x/sandbox-y`). */
export interface ResourceGroups {
  /** Makes it with its limits, or gives an existing one these limits; it stays when it is empty. Nothing to do without limits. */
  ensure(path: string, limits: PodResources): Promise<void>;
  /** With everything below it; fine when missing. Processes in it are killed. */
  remove(path: string): Promise<void>;
  /** Names of the groups right below a path. */
  list(path: string): Promise<string[]>;
}
