import { parseName } from '#domain/container/names.ts';
import type { Container } from '#domain/container/container.ts';
import { isLive } from '#domain/container/lifecycle.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { isPodLive } from '#domain/pod/lifecycle.ts';
import type { PodContainerSpec } from '#domain/pod/spec.ts';
import { verifyPodContainer } from '#domain/pod/verify-spec.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import { remove } from '#engine/containers/life/remove.ts';
import { announcePod } from './announce.ts';
import { afterEnd } from './after-end.ts';
import { haltMember } from './bring-down.ts';
import { podLock } from './context.ts';
import type { PodContext } from './context.ts';
import { makeMember } from './create/members.ts';
import { containerName, randomLetters } from './create/names.ts';
import { permitPod } from './pod-records.ts';
import { startOne } from './raise.ts';

const GRACE_SECONDS = 5;

/** One more container in a running pod; the pod's record names it when it is whole. */
export const addContainer = async (
  world: PodContext,
  ref: string,
  wanted: PodContainerSpec,
): Promise<{ id: ContainerId; warnings: string[] }> => {
  const { id } = world.pods.get(ref);
  return world.locks.run(podLock(id), async () => {
    const pod = world.pods.known(id);
    permitPod(pod, 'add-container');
    verifyPodContainer(wanted, pod.spec, 0);
    const spec = {
      ...wanted,
      name: wanted.name === '' ? containerName(id, wanted.image, randomLetters()) : parseName(wanted.name),
    };
    const holder = world.records.idOfName(spec.name);
    if (holder !== undefined) throw engineError('container.name-in-use', { name: spec.name, id: holder });
    const { member, warnings } = await makeMember(world, pod, spec);
    const containers = [...world.pods.known(id).containers, member];
    announcePod(world, 'update', world.pods.change(id, { containers }, 'now'));
    return { id: member.id, warnings };
  });
};

export const startContainer = async (world: PodContext, ref: string): Promise<void> => {
  const { id, podId } = memberOf(world, ref);
  await world.locks.run(podLock(podId), async () => {
    const pod = world.pods.known(podId);
    if (pod.status !== 'running') throw engineError('pod.not-running', { id: podId, status: pod.status });
    await startOne(world, id);
  });
  afterEnd(world, world.pods.known(podId));
};

export const stopContainer = async (
  world: PodContext,
  ref: string,
  options: { readonly timeoutSeconds?: number },
): Promise<void> => {
  const { id, state, podId } = memberOf(world, ref);
  const pod = world.pods.known(podId);
  if (!isPodLive(pod.status)) throw engineError('pod.not-running', { id: podId, status: pod.status });
  if (!isLive(state.status)) return;
  if (pod.status === 'paused') throw engineError('pod.paused', { id: podId });
  await haltMember(world, id, options.timeoutSeconds ?? GRACE_SECONDS);
};

export const removeContainer = async (
  world: PodContext,
  ref: string,
  options: { readonly timeoutSeconds?: number },
): Promise<void> => {
  const { id, state, podId } = memberOf(world, ref);
  if (isLive(state.status)) await haltMember(world, id, options.timeoutSeconds ?? GRACE_SECONDS);
  // The pod's record loses it when it is gone.
  await remove(world, id, { force: true, volumes: true, link: false });
  const pod = world.pods.find(podId);
  if (pod !== undefined) announcePod(world, 'update', pod);
};

/** Throws `pod.no-container` for a container on its own. */
export const memberOf = (world: PodContext, ref: string): Container & { readonly podId: string } => {
  const container = world.records.get(ref);
  const { podId } = container;
  if (podId === undefined) throw engineError('pod.no-container', { ref });
  return { ...container, podId };
};
