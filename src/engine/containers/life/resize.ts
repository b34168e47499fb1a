import { engineError } from '#domain/error/catalogue.ts';
import type { TerminalSize } from '#engine/ports/container-runtime.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { permit } from '#engine/containers/permit.ts';

const LARGEST = 65_535;

/** Sets the size of a running container's terminal. Without one it is a success too: clients ask without looking. */
export const resize = (
  world: ContainerContext,
  ref: string,
  { rows, columns }: TerminalSize,
): Promise<void> => {
  const id = world.records.idOf(ref);
  if (!isSize(rows) || !isSize(columns)) throw engineError('size.invalid', { rows, columns });
  return world.locks.run(id, async () => {
    const container = world.records.known(id, ref);
    permit(container, 'resize', ref);
    if (container.config.tty) await world.runtime.resize(id, { rows, columns });
    announce(world, 'resize', container, { height: String(rows), width: String(columns) });
  });
};

const isSize = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= LARGEST;
