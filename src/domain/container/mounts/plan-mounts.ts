import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerConfig, HostConfig, MountPoint, MountRequest } from '#domain/container/config.ts';
import { isVolumeName } from '#domain/container/names.ts';
import { cleanDestination, cleanPath, isPropagation, isWritableMode, parseBind } from './bind-spec.ts';
import { tmpfsOptionsOfRequest, tmpfsOptionsOfText } from './tmpfs.ts';

/** A mount as wanted: volumes are still to be made, paths still to be looked at. */
export type PlannedMount = {
  readonly point: MountPoint;
  /** The host path must be there already (`Mounts` without CreateMountpoint). */
  readonly mustExist?: boolean;
  readonly volume?: {
    /** '' = a new anonymous one. */
    readonly name: string;
    readonly driver: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly options: Readonly<Record<string, string>>;
    /** Fill an empty volume with what the image has at the destination. */
    readonly copyUp: boolean;
  };
};

/** Mounts of the container that `volumes-from` names; throws `container.not-found`. */
export type MountsOf = (ref: string) => readonly MountPoint[];

type Wanted = Pick<HostConfig, 'binds' | 'mounts' | 'tmpfs' | 'volumesFrom' | 'volumeDriver'>;

/**
 * Every mount of a container by destination. Later sources win over volumes-from; among binds,
 * mounts and tmpfs a destination may occur once; declared volumes fill what is left
 * (docker-semantics.md 6.2, docker-modern.md 3.3).
 */
export const planMounts = (
  host: Wanted,
  config: Pick<ContainerConfig, 'volumes'>,
  existing: readonly MountPoint[],
  mountsOf: MountsOf,
): PlannedMount[] => {
  const chosen = new Map<string, PlannedMount>();
  for (const point of [...existing, ...host.volumesFrom.flatMap((spec) => inherited(spec, mountsOf))]) {
    chosen.set(point.destination, { point });
  }
  const explicit = [
    ...host.binds.map((spec) => plannedBind(spec, host.volumeDriver)),
    ...host.mounts.map(plannedMount),
    ...Object.entries(host.tmpfs).map(([path, options]) => plannedTmpfs(path, options)),
  ];
  for (const mount of withoutDuplicates(explicit)) chosen.set(mount.point.destination, mount);
  for (const path of config.volumes) {
    const destination = cleanDestination(path);
    if (!chosen.has(destination))
      chosen.set(destination, plannedVolume({ destination, driver: host.volumeDriver }));
  }
  return [...chosen.values()];
};

const withoutDuplicates = (mounts: readonly PlannedMount[]): readonly PlannedMount[] => {
  const seen = new Set<string>();
  for (const { point } of mounts) {
    if (seen.has(point.destination)) throw engineError('mount.duplicate', { destination: point.destination });
    seen.add(point.destination);
  }
  return mounts;
};

const inherited = (spec: string, mountsOf: MountsOf): MountPoint[] => {
  const [ref = '', mode = '', ...rest] = spec.split(':');
  if (ref === '' || rest.length > 0) throw engineError('mount.volumes-from', { spec });
  const isWritable = isWritableMode(mode);
  return mountsOf(ref)
    .filter(({ type }) => type !== 'tmpfs')
    .map((point) => ({ ...point, mode, writable: point.writable && isWritable }));
};

const plannedBind = (spec: string, volumeDriver: string): PlannedMount => {
  const bind = parseBind(spec);
  if (!bind.isHostPath) {
    return plannedVolume({ ...bind, name: bind.source, driver: volumeDriver, copyUp: !bind.noCopy });
  }
  const { source, destination, mode, writable, propagation } = bind;
  return { point: { type: 'bind', name: '', source, destination, driver: '', mode, writable, propagation } };
};

const plannedMount = (request: MountRequest): PlannedMount => {
  const destination = cleanDestination(request.target, { type: request.type });
  const common = { destination, mode: '', writable: !request.readOnly, propagation: '' };
  if (request.type === 'bind') return bindMount(request, common);
  if (request.type === 'tmpfs') return tmpfsMount(request, common);
  if (request.type === 'volume') return volumeMount(request, common);
  throw engineError('mount.unsupported', { type: request.type });
};

type Common = Omit<MountPoint, 'type' | 'name' | 'source' | 'driver'>;

const tmpfsMount = (request: MountRequest, common: Common): PlannedMount => {
  if (request.source !== '') throw engineError('mount.source-given', { source: request.source });
  const options = tmpfsOptionsOfRequest(request);
  return { point: { ...common, type: 'tmpfs', name: '', source: '', driver: '', options } };
};

const volumeMount = ({ source, volume, readOnly }: MountRequest, common: VolumeWish): PlannedMount => {
  if (source === '' && readOnly) throw engineError('mount.anonymous-read-only');
  if (volume === undefined) return plannedVolume({ ...common, name: source });
  if (volume.subpath !== '') throw engineError('mount.subpath');
  const { driver, labels, driverOptions, noCopy } = volume;
  return plannedVolume({ ...common, name: source, driver, labels, options: driverOptions, copyUp: !noCopy });
};

const bindMount = (request: MountRequest, common: Common): PlannedMount => {
  const propagation = request.bind?.propagation ?? '';
  if (request.source !== '' && !isPropagation(propagation))
    throw engineError('mount.propagation', { propagation });
  if (!request.source.startsWith('/')) throw engineError('mount.source-relative', { path: request.source });
  const source = cleanPath(request.source);
  return {
    point: { ...common, type: 'bind', name: '', source, driver: '', propagation, ...depthOf(request) },
    mustExist: request.bind?.createMountpoint !== true,
  };
};

const depthOf = ({ readOnly, bind }: MountRequest): Pick<MountPoint, 'depth'> => {
  const { nonRecursive, readOnlyNonRecursive, readOnlyForceRecursive } = bind ?? {};
  if (readOnlyNonRecursive === true && readOnlyForceRecursive === true)
    throw engineError('mount.read-only-depth');
  if (nonRecursive === true) return { depth: 'alone' };
  return readOnly && readOnlyNonRecursive === true ? { depth: 'writable-below' } : {};
};

const plannedTmpfs = (path: string, options: string): PlannedMount => ({
  point: {
    type: 'tmpfs',
    name: '',
    source: '',
    destination: cleanDestination(path),
    driver: '',
    mode: options,
    writable: !options.split(',').includes('ro'),
    propagation: '',
    hidden: true,
    options: tmpfsOptionsOfText(options),
  },
});

type VolumeWish = {
  readonly destination: string;
  readonly name?: string;
  readonly driver?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, string>>;
  readonly mode?: string;
  readonly writable?: boolean;
  readonly copyUp?: boolean;
};

const WISH = { name: '', driver: '', labels: {}, options: {}, mode: '', writable: true, copyUp: true };

const plannedVolume = (wish: VolumeWish): PlannedMount => {
  const { destination, name, labels, options, mode, writable, copyUp, ...rest } = { ...WISH, ...wish };
  if (name !== '' && !isVolumeName(name)) throw engineError('volume.name-invalid', { name });
  const driver = rest.driver === '' ? 'local' : rest.driver;
  const common = {
    type: 'volume',
    name,
    source: '',
    destination,
    driver,
    writable,
    propagation: '',
  } as const;
  // A named volume without a mode is shared between containers: engines show `z`.
  const point =
    name === '' ? { ...common, mode, anonymous: true } : { ...common, mode: mode === '' ? 'z' : mode };
  return { point, volume: { name, driver, labels, options, copyUp } };
};
