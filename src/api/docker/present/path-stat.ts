import type { FileKind, PathStat } from '#engine/engine.ts';
import { presentTime } from './time.ts';

/** Go's file mode bits (docker-shapes.md 15). */
const KIND_BITS: Readonly<Record<FileKind, number>> = {
  file: 0,
  directory: 2 ** 31,
  symlink: 2 ** 27,
  'block-device': 2 ** 26,
  'character-device': 2 ** 26 + 2 ** 21,
  fifo: 2 ** 25,
  socket: 2 ** 24,
};

const SPECIAL_BITS = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
] as const;

/** As Go's `os.FileMode`; more than 31 bits, so added up and not or-ed. */
export const goFileMode = ({ kind, permissions }: Pick<PathStat, 'kind' | 'permissions'>): number =>
  SPECIAL_BITS.reduce(
    (mode, [bit, goBit]) => mode + ((permissions & bit) === 0 ? 0 : goBit),
    KIND_BITS[kind] + (permissions & 0o777),
  );

/** The header that describes what an archive is of. */
export const presentPathStat = (stat: PathStat): Record<string, string> => {
  const shown = {
    name: stat.name,
    size: stat.sizeBytes,
    mode: goFileMode(stat),
    mtime: presentTime(stat.modifiedAt),
    linkTarget: stat.linkTarget,
  };
  return { 'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(shown)).toString('base64') };
};
