import { engineError } from '#domain/error/catalogue.ts';
import { parseByteSize } from '#domain/value/byte-size.ts';

type Options = Readonly<Record<string, string>>;

/** What a volume of driver `local` shows instead of its own directory: the arguments of mount(2). */
export type VolumeSource = {
  readonly type: string;
  /** A path, or a name that the file system understands. */
  readonly device: string;
  /** As after `mount -o`: flags and what is the file system's own, by commas. */
  readonly options: string;
};

const KNOWN: ReadonlySet<string> = new Set(['type', 'device', 'o', 'size']);

/** What an option makes no sense without, in the order in which it is asked for. */
const COMPANIONS: readonly (readonly [option: string, needed: string])[] = [
  ['type', 'device'],
  ['o', 'device'],
  ['device', 'type'],
  ['o', 'type'],
];

/**
 * Throws `volume.option`, `volume.option-missing` {name, option}, `volume.option-size` {name, size},
 * `volume.no-quota`, `volume.cifs-port` {name}. What the file system makes of them shows at the mount.
 */
export const verifyLocalOptions = (name: string, options: Options): void => {
  const unknown = Object.keys(options).find((option) => !KNOWN.has(option));
  if (unknown !== undefined) throw engineError('volume.option', { name, option: unknown });
  if (options['type'] === 'cifs' && /^(?:\w+:)?\/\/[^/]*:\d+(?:\/|$)/u.test(options['device'] ?? ''))
    throw engineError('volume.cifs-port', { name });
  verifySize(name, options['size']);
  for (const [option, needed] of COMPANIONS)
    if (options[option] !== undefined && options[needed] === undefined)
      throw engineError('volume.option-missing', { name, option: needed });
};

/** A limit for the directory itself (a project quota), which we have not; that of a tmpfs belongs in `o`. */
const verifySize = (name: string, size: string | undefined): void => {
  if (size === undefined) return;
  const bytes = parseByteSize(size);
  if (bytes === undefined) throw engineError('volume.option-size', { name, size });
  if (bytes > 0) throw engineError('volume.no-quota', { name });
};

const FLAGS: ReadonlySet<string> = new Set(
  'ro nosuid nodev noexec noatime nodiratime relatime strictatime'.split(' '),
);

/** What a container may not do with the volume: flags that belong to a mount, so that each new mount of it needs them. */
export const flagsOfOptions = (options: Options): string[] =>
  sourceOfOptions(options)
    ?.options.split(',')
    .filter((word) => FLAGS.has(word)) ?? [];

/** What is to be mounted; undefined for a volume that is its directory. */
export const sourceOfOptions = (options: Options): VolumeSource | undefined => {
  const { type = '', device = '', o = '' } = options;
  return type === '' && device === '' ? undefined : { type, device, options: o };
};
