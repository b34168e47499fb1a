import { cgroupnsModeOf } from '#domain/container/cgroup-namespace.ts';
import { kernelNames } from '#domain/container/habits.ts';
import type { Container } from '#domain/container/container.ts';
import type {
  RuntimeNamespace,
  RuntimeProcessSpec,
  RuntimeSeccomp,
  RuntimeSpec,
} from '#formats/oci-runtime/spec.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { maskedPathsOf, readonlyPathsOf } from '#domain/container/guarded-paths.ts';
import type { HostDevice } from '#engine/ports/container-files.ts';
import type { MachineFacts } from '#engine/ports/machine.ts';
import { planCapabilities } from './capabilities.ts';
import { planDevices } from './devices.ts';
import type { MappedDevice } from './devices.ts';
import { buildEnvironment } from './environment.ts';
import { buildMounts, INIT_DESTINATION } from './mounts.ts';
import type { ShmSource } from './mounts.ts';
import { buildResources } from './resources.ts';
import type { BlockNode } from './resources.ts';
import type { ResolvedUser } from './resolve-user.ts';
import { planRlimits } from './rlimits.ts';
import { defaultSeccompProfile } from './seccomp-profile.ts';
import { parseSecurityOptions } from './security-options.ts';
import type { SecurityOptions } from './security-options.ts';

export type SpecInput = {
  readonly container: Container;
  readonly rootPath: string;
  /** Where each namespace is joined; 'own' = the runtime makes one, 'host' = none. */
  readonly namespaces: Readonly<Record<'network' | 'ipc' | 'uts' | 'pid', NamespaceChoice>>;
  readonly files?: Readonly<Record<'hosts' | 'resolvConf' | 'hostname', string>>;
  readonly user: ResolvedUser;
  readonly facts: MachineFacts;
  /** Absolute, below the hierarchy's root. */
  readonly cgroupsPath: string;
  readonly hostDevices: readonly HostDevice[];
  readonly mappedDevices: readonly MappedDevice[];
  /** Devices whose traffic is limited. */
  readonly blockNodes: readonly BlockNode[];
  /** undefined = own tmpfs. */
  readonly sharedShmPath?: string;
  /** Of links. */
  readonly linkEnvironment?: readonly string[];
  /** What `init: null` means. */
  readonly defaultInit: boolean;
};

export type NamespaceChoice = 'own' | 'host' | { readonly path: string };

const DEFAULT_SHM_BYTES = 64 * 1024 * 1024;

/**
 * The runtime configuration of one container. Pure: everything about the machine is in the input.
 * Warnings say what was asked for and cannot be given here.
 */
export const buildRuntimeSpec = (input: SpecInput): { spec: RuntimeSpec; warnings: string[] } => {
  const { container, facts } = input;
  const security = parseSecurityOptions(container.host.securityOpt);
  const capabilities = planCapabilities(container.host, facts.capabilities);
  const limits = planRlimits(container.host.ulimits, facts.hardLimits);
  const hasInit = isInitWanted(input);
  if (hasInit && facts.initPath === undefined) throw engineError('config.init-missing');
  return {
    spec: {
      ociVersion: '1.0.2',
      ...(input.namespaces.uts === 'own' ? { hostname: kernelNames(container).hostname } : {}),
      root: { path: input.rootPath, readonly: container.host.readonlyRootfs },
      process: buildProcess(input, {
        security,
        capabilities: capabilities.granted,
        rlimits: limits.rlimits,
        hasInit,
      }),
      mounts: buildMounts(mountInput(input, hasInit)),
      annotations: { ...container.host.annotations },
      linux: buildLinux(input, capabilities.granted, security),
    },
    warnings: limits.warnings,
  };
};

/** Who joins another's processes has a first process there already. */
const isInitWanted = ({ container, defaultInit }: SpecInput): boolean =>
  (container.host.init ?? defaultInit) && container.host.pidMode === '';

type ProcessParts = {
  readonly security: SecurityOptions;
  readonly capabilities: readonly string[];
  readonly rlimits: NonNullable<RuntimeProcessSpec['rlimits']>;
  readonly hasInit: boolean;
};

const buildProcess = (input: SpecInput, parts: ProcessParts): RuntimeProcessSpec => {
  const { config, host, path, args } = input.container;
  const { uid, gid, additionalGids, home } = input.user;
  const [height, width] = host.consoleSize;
  return {
    terminal: config.tty,
    ...(config.tty && height > 0 && width > 0 ? { consoleSize: { height, width } } : {}),
    user: { uid, gid, additionalGids },
    args: parts.hasInit ? [INIT_DESTINATION, '--', path, ...args] : [path, ...args],
    env: buildEnvironment({
      env: config.env,
      hostname: config.hostname,
      domainname: config.domainname,
      tty: config.tty,
      home,
      links: input.linkEnvironment ?? [],
    }),
    cwd: config.workingDir === '' ? '/' : config.workingDir,
    capabilities: capabilitySets(parts.capabilities, uid),
    ...(parts.rlimits.length === 0 ? {} : { rlimits: parts.rlimits }),
    noNewPrivileges: parts.security.noNewPrivileges,
    ...(host.oomScoreAdj === 0 ? {} : { oomScoreAdj: host.oomScoreAdj }),
    ...(parts.security.apparmor === '' || parts.security.apparmor === 'unconfined'
      ? {}
      : { apparmorProfile: parts.security.apparmor }),
  };
};

/** A user other than root starts with nothing effective; the bounding set stays, for setuid programs. */
const capabilitySets = (
  granted: readonly string[],
  uid: number,
): NonNullable<RuntimeProcessSpec['capabilities']> => {
  const active = uid === 0 ? granted : [];
  return { bounding: granted, effective: active, permitted: active, inheritable: [], ambient: [] };
};

const buildLinux = (
  input: SpecInput,
  capabilities: readonly string[],
  security: SecurityOptions,
): NonNullable<RuntimeSpec['linux']> => {
  const { host } = input.container;
  const devices = planDevices({
    privileged: host.privileged,
    all: input.hostDevices,
    mapped: input.mappedDevices,
    extraRules: host.deviceCgroupRules,
  });
  const seccomp = chooseSeccomp(input, capabilities, security);
  const sysctl = ownSysctls(input);
  return {
    namespaces: buildNamespaces(input),
    cgroupsPath: input.cgroupsPath,
    ...(Object.keys(sysctl).length === 0 ? {} : { sysctl }),
    maskedPaths: [...(maskedPathsOf(host) ?? [])],
    readonlyPaths: [...(readonlyPathsOf(host) ?? [])],
    ...(devices.devices.length === 0 ? {} : { devices: devices.devices }),
    resources: buildResources(host.resources, devices.rules, input.facts, input.blockNodes),
    ...(needsSharedPropagation(input.container) ? { rootfsPropagation: 'rslave' } : {}),
    ...(seccomp === undefined ? {} : { seccomp }),
  };
};

const needsSharedPropagation = (container: Container): boolean =>
  container.mounts.some(({ propagation }) => /shared|slave/.test(propagation));

const chooseSeccomp = (
  input: SpecInput,
  capabilities: readonly string[],
  security: SecurityOptions,
): RuntimeSeccomp | undefined => {
  if (!input.facts.seccomp || security.seccomp === 'unconfined') return undefined;
  if (security.seccomp !== undefined) return security.seccomp;
  return input.container.host.privileged
    ? undefined
    : defaultSeccompProfile(capabilities, input.facts.architecture);
};

const OCI_NAMES = { network: 'network', ipc: 'ipc', uts: 'uts', pid: 'pid' } as const;

const buildNamespaces = (input: SpecInput): RuntimeNamespace[] => {
  const chosen = (['network', 'ipc', 'uts', 'pid'] as const).flatMap((kind): RuntimeNamespace[] => {
    const choice = input.namespaces[kind];
    if (choice === 'host') return [];
    return [choice === 'own' ? { type: OCI_NAMES[kind] } : { type: OCI_NAMES[kind], path: choice.path }];
  });
  return [
    ...chosen,
    { type: 'mount' },
    ...(hasOwnCgroupNamespace(input) ? [{ type: 'cgroup' } as const] : []),
  ];
};

const hasOwnCgroupNamespace = ({ container, facts }: SpecInput): boolean =>
  cgroupnsModeOf(container.host, facts.cgroup.version) === 'private';

/** Sysctls of a namespace that is joined were set when it was made. */
const ownSysctls = (input: SpecInput): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(input.container.host.sysctls).filter(([name]) =>
      name.startsWith('net.') ? input.namespaces.network === 'own' : input.namespaces.ipc === 'own',
    ),
  );

const mountInput = (input: SpecInput, hasInit: boolean): Parameters<typeof buildMounts>[0] => ({
  privileged: input.container.host.privileged,
  tty: input.container.config.tty,
  cgroupVersion: input.facts.cgroup.version,
  ownCgroupNamespace: hasOwnCgroupNamespace(input),
  ownNetwork: input.namespaces.network !== 'host',
  shm: chooseShm(input),
  mounts: input.container.mounts,
  readonlyRootfs: input.container.host.readonlyRootfs,
  ...(input.files === undefined ? {} : { files: input.files }),
  ...(hasInit && input.facts.initPath !== undefined ? { initPath: input.facts.initPath } : {}),
});

const chooseShm = (input: SpecInput): ShmSource => {
  const { host } = input.container;
  const { ipcMode } = host;
  if (ipcMode === 'none') return { kind: 'none' };
  if (ipcMode === 'host') return { kind: 'bind', path: '/dev/shm' };
  if (input.sharedShmPath !== undefined) return { kind: 'bind', path: input.sharedShmPath };
  return { kind: 'own', sizeBytes: shmBytesOf(host) };
};

export const shmBytesOf = ({ shmSizeBytes }: Container['host']): number =>
  shmSizeBytes > 0 ? shmSizeBytes : DEFAULT_SHM_BYTES;
