import type { MountRequest } from '#domain/container/config.ts';
import type { PodContainerSpec, PodSpec, PodVolume } from '#domain/pod/spec.ts';
import { volumeNameOf } from '#domain/pod/verify-spec.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { PodContext } from '#engine/pods/context.ts';

type Needs = Pick<PodContext, 'podFolders' | 'files'>;
type Owner = { readonly id: string; readonly spec: Pick<PodSpec, 'volumes'> };

/** Where the container's volumes are on the host; empty ones are made. Throws `pod.volume-source`. */
export const mountsOf = async (world: Needs, pod: Owner, spec: PodContainerSpec): Promise<MountRequest[]> =>
  Promise.all(
    spec.volumes.map(async (reference) => {
      const name = volumeNameOf(reference);
      const volume = reference.detail ?? pod.spec.volumes.find((one) => one.name === name);
      const source = volume === undefined ? '' : await sourceOf(world, pod.id, { ...volume, name });
      return bind(source, reference.path, reference.readOnly);
    }),
  );

/** Makes the pod's volumes before any container, also those that nobody mounts yet. Throws `pod.volume-source`. */
export const makeVolumes = async (world: Needs, pod: Owner): Promise<void> => {
  await Promise.all(pod.spec.volumes.map(async (volume) => sourceOf(world, pod.id, volume)));
};

const sourceOf = async (world: Needs, podId: string, { name, kind, source }: PodVolume): Promise<string> => {
  if (kind === 'empty') return world.podFolders.makeVolume(podId, name);
  if ((await world.files.hostKind(source)) === undefined)
    throw engineError('pod.volume-source', { name, path: source });
  return source;
};

export const bind = (source: string, target: string, readOnly: boolean): MountRequest => ({
  type: 'bind',
  source,
  target,
  readOnly,
  bind: { propagation: '', nonRecursive: false, createMountpoint: false },
});
