import { isLive } from '#domain/container/lifecycle.ts';
import type { Pod } from '#domain/pod/pod.ts';
import type { PodContext } from './context.ts';

/** Whether each of its containers has run and is over; a pod without any has nothing to end. */
export const hasEnded = (world: Pick<PodContext, 'records'>, { containers }: Pod): boolean =>
  containers.length > 0 &&
  containers.every(({ id }) => {
    const status = world.records.find(id)?.state.status;
    return status === undefined || (status !== 'created' && !isLive(status));
  });
