import { engineError } from '#domain/error/catalogue.ts';
import type { PlannedMount } from './plan-mounts.ts';

const HARMLESS = new Set(['rslave', 'rshared']);

/**
 * A bind that shows the daemon's own root, or a part of it, must see its mounts go: held privately by a container, the
 * root of another one could never be removed. Throws `mount.propagation-of-data-root`.
 */
export const withDataRootAsSlave = (mounts: readonly PlannedMount[], root: string): PlannedMount[] =>
  mounts.map((mount) => {
    const { type, source, propagation } = mount.point;
    if (type !== 'bind' || !(isWithin(source, root) || isWithin(root, source))) return mount;
    if (propagation === '') return { ...mount, point: { ...mount.point, propagation: 'rslave' } };
    if (HARMLESS.has(propagation)) return mount;
    throw engineError('mount.propagation-of-data-root', { root, source, propagation });
  });

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
