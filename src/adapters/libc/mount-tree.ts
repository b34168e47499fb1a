import { mountFlags } from './mounts.ts';
import { check, libc } from './library.ts';

/** Node's own would warn of a descriptor that it has not opened. */
const closeCall = libc.func('int close(int descriptor)');
const openTreeCall = libc.func(
  'long syscall(long number, int directory, const char *path, unsigned int flags)',
);
const setAttributesCall = libc.func(
  'long syscall(long number, int directory, const char *path, unsigned int flags, void *attributes, size_t size)',
);
const moveMountCall = libc.func(
  'long syscall(long number, int fromDirectory, const char *from, int toDirectory, const char *to, unsigned int flags)',
);

/** The same on every architecture: they came after the numbers were unified. */
const OPEN_TREE = 428;
const MOVE_MOUNT = 429;
const MOUNT_SETATTR = 442;

const AT_WORKING_DIRECTORY = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_RECURSIVE = 0x8000;
const CLONE_AND_CLOSE_ON_EXEC = 1 | 0o2000000;
const FROM_DESCRIPTOR = 4;

const ATIME_MASK = 0x70n;

/** Flags of mount(2) as attributes of a mount (mount_setattr(2)). */
const ATTRIBUTES: readonly (readonly [flag: number, attribute: bigint])[] = [
  [mountFlags.readOnly, 1n],
  [mountFlags.noSuid, 2n],
  [mountFlags.noDev, 4n],
  [mountFlags.noExec, 8n],
  [mountFlags.noAtime, 0x10n],
  [mountFlags.strictAtime, 0x20n],
  [mountFlags.noDirAtime, 0x80n],
];

export type TreeMount = {
  readonly source: string;
  readonly target: string;
  /** Of `mountFlags`; `recursive` takes what is mounted below the source along. */
  readonly flags: number;
};

/**
 * Mounts a directory at another place with its own flags, in one step. What the machine mounts and unmounts below the
 * source later shows at the target; what is unmounted at the target never takes the source's mounts with it, as it
 * would after a bind by mount(2), which makes the two peers. Blocks the calling thread; throws SystemCallError.
 */
export const mountTree = ({ source, target, flags }: TreeMount): void => {
  const recursive = (flags & mountFlags.recursive) === 0 ? 0 : AT_RECURSIVE;
  const openFlags = CLONE_AND_CLOSE_ON_EXEC | recursive;
  const tree = check(
    'open_tree',
    openTreeCall(OPEN_TREE, AT_WORKING_DIRECTORY, source, openFlags) as number,
    source,
  );
  try {
    const attributes = toAttributes(flags);
    const { length } = attributes;
    const at = AT_EMPTY_PATH | recursive;
    check(
      'mount_setattr',
      setAttributesCall(MOUNT_SETATTR, tree, '', at, attributes, length) as number,
      source,
    );
    const moved = moveMountCall(
      MOVE_MOUNT,
      tree,
      '',
      AT_WORKING_DIRECTORY,
      target,
      FROM_DESCRIPTOR,
    ) as number;
    check('move_mount', moved, target);
  } finally {
    closeCall(tree);
  }
};

/** struct mount_attr: what to set, what to clear, the propagation, no user namespace. */
const toAttributes = (flags: number): Buffer => {
  const set = ATTRIBUTES.reduce(
    (sum, [flag, attribute]) => ((flags & flag) === 0 ? sum : sum | attribute),
    0n,
  );
  const isTimed = (flags & (mountFlags.noAtime | mountFlags.strictAtime | mountFlags.relAtime)) !== 0;
  const propagation = (flags & mountFlags.private) === 0 ? mountFlags.slave : mountFlags.private;
  const attributes = Buffer.alloc(32);
  attributes.writeBigUInt64LE(set, 0);
  attributes.writeBigUInt64LE(isTimed ? ATIME_MASK : 0n, 8);
  attributes.writeBigUInt64LE(BigInt(propagation), 16);
  return attributes;
};
