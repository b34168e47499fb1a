import type { MountPoint } from '#domain/container/config.ts';
import type { Instant } from '#domain/value/instant.ts';

/**
 * Files of containers as archives: out of their roots and into them, and what they changed. A path that a
 * container's processes change meanwhile, links included, never leads out of the container's own files.
 * Paths are the container's. Content is streamed with back-pressure; a reader or writer that stops early leaves
 * nothing behind. A signal drops what has not begun (`cancelled`) and ends what has, even while nobody pulls.
 */
export interface RootArchive {
  /** What the writable layer changed of its image, sorted by path; `/` itself is never listed. */
  changes(id: string, signal?: AbortSignal): Promise<RootChange[]>;
  /** The writable layer as a layer tar (OCI image spec, layer.md): deletions as `.wh.` names. */
  diffTar(id: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** The whole root without what is mounted in it: names relative, mount points as empty directories. */
  exportTar(id: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /**
   * What is at the path: links before the last name are followed, the last only where `/` or `/.` comes after it.
   * `not-found` code `archive.not-found` {path}; `invalid` code `archive.not-a-directory` {path}.
   */
  stat(view: RootView, path: string, signal?: AbortSignal): Promise<PathStat>;
  /** The same, and a tar of it, named by the last name of the path as asked for. */
  read(view: RootView, request: ArchiveRead): Promise<{ stat: PathStat; content: AsyncIterable<Uint8Array> }>;
  /** A regular file of at most so many bytes, links followed; undefined when it is missing or something else. */
  readFile(view: RootView, path: string, limitBytes: number): Promise<Uint8Array | undefined>;
  /**
   * Unpacks a tar (plain, gzip, zstd, bzip2 or xz) below a directory; links in the path are followed. Codes:
   * `archive.not-found`, `archive.not-a-directory`, `archive.read-only-root`, `archive.read-only-volume`,
   * `archive.over-directory` and `archive.over-file` {path, target}, `archive.outside` {path, target}, `tar.*`.
   */
  write(view: RootView, request: ArchiveWrite, content: AsyncIterable<Uint8Array>): Promise<void>;
}

/** Whose files, and with what mounted: a running container's as its first process sees them, less kernel file systems. */
export type RootView = {
  readonly id: string;
  /** Absent unless it runs. `startTime` as in the container's record: another process may have the pid by now. */
  readonly process?: { readonly pid: number; readonly startTime: string };
  readonly mounts: readonly MountPoint[];
  readonly readonlyRoot: boolean;
};

export type ArchiveRead = {
  readonly path: string;
  /** Follows the last name too. */
  readonly follow: boolean;
  readonly signal?: AbortSignal | undefined;
};

export type ArchiveWrite = {
  readonly path: string;
  /** Refuses a file in a directory's place and the other way round; otherwise the new one replaces the old. */
  readonly keepKinds: boolean;
  /** Absent: as the archive says. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly signal?: AbortSignal | undefined;
};

export type RootChange = { readonly path: string; readonly kind: 'modified' | 'added' | 'deleted' };

export type FileKind =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'fifo'
  | 'socket'
  | 'character-device'
  | 'block-device';

export type PathStat = {
  /** Last name of the path as asked for; `/` for the root, `.` for a path that ends so. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly kind: FileKind;
  /** With setuid, setgid and sticky: 0 to 0o7777. */
  readonly permissions: number;
  readonly modifiedAt: Instant;
  /** Of a link: where it leads, as a path of the container; '' otherwise. */
  readonly linkTarget: string;
};
