import type { Container } from '#domain/container/container.ts';
import { withState } from '#domain/container/exit-state.ts';
import { withWish } from '#domain/container/life/wish.ts';
import type { Wish } from '#domain/container/life/wish.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { watchHealth } from '#engine/containers/health/watch-health.ts';

/**
 * Sends a signal to a live container's process, the lock held. A signal by hand suspends the restart policy for this
 * run (docker-semantics.md 3.4), and a paused container is thawed to receive it, unless it is `passing`: one of those
 * that are not meant to end it.
 */
export const deliver = async (
  world: ContainerContext,
  container: Container,
  signal: number,
  { passing = false, wish }: { readonly passing?: boolean; readonly wish?: Wish | undefined } = {},
): Promise<Container> => {
  const isByHand = !world.leaving.aborted && !passing;
  const marked = isByHand ? markWished(world, container, wish) : container;
  await world.runtime.signal(marked.id, signal);
  announce(world, 'kill', marked, { signal: String(signal) });
  return marked.state.status === 'paused' && !passing ? thaw(world, marked) : marked;
};

const markWished = (world: ContainerContext, container: Container, wish: Wish | undefined): Container => {
  if (wish === undefined && container.state.stopRequested) return container;
  const stopped = withState(container, { stopRequested: true });
  return world.records.put(wish === undefined ? stopped : withWish(stopped, wish), 'anyhow');
};

/** Lets a paused container run again. */
export const thaw = async (world: ContainerContext, container: Container): Promise<Container> => {
  await world.runtime.resume(container.id);
  const running = world.records.put(withState(container, { status: 'running' }), 'anyhow');
  announce(world, 'unpause', running);
  watchHealth(world, running);
  return running;
};
