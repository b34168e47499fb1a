import type { Static } from 'typebox';
import type { DaemonFacts } from '#api/docker/context.ts';
import type { InfoAnswer } from '#api/docker/schema/info.ts';
import type { MachineFacts, SystemInfo } from '#engine/engine.ts';
import { presentTime } from './time.ts';

type Info = Static<typeof InfoAnswer>;

type Place = { readonly daemon: DaemonFacts; readonly now: number };

const DEFAULT_INDEX = 'https://index.docker.io/v1/';
const NO_COMMIT = { ID: '', Expected: '' };

/** Everything any version of `info` ever said (docker-shapes.md 10, docker-modern.md 3.7). */
export const presentInfo = (info: SystemInfo, facts: MachineFacts, place: Place): Info => ({
  ...presentCounts(info),
  ...presentLimits(facts),
  ...presentMachine(facts),
  ...presentRegistries(info),
  ...presentOldOnly(info, place.daemon),
  ID: info.daemonId,
  Driver: info.snapshotter,
  DriverStatus: info.snapshotterStatus.map((pair) => [...pair]),
  SystemStatus: null,
  Plugins: {
    Volume: ['local'],
    Network: ['bridge', 'host', 'null'],
    Authorization: null,
    Log: ['journald', 'json-file', 'local', 'syslog'],
  },
  Debug: info.debug,
  NFd: info.fileDescriptors,
  NGoroutines: 0,
  SystemTime: presentTime(place.now),
  LoggingDriver: info.logDriver,
  CgroupDriver: 'cgroupfs',
  NEventsListener: info.eventListeners,
  GenericResources: null,
  DockerRootDir: info.dataRoot,
  HttpProxy: '',
  HttpsProxy: '',
  NoProxy: '',
  Labels: [...info.labels],
  ExperimentalBuild: false,
  ServerVersion: info.version,
  ClusterStore: '',
  ClusterAdvertise: '',
  ...presentRuntime(info),
  Swarm: {
    NodeID: '',
    NodeAddr: '',
    LocalNodeState: 'inactive',
    ControlAvailable: false,
    Error: '',
    RemoteManagers: null,
  },
  LiveRestoreEnabled: true,
  Isolation: '',
  SecurityOptions: securityOptions(facts),
  ProductLicense: '',
  DefaultAddressPools: [],
  FirewallBackend: { Driver: 'nftables' },
  CDISpecDirs: [],
  Warnings: [...info.warnings],
});

const presentCounts = ({ containers, images }: SystemInfo) => ({
  Containers: containers.total,
  ContainersRunning: containers.running,
  ContainersPaused: containers.paused,
  ContainersStopped: containers.stopped,
  Images: images,
});

const presentLimits = ({ cgroup, ipForward }: MachineFacts) => {
  const has = (name: string): boolean => cgroup.controllers.includes(name);
  return {
    MemoryLimit: has('memory'),
    SwapLimit: cgroup.swapAccounting,
    KernelMemory: false,
    KernelMemoryTCP: false,
    CpuCfsPeriod: has('cpu'),
    CpuCfsQuota: has('cpu'),
    CPUShares: has('cpu'),
    CPUSet: has('cpuset'),
    PidsLimit: has('pids'),
    OomKillDisable: cgroup.oomControl,
    IPv4Forwarding: ipForward,
    BridgeNfIptables: false,
    BridgeNfIp6tables: false,
    CgroupVersion: String(cgroup.version),
  };
};

const presentMachine = (facts: MachineFacts) => ({
  KernelVersion: facts.kernelVersion,
  OperatingSystem: facts.operatingSystem,
  OSVersion: facts.osVersion,
  OSType: 'linux',
  Architecture: facts.machine,
  NCPU: facts.cpus,
  MemTotal: facts.memoryBytes,
  Name: facts.hostname,
});

const presentRegistries = ({ registries }: SystemInfo) => ({
  IndexServerAddress: DEFAULT_INDEX,
  RegistryConfig: {
    AllowNondistributableArtifactsCIDRs: null,
    AllowNondistributableArtifactsHostnames: null,
    InsecureRegistryCIDRs: [...registries.insecure.filter((entry) => entry.includes('/')), '127.0.0.0/8'],
    IndexConfigs: {
      'docker.io': { Name: 'docker.io', Mirrors: [...registries.mirrors], Secure: true, Official: true },
      ...Object.fromEntries(
        registries.insecure
          .filter((entry) => !entry.includes('/'))
          .map((name) => [name, { Name: name, Mirrors: [], Secure: false, Official: false }] as const),
      ),
    },
    Mirrors: [...registries.mirrors],
  },
});

const presentRuntime = (info: SystemInfo) => ({
  Runtimes: { [info.runtime]: { path: info.runtime } },
  DefaultRuntime: info.runtime,
  InitBinary: 'docker-init',
  ContainerdCommit: NO_COMMIT,
  RuncCommit: NO_COMMIT,
  InitCommit: NO_COMMIT,
});

/** docker-shapes.md 24. */
const presentOldOnly = (info: SystemInfo, daemon: DaemonFacts) => ({
  ExecutionDriver: 'native-0.2',
  LXCVersion: '0.9.0',
  InitSha1: '',
  InitPath: '',
  Sockets: [...daemon.listenAddresses],
  Version: info.version,
  GoVersion: `node-${process.versions.node}`,
});

const securityOptions = (facts: MachineFacts): string[] => [
  ...(facts.apparmor ? ['name=apparmor'] : []),
  ...(facts.seccomp ? ['name=seccomp,profile=builtin'] : []),
  // Containers have a cgroup namespace of their own unless they ask for the host's.
  ...(facts.cgroup.version === 2 ? ['name=cgroupns'] : []),
];
