import { EngineError } from './engine-error.ts';
import type { ErrorKind, ErrorParams } from './engine-error.ts';

type Entry = { readonly kind: ErrorKind; readonly text: string };

const entry = (kind: ErrorKind, text: string): Entry => ({ kind, text });

/**
 * Every error the engine itself raises: its kind and our plain words. `{name}` stands for a param.
 * Dialects that must repeat Docker's wording do so per code, from the same params.
 */
export const CATALOGUE = {
  // Lookup and names (docker-semantics.md 1)
  'container.not-found': entry('not-found', 'no such container: {ref}'),
  'container.ambiguous': entry('invalid', 'several container ids begin with {ref}'),
  'container.empty-ref': entry('invalid', 'a container name or id is required'),
  'container.name-invalid': entry(
    'invalid',
    'invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
  ),
  'container.name-in-use': entry('exists', 'the name {name} is in use by container {id}'),
  'container.name-kept': entry('invalid', 'container {id} is called {name} already'),
  'container.name-empty': entry('invalid', 'neither old nor new names may be empty'),

  // State (docker-semantics.md 3); params: id, ref, name, status
  'container.already-running': entry('unchanged', 'container {id} is already running'),
  'container.already-stopped': entry('unchanged', 'container {id} is already stopped'),
  'container.not-running': entry('conflict', 'container {id} is not running'),
  'output.lost': entry('unavailable', 'output was lost: it was not read in time and is no longer kept'),
  'container.paused': entry('conflict', 'container {id} is paused, unpause it first'),
  'container.already-paused': entry('conflict', 'container {id} is already paused'),
  'container.not-paused': entry('conflict', 'container {id} is not paused'),
  'container.restarting': entry('conflict', 'container {id} is restarting, wait until it runs'),
  'container.dead': entry('conflict', 'container {id} is marked for removal and cannot be started'),
  'container.running': entry(
    'conflict',
    'container {id} is {status}: stop it before removing it or use force',
  ),
  'container.removal-in-progress': entry('conflict', 'removal of container {id} is already in progress'),
  'container.kill-failed': entry('timed-out', 'container {id} did not end after SIGKILL'),
  'container.start-failed': entry('invalid', 'cannot start container {id}: {detail}'),
  'container.interrupted': entry('unavailable', 'the daemon is shutting down'),
  'signal.unknown': entry('invalid', 'invalid signal: {signal}'),
  'exec.start-failed': entry('invalid', 'the command could not be run: {detail}'),
  'link.not-found': entry('not-found', 'no such link: {ref}'),
  'link.own-name': entry('conflict', '{ref} is the name of a container, not of a link'),
  'link.no-parent': entry('not-found', 'no container {parent} for link {ref}'),
  'link.format': entry('invalid', 'bad format for links: {text}'),
  'link.child-missing': entry('invalid', 'no such container to link to: {ref}'),
  'link.not-running': entry('conflict', 'Cannot link to a non running container: /{child} AS {path}'),
  'link.other-network': entry(
    'conflict',
    'Cannot link to /{child}, as it does not belong to the default network',
  ),
  'size.invalid': entry('invalid', 'invalid terminal size {rows}x{columns}'),
  'top.arguments': entry('internal', 'specifying "{name}={value}" is not allowed'),
  'update.restart-of-auto-remove': entry(
    'conflict',
    'a container that is removed when it ends cannot have a restart policy',
  ),
  'update.nano-and-period': entry('conflict', 'nano CPUs and CPU period exclude each other'),
  'update.nano-and-quota': entry('conflict', 'nano CPUs and CPU quota exclude each other'),
  'update.period-and-nano': entry('conflict', 'CPU period and nano CPUs exclude each other'),
  'update.quota-and-nano': entry('conflict', 'CPU quota and nano CPUs exclude each other'),
  'update.memory-above-swap': entry('conflict', 'the memory limit must stay below that of memory and swap'),
  'archive.empty-path': entry('invalid', 'a path is required'),
  'wait.cancelled': entry('cancelled', 'waiting for container {id} was cancelled'),

  // Create: network mode (docker-semantics.md 2.1); param: network
  'network-mode.no-target': entry('invalid', 'network mode container: needs a container'),
  'network-mode.hostname': entry('conflict', 'a host name cannot be set with network mode {network}'),
  'network-mode.links': entry('conflict', 'links cannot be used with network mode {network}'),
  'network-mode.dns': entry('conflict', 'name servers cannot be set with network mode {network}'),
  'network-mode.extra-hosts': entry('conflict', 'extra hosts cannot be set with network mode {network}'),
  'network-mode.mac-address': entry('conflict', 'a MAC address cannot be set with network mode {network}'),
  'network-mode.ports': entry('conflict', 'ports cannot be published with network mode {network}'),
  'network-mode.expose': entry('conflict', 'ports cannot be exposed with network mode {network}'),
  'namespace-mode.invalid': entry('invalid', 'invalid {namespace} mode: {mode}'),
  'namespace.join-not-running': entry('conflict', 'cannot join {namespace} of a non running container: {id}'),
  'namespace.ipc-not-shareable': entry(
    'conflict',
    'non-shareable IPC of {id} (hint: use IpcMode:shareable for the donor container)',
  ),
  'namespace.join-itself': entry('invalid', 'cannot join own {namespace}'),
  'namespace.join-missing': entry(
    'conflict',
    'container {id} has no {namespace} namespace of its own to join',
  ),

  // Create: settings (docker-semantics.md 2.2)
  'config.working-dir': entry('invalid', 'the working directory {path} is not an absolute path'),
  'config.no-command': entry('invalid', 'no command specified'),
  'config.auto-remove-and-restart': entry('invalid', 'auto-remove and a restart policy exclude each other'),
  'config.restart-policy': entry('invalid', 'invalid restart policy {policy}'),
  'config.retry-count': entry(
    'invalid',
    'a retry count needs restart policy on-failure and cannot be negative',
  ),
  'config.stop-timeout': entry('invalid', 'stop timeout cannot be negative: {seconds}'),
  'config.port': entry('invalid', 'invalid port specification: {port}'),
  'config.host-ip': entry('invalid', 'invalid host address: {address}'),
  'config.extra-host': entry('invalid', 'invalid extra host: {entry}'),
  'config.environment': entry('invalid', 'invalid environment variable: {entry}'),
  'config.annotation': entry('invalid', 'the empty string is no key of an annotation'),
  'config.mac-address': entry('invalid', 'invalid MAC address: {address}'),
  'config.sysctl': entry('invalid', 'sysctl {name} cannot be set: {reason}'),
  'config.health': entry('invalid', '{field} of the health check cannot be below 1 ms'),
  'config.device': entry('invalid', 'invalid device cgroup permissions: {permissions}'),
  'config.platform': entry('invalid', 'platform {platform} is not a known one'),
  'config.runtime': entry('invalid', 'unknown runtime: {runtime}'),
  'config.isolation': entry('invalid', 'invalid isolation {isolation}'),
  'config.user-namespace': entry('unsupported', 'user namespaces are not supported: {mode}'),
  'config.not-a-device': entry('invalid', '{path} is not a device node'),
  'config.device-missing': entry('invalid', 'no such device on the host: {path}'),
  'config.init-missing': entry('unsupported', 'exec: "docker-init": executable file not found in $PATH'),
  'config.device-request': entry('unsupported', 'no device driver serves this request'),
  'config.storage-option': entry('unsupported', 'storage option {option} is not supported'),
  'memory.minimum': entry('invalid', 'the memory limit must be at least {minimum} bytes, not {memory}'),
  'memory.reservation-minimum': entry(
    'invalid',
    'the memory reservation must be at least {minimum} bytes, not {memory}',
  ),
  'memory.swap-below-memory': entry(
    'invalid',
    'the memory and swap limit must not be below the memory limit',
  ),
  'memory.swap-without-memory': entry('invalid', 'a swap limit needs a memory limit'),
  'memory.swappiness': entry('invalid', 'memory swappiness is 0 to 100, not {value}'),
  'memory.reservation-above-memory': entry(
    'invalid',
    'the memory reservation must not be above the memory limit',
  ),
  'memory.shm-size': entry('invalid', 'the size of /dev/shm cannot be negative'),
  'memory.oom-score': entry('invalid', 'OOM score adjustment is -1000 to 1000, not {value}'),
  'cpu.nano-and-period': entry('invalid', 'nano CPUs and CPU period exclude each other'),
  'cpu.nano-and-quota': entry('invalid', 'nano CPUs and CPU quota exclude each other'),
  'cpu.nano-range': entry('invalid', 'CPUs must be between 0.01 and {cpus}'),
  'cpu.period': entry('invalid', 'the CPU period must be between 1000 and 1000000 microseconds'),
  'cpu.quota': entry('invalid', 'the CPU quota must be at least 1000 microseconds'),
  'cpuset.invalid': entry('invalid', 'invalid value {value} for cpuset {which}'),
  'cpuset.unavailable': entry(
    'invalid',
    'requested {which} are not available: requested {value}, available {available}',
  ),
  'blkio.device-missing': entry('invalid', 'stat {path}: no such file or directory'),
  'blkio.weight': entry('invalid', 'block IO weight is 10 to 1000'),
  'ulimit.invalid': entry('invalid', 'invalid ulimit {name}: soft {soft}, hard {hard}'),
  'capability.unknown': entry('invalid', 'unknown capability: {name}'),
  'log.unknown-driver': entry('invalid', 'no log driver is called {driver}'),
  'log.driver-unsupported': entry('unsupported', 'log driver {driver} is not supported'),
  'log.unknown-option': entry('invalid', 'unknown option {option} for log driver {driver}'),
  'log.target': entry('unavailable', 'failed to initialize logging driver: {problem}'),
  'log.option-value': entry('invalid', 'invalid value {value} for log option {option}'),

  // Mounts (docker-semantics.md 6, docker-modern.md 3.3)
  'mount.bad-spec': entry('invalid', 'invalid volume specification: {spec}'),
  'mount.bad-mode': entry('invalid', 'invalid mount mode: {mode}'),
  'mount.destination': entry('invalid', 'invalid mount path {destination}: it must be absolute and not /'),
  'mount.read-only-depth': entry(
    'invalid',
    'mount options conflict: ReadOnlyNonRecursive && ReadOnlyForceRecursive',
  ),
  'mount.propagation-of-data-root': entry(
    'invalid',
    'a bind of the data root {root} from {source} must be rslave or rshared, not {propagation}',
  ),
  'mount.propagation': entry('invalid', 'invalid propagation mode: {propagation}'),
  'mount.anonymous-read-only': entry(
    'invalid',
    'nothing could ever be in an anonymous volume that is read-only',
  ),
  'mount.bind-copy': entry('invalid', 'nocopy is for volumes: {spec}'),
  'mount.duplicate': entry('invalid', 'duplicate mount point: {destination}'),
  'mount.source-missing': entry('invalid', 'bind source path does not exist: {path}'),
  'mount.source-relative': entry('invalid', 'bind source path must be absolute: {path}'),
  'mount.source-given': entry('invalid', 'a tmpfs mount has no source'),
  'mount.over-file': entry('invalid', 'cannot mount a volume over the file {path}'),
  'mount.unsupported': entry('unsupported', 'mounts of type {type} are not supported'),
  'mount.subpath': entry('unsupported', 'volume sub-paths are not supported'),
  'mount.volumes-from-missing': entry(
    'not-found',
    'Container {ref} not found. Impossible to mount its volumes',
  ),
  'mount.volumes-from': entry('invalid', 'malformed volumes-from specification: {spec}'),
  'mount.tmpfs-option': entry('invalid', 'invalid tmpfs option {option}'),
  'volume.name-invalid': entry(
    'invalid',
    '{name} is not a volume name, only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
  ),
  'volume.not-found': entry('not-found', 'no volume is called {name}'),
  'volume.in-use': entry('conflict', 'volume {name} is in use by {containers}'),
  'volume.option': entry('invalid', 'volume {name}: there is no option {option}'),
  'volume.option-missing': entry('invalid', 'volume {name}: the option {option} is missing'),
  'volume.option-size': entry('invalid', 'volume {name}: {size} is not a size'),
  'volume.no-quota': entry('invalid', 'volume {name}: the size of a directory cannot be limited'),
  'volume.cifs-port': entry(
    'invalid',
    'volume {name}: the port belongs in the option o, not into the device',
  ),
  'volume.mount-failed': entry('internal', "error while mounting volume '{path}': {problem}"),
  'volume.populate-failed': entry(
    'internal',
    "failed to populate volume: error while mounting volume '{path}': {problem}",
  ),
  'volume.mount-point': entry('conflict', 'volume {name} is kept: {path} is mounted in it'),
  'volume.driver-unknown': entry('not-found', 'no volume driver is called {driver}'),
  'workdir.not-a-directory': entry('invalid', 'cannot make the working directory: {path} is not a directory'),

  // Images and networks as containers see them
  'image.not-found': entry('not-found', 'no such image: {ref}'),
  'image.wrong-platform': entry('not-found', 'image {ref} is for {actual}, not {platform}'),
  'image.too-deep': entry('invalid', 'image {ref} has {layers} layers, too many for a container'),
  'network.not-found': entry('not-found', 'network {ref} not found'),
  'network.ambiguous': entry('invalid', 'several networks begin with {ref}'),
  'network.no-addresses': entry('unavailable', 'no available addresses on network {network}'),
  'network.address-in-use': entry('conflict', 'address {address} is already in use on network {network}'),
  'network.address-outside': entry('invalid', 'address {address} does not belong to network {network}'),
  'network.requested-address': entry(
    'invalid',
    'an address can only be asked for on networks with a configured subnet',
  ),

  // Pods; params: id, ref, name, field, status
  'pod.not-found': entry('not-found', 'no such pod: {ref}'),
  'pod.exists': entry('exists', 'a pod called {id} exists already'),
  'pod.id-invalid': entry('invalid', 'invalid pod id {id}, only [a-zA-Z0-9][a-zA-Z0-9_.-]* is allowed'),
  'pod.name-invalid': entry('invalid', 'invalid pod name {name}, colons are not allowed'),
  'pod.hostname': entry('invalid', 'invalid hostname {hostname}'),
  'pod.gateway': entry('invalid', 'interfaces: more than one of them has a gateway'),
  'pod.interface': entry('invalid', 'interfaces: invalid {field} {value}'),
  'pod.bridge': entry('invalid', 'interfaces: no network has the bridge {bridge}'),
  'pod.duplicate': entry('invalid', '{field}: {name} is there twice'),
  'pod.missing-reference': entry('invalid', '{field} of container {container}: {name} is not in the pod'),
  'pod.file-permissions': entry('invalid', 'files of container {container}: invalid perm {value}'),
  'pod.no-image': entry('invalid', 'image of container {container} is required'),
  'pod.cache': entry('invalid', 'cache of {place}: unknown word {value}'),
  'pod.volume-format': entry('invalid', 'volumes: unknown format {format} of {name}'),
  'pod.volume-unsupported': entry('unsupported', 'volumes: {kind} volumes are not supported ({name})'),
  'pod.volume-source': entry('invalid', 'volumes: the source of {name} does not exist: {path}'),
  'pod.dns': entry('invalid', 'dns: {address} is not an IP address'),
  'pod.port': entry('invalid', 'portmappings: invalid {field} {value}'),
  'pod.port-ranges': entry(
    'invalid',
    'portmappings: {hostPort} on the host does not fit {containerPort} in the pod',
  ),
  'pod.service': entry('invalid', 'services: invalid {field} {value}'),
  'pod.service-exists': entry('exists', 'services: {service} exists already'),
  'pod.white-list': entry('invalid', 'white lists: {network} is not a network (CIDR)'),
  'pod.isolation': entry(
    'unsupported',
    'isolation {isolation} is not implemented: ask for namespace, which a daemon started with --pod-isolation namespace gives by itself',
  ),
  'pod.resources': entry('invalid', 'resource: invalid {field} {value}'),
  'pod.label-exists': entry('exists', 'the pod has a label {label} already'),
  'pod.not-running': entry('conflict', 'pod {id} is not running ({status})'),
  'pod.already-stopped': entry('unchanged', 'pod {id} is already stopped'),
  'pod.already-paused': entry('conflict', 'pod {id} is already paused'),
  'pod.not-paused': entry('conflict', 'pod {id} is not paused'),
  'pod.paused': entry('conflict', 'pod {id} is paused, unpause it first'),
  'pod.busy': entry('conflict', 'pod {id} is {status}'),
  'pod.dead': entry('conflict', 'pod {id} is marked for removal'),
  'pod.start-failed': entry('invalid', 'cannot start pod {id}: {detail}'),
  'pod.no-container': entry('not-found', 'no container {ref} in a pod'),
  'pod.owns-container': entry(
    'conflict',
    'container {name} belongs to the running pod {pod}: stop the pod or remove it through the pod',
  ),
  'sandbox.not-found': entry('not-found', 'no such sandbox: {ref}'),
  'sandbox.exists': entry('exists', 'a sandbox called {id} exists already'),
  'sandbox.busy': entry('conflict', 'sandbox {id} is in use by pod {pod}'),
  'sandbox.resources': entry('invalid', 'sandbox {id} has other resources than pod {pod} asks for'),

  'thread.not-needed': entry('cancelled', 'nobody waits for this any more'),

  // Events and state
  'events.overflow': entry('unavailable', 'the reader of events was too slow: {count} events were waiting'),
  'state.locked': entry('conflict', 'another daemon uses {path}'),
  'state.write-failed': entry('unavailable', 'the state in {path} cannot be written: {detail}'),
  'state.damaged': entry('damaged', 'the state in {path} is damaged: {detail}'),
  'state.too-new': entry(
    'unsupported',
    'the state in {path} was written by a newer version (schema {found}, known {known})',
  ),
} as const satisfies Readonly<Record<string, Entry>>;

export type ErrorCode = keyof typeof CATALOGUE;

/** The error of a code, its sentence filled in. */
export const engineError = (code: ErrorCode, params: ErrorParams = {}, cause?: unknown): EngineError => {
  const { kind, text } = CATALOGUE[code];
  return new EngineError(kind, code, fillIn(text, params), { params, cause });
};

const fillIn = (text: string, params: ErrorParams): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : String(value);
  });
