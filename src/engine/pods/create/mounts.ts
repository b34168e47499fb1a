import type { MountRequest } from '#domain/container/config.ts';
import type { PodContainerSpec, PodSpec, PodVolume } from '#domain/pod/spec.ts';
import { volumeNameOf } from '#domain/pod/verify-spec.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { settleAll } from '#engine/containers/launch/settle-all.ts';
import type { PodContext } from '#engine/pods/context.ts';

type Needs = Pick<PodContext, 'podFolders' | 'files'>;
type Owner = { readonly id: string; readonly spec: Pick<PodSpec, 'volumes'> };

/** Where the container's volumes are on the host; empty ones are made. Throws `pod.volume-source`. */
export const mountsOf = async (world: Needs, pod: Owner, spec: PodContainerSpec): Promise<MountRequest[]> => {
  const volumes = spec.volumes.flatMap((reference) => {
    const name = volumeNameOf(reference);
    const found = reference.detail ?? pod.spec.volumes.find((one) => one.name === name);
    return found === undefined ? [] : [{ reference, volume: { ...found, name } }];
  });
  const sources = await sourcesOf(
    world,
    pod.id,
    volumes.map(({ volume }) => volume),
  );
  return volumes.map(({ reference }, index) =>
    bind(sources[index] ?? '', reference.path, reference.readOnly),
  );
};

/** Makes the pod's volumes before any container, also those that nobody mounts yet. Throws `pod.volume-source`. */
export const makeVolumes = async (world: Needs, pod: Owner): Promise<void> =>
  void (await sourcesOf(world, pod.id, pod.spec.volumes));

/** None is made before those that must be there have been found. */
const sourcesOf = async (world: Needs, podId: string, volumes: readonly PodVolume[]): Promise<string[]> => {
  for (const { name, kind, source } of volumes) {
    if (kind !== 'empty' && (await world.files.hostKind(source)) === undefined)
      throw engineError('pod.volume-source', { name, path: source });
  }
  return settleAll(
    volumes.map(async ({ name, kind, source }) =>
      kind === 'empty' ? world.podFolders.makeVolume(podId, name) : source,
    ),
  );
};

export const bind = (source: string, target: string, readOnly: boolean): MountRequest => ({
  type: 'bind',
  source,
  target,
  readOnly,
  bind: { propagation: '', nonRecursive: false, createMountpoint: false },
});
