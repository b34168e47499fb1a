import { walkUpper } from './upper-layer.ts';

import type { RootChange } from '#engine/ports/root-archive.ts';
import type { StopFlag } from './stop-flag.ts';
import type { LayerFolders } from './upper-layer.ts';

/** docker-semantics.md 11.5: a directory in which names came or went is itself modified. */
export const listChanges = (folders: LayerFolders, stop: StopFlag): RootChange[] => {
  const kinds = new Map<string, RootChange['kind']>();
  walkUpper(folders, ({ path, kind }) => {
    stop.check();
    if (kind === 'same') return;
    kinds.set(path, kind);
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (kind !== 'modified' && parent !== '' && !kinds.has(parent)) kinds.set(parent, 'modified');
  });
  const ordered = [...kinds].toSorted(([one], [other]) => compareBytes(one, other));
  return ordered.map(([path, kind]) => ({ path: `/${Buffer.from(path, 'latin1').toString()}`, kind }));
};

const compareBytes = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
