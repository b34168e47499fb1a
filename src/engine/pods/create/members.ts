import type { Pod, PodMember } from '#domain/pod/pod.ts';
import type { PodContainerSpec } from '#domain/pod/spec.ts';
import { create } from '#engine/containers/create/create.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import { randomId } from '#lib/random-id.ts';
import { containerRequest } from './container-request.ts';
import type { PodContext } from '#engine/pods/context.ts';
import { injectFiles, mountedFiles, readyFiles } from './inject-files.ts';
import { mountsOf } from './mounts.ts';

export type MadeMember = { readonly member: PodMember; readonly warnings: string[] };

/** Makes one container of a pod, with its mounts and files; a failure leaves nothing of it. */
export const makeMember = async (
  world: PodContext,
  pod: Pod,
  spec: PodContainerSpec,
): Promise<MadeMember> => {
  // Before anything is made for it.
  world.images.get(spec.image);
  const id: ContainerId = randomId();
  const { files, warnings } =
    spec.files.length === 0 ? { files: [], warnings: [] } : await readyFiles(world, pod.spec, spec);
  const mounts = [...(await mountsOf(world, pod, spec)), ...(await mountedFiles(world, pod.id, id, files))];
  const made = await create(world, containerRequest(pod, spec.name, spec, mounts), {
    id,
    podId: pod.id,
    prepare: async () => injectFiles(world, id, files),
  });
  for (const warning of warnings) world.log('warn', warning, { pod: pod.id, container: id });
  return { member: { id, spec }, warnings: [...made.warnings, ...warnings] };
};
