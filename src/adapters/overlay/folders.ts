import { join } from 'node:path';

/** Where everything lies. All but `mounts` are on one file system. */
export type OverlayFolders = {
  /** `<data root>/overlay`. */
  readonly base: string;
  /** Finished layers and, under names with a dot in front, those under construction. */
  readonly layers: string;
  /** Short names of layers for mount options. */
  readonly links: string;
  /** Writable roots of containers. */
  readonly roots: string;
  /** Mount points of roots, shared with other mount namespaces. */
  readonly mounts: string;
  /** What is to be deleted. */
  readonly trash: string;
};

export const overlayFolders = (dataRoot: string, execRoot?: string): OverlayFolders => {
  const base = join(dataRoot, 'overlay');
  return {
    base,
    layers: join(base, 'layers'),
    links: join(base, 'l'),
    roots: join(base, 'roots'),
    mounts: execRoot === undefined ? join(base, 'mounts') : join(execRoot, 'roots'),
    trash: join(base, 'trash'),
  };
};
