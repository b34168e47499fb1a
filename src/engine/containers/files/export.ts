import type { ContainerContext } from '#engine/containers/context.ts';
import { announce } from '#engine/containers/announce.ts';
import type { RootChange } from '#engine/ports/root-archive.ts';

type Needs = Pick<ContainerContext, 'archive' | 'records' | 'events' | 'state'>;

/** The whole root as a tar, without volumes (docker-semantics.md 11.4). */
export const exportRoot = (world: Needs, ref: string, signal: AbortSignal): AsyncIterable<Uint8Array> => {
  const container = world.records.get(ref);
  const content = world.archive.exportTar(container.id, signal);
  announce(world, 'export', container);
  return content;
};

/** What its writable layer changed of its image (docker-semantics.md 11.5). */
export const changes = async (world: Needs, ref: string, signal: AbortSignal): Promise<RootChange[]> =>
  world.archive.changes(world.records.get(ref).id, signal);
