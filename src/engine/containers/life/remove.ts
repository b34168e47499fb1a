import { atRest, withState } from '#domain/container/exit-state.ts';
import { withoutWish, withWish } from '#domain/container/life/wish.ts';
import type { Container } from '#domain/container/container.ts';
import { isLive } from '#domain/container/lifecycle.ts';
import { SIGKILL } from '#domain/container/signals.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { removeAnonymousVolumes } from '#engine/containers/create/volumes.ts';
import { removeLink } from '#engine/containers/links/linked-children.ts';
import { permit } from '#engine/containers/permit.ts';
import { releaseImage } from '#engine/containers/release-image.ts';
import { forgetWish } from './forget-wish.ts';
import { halt } from './halt.ts';

export type RemoveOptions = { readonly force: boolean; readonly volumes: boolean; readonly link: boolean };

/** Removes the container and all that is its own (docker-semantics.md 5). */
export const remove = async (world: ContainerContext, ref: string, options: RemoveOptions): Promise<void> => {
  if (options.link) {
    await removeLink(world, ref);
    return;
  }
  const container = world.records.get(ref);
  const { id } = container;
  // Told before the lock: the removal under way holds it.
  permit(container, options.force ? 'force-remove' : 'remove', ref);
  for (let isDone = false; !isDone;) {
    if (options.force) await killFirst(world, id, ref, options);
    isDone = await world.locks.run(id, async () => {
      const now = world.records.find(id);
      // Auto-remove may have been quicker.
      if (now === undefined) return true;
      // A start was under way when we looked.
      if (options.force && isLive(now.state.status)) return false;
      permit(now, 'remove', ref);
      await removeLocked(world, now, options);
      return true;
    });
  }
};

const killFirst = async (
  world: ContainerContext,
  id: ContainerId,
  ref: string,
  { volumes }: RemoveOptions,
): Promise<void> => {
  const status = world.records.find(id)?.state.status;
  if (status === undefined || !isLive(status)) return;
  world.runs.of(id).pendingRestart?.abort();
  try {
    const wish = { kind: 'remove', volumes } as const;
    await halt(world, id, { ref, command: 'kill', signal: SIGKILL, waitMs: 0, wish });
  } catch (error) {
    // It ended, or was removed, a moment before.
    if (isEngineError(error, 'conflict') || isEngineError(error, 'not-found')) return;
    await forgetWish(world, id, 'remove');
    throw error;
  }
};

/**
 * Removes a container that does not run, its lock held. If a step fails it stays listed as `dead`
 * and the removal can be tried again.
 */
export const removeLocked = async (
  world: ContainerContext,
  container: Container,
  options: { readonly volumes: boolean },
): Promise<void> => {
  const { id } = container;
  const wished = withWish(container, { kind: 'remove', volumes: options.volumes });
  const removing = world.records.put(withState(wished, { status: 'removing' }), 'anyhow');
  try {
    await Promise.all([world.snapshotter.removeRoot(id), world.logs.remove(id), world.files.remove(id)]);
    if (options.volumes) await removeAnonymousVolumes(world, id, container.mounts);
    // Lost in a power cut, it leaves `removing`, which recovery finishes.
    world.records.remove(id, 'soon-anyhow');
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    world.records.put(atRest(withoutWish(removing), { status: 'dead', error: text }), 'anyhow');
    world.waiters.removalFailed(id, { exitCode: container.state.exitCode, error: text });
    throw error;
  }
  releaseImage(world, container);
  world.runs.forget(id);
  world.pods.containerRemoved(container);
  announce(world, 'destroy', removing);
  world.waiters.removed(id, { exitCode: container.state.exitCode });
  world.streams.afterRemove(id);
};
