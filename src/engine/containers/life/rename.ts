import { parseName } from '#domain/container/names.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';

/** Gives another name, in any state; the old one is free at once. Its own name is refused (docker-semantics.md 3.8). */
export const rename = (world: ContainerContext, ref: string, wanted: string): Promise<void> => {
  const id = world.records.idOf(ref);
  if (wanted === '') throw engineError('container.name-empty');
  const name = parseName(wanted);
  return world.locks.run(id, async () => {
    const container = world.records.known(id, ref);
    if (container.name === name) throw engineError('container.name-kept', { name, id });
    const renamed = world.records.put({ ...container, name });
    announce(world, 'rename', renamed, { oldName: `/${container.name}` });
  });
};
