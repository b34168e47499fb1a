/** What every container's root has below the container's own files: places to mount on, and a mark of what it is. */
export type Ground =
  | { readonly path: string; readonly kind: 'directory' | 'file' }
  | { readonly path: string; readonly kind: 'link'; readonly target: string };

/** docker-semantics.md 2.5. Files are empty and take the place of the image's. */
export const ROOT_GROUND: readonly Ground[] = [
  { path: 'dev/pts', kind: 'directory' },
  { path: 'dev/shm', kind: 'directory' },
  { path: 'proc', kind: 'directory' },
  { path: 'sys', kind: 'directory' },
  { path: '.dockerenv', kind: 'file' },
  { path: 'etc/resolv.conf', kind: 'file' },
  { path: 'etc/hosts', kind: 'file' },
  { path: 'etc/hostname', kind: 'file' },
  { path: 'dev/console', kind: 'file' },
  { path: 'etc/mtab', kind: 'link', target: '/proc/mounts' },
];
