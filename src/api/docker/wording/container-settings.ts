import type { ErrorParams } from '#domain/error/engine-error.ts';
import type { Wording } from './wording.ts';

const words =
  (message: (params: ErrorParams) => string): Wording =>
  ({ params }) => ({ message: message(params) });

/** Contradictions that the engine calls conflicts are bad requests today. */
const refusal =
  (message: (params: ErrorParams) => string): Wording =>
  ({ params }) => ({ status: 400, message: message(params) });

const HEALTH_FIELDS: Readonly<Record<string, string>> = {
  interval: 'Interval in Healthcheck cannot be less than 1ms',
  timeout: 'Timeout in Healthcheck cannot be less than 1ms',
  'start period': 'StartPeriod in Healthcheck cannot be less than 1ms',
  'start interval': 'StartInterval in Healthcheck cannot be less than 1ms',
  retries: 'Retries in Healthcheck cannot be negative',
};

const isHost = ({ network }: ErrorParams): boolean => network === 'host';

const missingCpus = ({ which, value, available }: ErrorParams): string =>
  which === 'mems'
    ? `Requested memory nodes are not available - requested ${value}, available: ${available}`
    : `Requested CPUs are not available - requested ${value}, available: ${available}`;

const NETWORK_MODE: Readonly<Record<string, Wording>> = {
  'network-mode.no-target': words(() => 'Invalid network mode: invalid container format container:<name|id>'),
  'network-mode.hostname': refusal(() => 'conflicting options: hostname and the network mode'),
  'network-mode.links': refusal((params) =>
    isHost(params)
      ? "conflicting options: host type networking can't be used with links. This would result in undefined behavior"
      : "conflicting options: container type network can't be used with links. This would result in undefined behavior",
  ),
  'network-mode.dns': refusal(() => 'conflicting options: dns and the network mode'),
  'network-mode.extra-hosts': refusal(
    () => 'conflicting options: custom host-to-IP mapping and the network mode',
  ),
  'network-mode.mac-address': refusal(() => 'conflicting options: mac-address and the network mode'),
  'network-mode.ports': refusal(
    () => 'conflicting options: port publishing and the container type network mode',
  ),
  'network-mode.expose': refusal(
    () => 'conflicting options: port exposing and the container type network mode',
  ),
  'namespace-mode.invalid': words(
    ({ namespace, mode }) => `invalid ${String(namespace).toUpperCase()} mode: ${mode}`,
  ),
};

const LIMITS: Readonly<Record<string, Wording>> = {
  'memory.minimum': words(() => 'Minimum memory limit allowed is 6MB'),
  'memory.reservation-minimum': words(() => 'Minimum memory reservation allowed is 6MB'),
  'memory.swap-below-memory': words(
    () => 'Minimum memoryswap limit should be larger than memory limit, see usage',
  ),
  'memory.swap-without-memory': words(
    () => 'You should always set the Memory limit when using Memoryswap limit, see usage',
  ),
  'memory.swappiness': words(
    ({ value }) => `Invalid value: ${value}, valid memory swappiness range is 0-100`,
  ),
  'memory.reservation-above-memory': words(
    () => 'Minimum memory limit can not be less than memory reservation limit, see usage',
  ),
  'memory.shm-size': words(() => 'SHM size can not be less than 0'),
  'memory.oom-score': words(
    ({ value }) => `Invalid value ${value}, range for oom score adj is [-1000, 1000]`,
  ),
  'cpu.nano-and-period': words(() => 'Conflicting options: Nano CPUs and CPU Period cannot both be set'),
  'cpu.nano-and-quota': words(() => 'Conflicting options: Nano CPUs and CPU Quota cannot both be set'),
  'cpu.nano-range': words(
    ({ cpus }) => `range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`,
  ),
  'cpu.period': words(
    () => 'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)',
  ),
  'cpu.quota': words(() => 'CPU cfs quota can not be less than 1ms (i.e. 1000)'),
  'cpuset.invalid': words(
    ({ which, value }) => `Invalid value ${value} for cpuset ${which}: invalid format: ${value}`,
  ),
  'cpuset.unavailable': words(missingCpus),
  'blkio.weight': words(() => 'Range of blkio weight is from 10 to 1000'),
  'ulimit.invalid': words(
    ({ soft, hard }) => `ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`,
  ),
};

/** What is wrong with a destination, and where it was given: in a text of `Binds`, in `Mounts`, or elsewhere. */
const destinationWords = ({ destination, spec, type }: ErrorParams): string => {
  if (destination === '' && type !== undefined)
    return `invalid mount config for type "${type}": field Target must not be empty`;
  const wrong = String(destination).startsWith('/')
    ? "invalid specification: destination can't be '/'"
    : `invalid mount path: '${destination}' mount path must be absolute`;
  const told = type === undefined ? wrong : `invalid mount config for type "${type}": ${wrong}`;
  return spec === undefined ? told : `invalid volume specification: '${spec}': ${told}`;
};

const MOUNTS: Readonly<Record<string, Wording>> = {
  'mount.bad-spec': words(({ spec }) => `invalid volume specification: '${spec}'`),
  'mount.bad-mode': words(({ mode }) => `invalid mode: ${mode}`),
  'mount.destination': words(destinationWords),
  'mount.read-only-depth': words(
    () => 'mount options conflict: ReadOnlyNonRecursive && ReadOnlyForceRecursive',
  ),
  'mount.propagation-of-data-root': words(
    ({ root, source, propagation }) =>
      `invalid mount config: must use either propagation mode "rslave" or "rshared" when mount source is within the daemon root, daemon root: "${root}", bind mount source: "${source}", propagation: "${propagation}"`,
  ),
  'mount.propagation': words(
    ({ propagation }) => `invalid mount config for type "bind": invalid propagation mode: ${propagation}`,
  ),
  'mount.anonymous-read-only': words(
    () => 'invalid mount config for type "volume": must not set ReadOnly mode when using anonymous volumes',
  ),
  'mount.bind-copy': words(
    ({ spec }) =>
      `invalid volume specification: '${spec}': invalid mount config for type "bind": field VolumeOptions must not be specified`,
  ),
  'mount.duplicate': words(({ destination }) => `Duplicate mount point: ${destination}`),
  'mount.source-missing': words(
    ({ path }) => `invalid mount config for type "bind": bind source path does not exist: ${path}`,
  ),
  'mount.source-relative': words(({ path }) =>
    path === ''
      ? 'invalid mount config for type "bind": field Source must not be empty'
      : `invalid mount config for type "bind": invalid mount path: '${path}' mount path must be absolute`,
  ),
  'mount.source-given': words(
    () => 'invalid mount config for type "tmpfs": field Source must not be specified',
  ),
  'mount.over-file': words(({ path }) => `cannot mount volume over existing file, file exists ${path}`),
  'mount.volumes-from-missing': words(({ ref }) => `No such container: ${ref}`),
  'mount.volumes-from': words(({ spec }) => `malformed volumes-from specification: ${spec}`),
  'mount.tmpfs-option': words(({ option }) => `invalid tmpfs option ["${option}"]`),
  'volume.name-invalid': words(({ name }) =>
    /^.?$/u.test(String(name))
      ? `create ${name}: volume name is too short, names should be at least two alphanumeric characters`
      : `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
  ),
  'workdir.not-a-directory': words(({ path }) => `Cannot mkdir: ${path} is not a directory`),
};

/** Today's words for settings of a container that cannot be (docker-modern.md 3.3). */
export const SETTINGS_WORDING: Readonly<Record<string, Wording>> = {
  ...NETWORK_MODE,
  ...LIMITS,
  ...MOUNTS,
  'config.working-dir': words(
    ({ path }) => `the working directory '${path}' is invalid, it needs to be an absolute path`,
  ),
  'config.no-command': words(() => 'no command specified'),
  'config.auto-remove-and-restart': words(() => "can't create 'AutoRemove' container with restart policy"),
  'config.retry-count': words(
    () =>
      "invalid restart policy: maximum retry count can only be used with 'on-failure' and cannot be negative",
  ),
  'config.port': words(({ port }) => `invalid port specification: "${port}"`),
  'config.extra-host': words(({ entry }) =>
    /^[^:]+:./u.test(String(entry))
      ? `invalid IP address in add-host: "${String(entry).replace(/^[^:]+:/u, '')}"`
      : `bad format for add-host: "${entry}"`,
  ),
  'config.device-request': words(
    ({ driver, capabilities }) =>
      `could not select device driver "${driver ?? ''}" with capabilities: ${capabilities ?? '[]'}`,
  ),
  'config.not-a-device': words(
    ({ path }) =>
      `error gathering device information while adding custom device "${path}": not a device node`,
  ),
  'config.device-missing': words(
    ({ path }) =>
      `error gathering device information while adding custom device "${path}": no such file or directory`,
  ),
  'config.annotation': words(
    () => 'invalid Annotations: the empty string is not permitted as an annotation key',
  ),
  'config.mac-address': words(({ address }) => `invalid MAC address: ${address}`),
  'config.health': words(({ field }) => HEALTH_FIELDS[String(field)] ?? `invalid ${field} in Healthcheck`),
  'config.platform': words(
    ({ platform }) => `"${platform}": unknown operating system or architecture: invalid argument`,
  ),
  'config.runtime': words(({ runtime }) => `unknown or invalid runtime name: ${runtime}`),
  'config.isolation': words(({ isolation }) => `invalid isolation '${isolation}' on linux`),
  'capability.unknown': words(
    ({ name, list }) => `invalid ${list ?? 'CapAdd'}: unknown capability: "${name}"`,
  ),
  'log.unknown-driver': words(
    ({ driver }) => `error looking up logging plugin ${driver}: plugin "${driver}" not found`,
  ),
  'log.unknown-option': words(({ option, driver }) => `unknown log opt '${option}' for ${driver} log driver`),
};
