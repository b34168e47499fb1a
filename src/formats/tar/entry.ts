export type TarKind =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'hard-link'
  | 'character-device'
  | 'block-device'
  | 'fifo'
  /** A type flag this reader knows no meaning for; `typeFlag` has it. */
  | 'other';

/** A moment as tar knows it: whole seconds since 1970 (negative before) and 0 to 999,999,999 nanoseconds after that. */
export type TarTime = { readonly seconds: number; readonly nanoseconds: number };

/** One entry as read. Names are bytes: they need not be UTF-8. */
export type TarEntry = {
  readonly kind: TarKind;
  readonly typeFlag: string;
  /** As written in the archive: may be absolute, hold `..` or end with `/`. */
  readonly path: Buffer;
  /** Target of a symbolic or hard link; empty otherwise. */
  readonly linkPath: Buffer;
  /** Permission bits with setuid, setgid and sticky (0 to 0o7777). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly userName: string;
  readonly groupName: string;
  /** Bytes of content, holes of sparse files included; 0 for everything but files. */
  readonly sizeBytes: number;
  readonly modified: TarTime;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Extended attributes; each character of a key is one byte of the name. */
  readonly xattrs: ReadonlyMap<string, Buffer>;
};

/** What a writer needs to know of an entry; left out = 0, empty or now's default. Strings are written as UTF-8. */
export type TarHeader = {
  readonly kind: Exclude<TarKind, 'other'>;
  readonly path: string | Uint8Array;
  readonly linkPath?: string | Uint8Array;
  /** Default 0o755 for directories, 0o777 for symbolic links, else 0o644. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly userName?: string;
  readonly groupName?: string;
  /** Required for files with content; must be 0 or absent for other kinds. */
  readonly sizeBytes?: number;
  /** Nanoseconds other than 0 cost a PAX record. */
  readonly modified?: TarTime;
  readonly deviceMajor?: number;
  readonly deviceMinor?: number;
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
};

export type TarLimits = {
  /** Largest PAX or GNU extension of one entry, sparse maps included. */
  readonly extendedHeaderBytes: number;
  /** Longest name or link target. */
  readonly pathBytes: number;
  readonly entries: number;
};

/** Go's limit for extensions; names far past what any kernel takes (PATH_MAX is 4096). */
export const DEFAULT_TAR_LIMITS: TarLimits = {
  extendedHeaderBytes: 1 << 20,
  pathBytes: 1 << 16,
  entries: Number.POSITIVE_INFINITY,
};

export const BLOCK_BYTES = 512;

/** Zero bytes that follow content of this size up to the next block. */
export const paddingAfter = (sizeBytes: number): number =>
  (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
