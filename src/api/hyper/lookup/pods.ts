import { isEngineError } from '#domain/error/engine-error.ts';
import type { Pod } from '#domain/pod/pod.ts';
import type { SandboxId } from '#domain/value/flavor.ts';
import type { Engine } from '#engine/engine.ts';

/** The words under which clients of one age or another name a pod. */
export type PodRef = { readonly podId?: string; readonly podName?: string; readonly pod?: string };

/** '' is a name that no pod has. */
export const podRef = ({ podId, podName, pod }: PodRef): string => podId || podName || pod || '';

const OURS = /^sandbox-/;

/** Sandboxes are VMs to hyperd's clients: `vm-` and ten letters. '' while a pod has none. */
export const presentVmId = (id: SandboxId): string => id.replace(OURS, 'vm-');

/** The sandbox that clients call so; undefined when there is none. */
export const findVm = (engine: Engine, vmId: string): SandboxId | undefined =>
  engine.sandboxes.list().find(({ id }) => id === vmId || presentVmId(id) === vmId)?.id;

/** Its name is taken, or another's is: nothing more to say than that it is not there. */
export const findPod = (engine: Engine, ref: string): Pod | undefined => {
  try {
    return engine.pods.get(ref);
  } catch (error) {
    if (isEngineError(error, 'not-found')) return undefined;
    throw error;
  }
};
