import { engineError } from '#domain/error/catalogue.ts';
import { isLive } from '#domain/container/lifecycle.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import type { ProcessListing } from '#engine/ports/process-table.ts';

/** The processes of a running or paused container (docker-semantics.md 20). No lock: they come and go anyway. */
export const top = async (
  world: ContainerContext,
  ref: string,
  psArguments: readonly string[] | undefined,
): Promise<ProcessListing> => {
  const container = world.records.get(ref);
  verifyArguments(psArguments ?? []);
  const { id, name, state } = container;
  if (state.status === 'restarting') throw engineError('container.restarting', { id, ref, name });
  if (!isLive(state.status)) throw engineError('container.not-running', { id, ref, name });
  const pids = await world.runtime.processes(id);
  const listing =
    psArguments === undefined
      ? await world.processes.list(pids)
      : await world.processes.select(pids, psArguments);
  announce(world, 'top', container);
  return listing;
};

/** Another column must not call itself PID: lines are chosen by that one. */
const verifyArguments = (words: readonly string[]): void => {
  for (const [, name = '', value = ''] of ` ${words.join(' ')}`.matchAll(/\s+([^\s]*)=\s*(PID[^\s]*)/g))
    if (name !== 'pid') throw engineError('top.arguments', { name, value });
};
