import { parseName } from '#domain/container/names.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { Pod } from '#domain/pod/pod.ts';
import type { PodSpec } from '#domain/pod/spec.ts';
import { verifyPodSpec } from '#domain/pod/verify-spec.ts';
import { NEVER } from '#domain/value/instant.ts';
import type { PodId } from '#domain/value/flavor.ts';
import { settleAll } from '#engine/containers/launch/settle-all.ts';
import type { CreatePod } from '#engine/engine.ts';
import { announcePod } from '#engine/pods/announce.ts';
import { boot } from '#engine/pods/boot.ts';
import { podLock } from '#engine/pods/context.ts';
import type { PodContext } from '#engine/pods/context.ts';
import { discardPod } from '#engine/pods/discard.ts';
import { isolationOf } from '#engine/pods/sandboxes.ts';
import { makeMember } from './members.ts';
import { makeVolumes } from './mounts.ts';
import { containerName, randomLetters } from './names.ts';

/** Makes a pod, with its sandbox if asked; a create that fails leaves nothing behind. */
export const createPod = async (
  world: PodContext,
  wanted: PodSpec,
  options: CreatePod,
): Promise<{ id: PodId; warnings: string[] }> => {
  const asked = { ...wanted, isolation: isolationOf(world, wanted.isolation) };
  verifyPodSpec(asked);
  const spec = withDefaults(asked);
  refuseTaken(world, spec);
  for (const { image } of spec.containers) world.images.get(image);
  return world.locks.run(podLock(spec.id), async () => {
    refuseTaken(world, spec);
    const intent = world.pods.put(draft(world, spec), 'soon');
    try {
      await makeVolumes(world, intent);
      const [made] = await settleAll([
        settleAll(spec.containers.map(async (one) => makeMember(world, intent, one))),
        options.boot ? boot(world, intent, undefined) : undefined,
      ]);
      const created = world.pods.change(
        spec.id,
        { containers: made.map(({ member }) => member), status: options.boot ? 'running' : 'created' },
        'now',
      );
      announcePod(world, 'create', created);
      return { id: spec.id, warnings: made.flatMap(({ warnings }) => warnings) };
    } catch (error) {
      await discardPod(world, spec.id);
      throw error;
    }
  });
};

const LONGEST_HOSTNAME = 63;

const withDefaults = (spec: PodSpec): PodSpec => {
  const id = spec.id === '' ? `pod-${randomLetters()}` : spec.id;
  const name = spec.name === '' ? id : spec.name;
  return {
    ...spec,
    id,
    name,
    hostname: spec.hostname === '' ? hostnameOf(name) : spec.hostname,
    isolation: 'namespace',
    containers: spec.containers.map((container, index) => ({
      ...container,
      name: container.name === '' ? containerName(id, container.image, index) : parseName(container.name),
    })),
  };
};

/** What of a name no host could have is a dash. */
const hostnameOf = (name: string): string =>
  name.replaceAll(/[^a-zA-Z0-9_.-]/gu, '-').slice(0, LONGEST_HOSTNAME);

/** Throws `pod.exists`, `container.name-in-use`. */
const refuseTaken = (world: PodContext, { id, containers }: PodSpec): void => {
  if (world.pods.find(id) !== undefined) throw engineError('pod.exists', { id });
  for (const container of containers) {
    const holder = world.records.idOfName(container.name);
    if (holder !== undefined)
      throw engineError('container.name-in-use', { name: container.name, id: holder });
  }
};

const draft = (world: PodContext, spec: PodSpec): Pod => ({
  id: spec.id,
  name: spec.name,
  createdAt: world.clock.now(),
  spec,
  containers: [],
  status: 'creating',
  error: '',
  sandboxId: '',
  isBooted: false,
  endpoints: [],
  published: [],
  startedAt: NEVER,
  finishedAt: NEVER,
});
