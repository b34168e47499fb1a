import { engineError } from '#domain/error/catalogue.ts';
import type { MountRequest } from '#domain/container/config.ts';

const FLAGS = new Set(
  (
    'ro rw suid nosuid dev nodev exec noexec sync async dirsync mand nomand atime noatime diratime nodiratime ' +
    'relatime norelatime strictatime nostrictatime'
  ).split(' '),
);
const WITH_VALUE = new Set(['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol', 'huge']);

/** Options of `HostConfig.Tmpfs`: `rw,size=64m,mode=1777`; throws `mount.tmpfs-option`. */
export const tmpfsOptionsOfText = (text: string): string[] => {
  const options = text.split(',').filter((option) => option !== '');
  for (const option of options) verifyOption(option);
  return options;
};

/** Options of a tmpfs in `HostConfig.Mounts`; the mode's number is octal on the command line. */
export const tmpfsOptionsOfRequest = ({ tmpfs, readOnly }: MountRequest): string[] => {
  const extra = (tmpfs?.options ?? []).map((pair) => pair.join('='));
  for (const option of extra) verifyOption(option);
  return [
    ...(readOnly ? ['ro'] : []),
    ...(tmpfs !== undefined && tmpfs.sizeBytes > 0 ? [`size=${BigInt(tmpfs.sizeBytes)}`] : []),
    ...(tmpfs !== undefined && tmpfs.mode > 0 ? [`mode=${tmpfs.mode.toString(8)}`] : []),
    ...extra,
  ];
};

const verifyOption = (option: string): void => {
  const equals = option.indexOf('=');
  const isKnown = equals === -1 ? FLAGS.has(option) : WITH_VALUE.has(option.slice(0, equals));
  if (!isKnown) throw engineError('mount.tmpfs-option', { option });
};
