import { EngineError } from '#domain/error/engine-error.ts';
import type { ContainerFiles } from '#engine/ports/container-files.ts';
import type { LogStore } from '#engine/ports/log-store.ts';
import type { MachineFacts } from '#engine/ports/machine.ts';
import type { NamespaceRules, NetworkDriver } from '#engine/ports/network.ts';
import type { PodFolders } from '#engine/ports/pod-folders.ts';
import type { ResourceGroups } from '#engine/ports/resource-groups.ts';
import type { Sandbox, Sandboxes } from '#engine/ports/sandboxes.ts';
import type { Snapshotter } from '#engine/ports/snapshotter.ts';
import type { VolumeDriver } from '#engine/ports/volumes.ts';

/** What the engine asked the machine for and has not given back. */
export class FakeMachine {
  readonly roots = new Map<string, { mounted: boolean }>();
  readonly pinned = new Map<string, Sandbox>();
  readonly endpoints = new Map<string, string>();
  readonly published = new Map<string, number[]>();
  readonly volumeNames = new Set<string>();
  readonly mountedVolumes = new Set<string>();
  readonly hostPaths = new Set<string>(['/', '/tmp']);
  readonly etcFiles = new Map<string, Readonly<Record<string, string>>>();
  readonly inImage = new Map<string, 'file' | 'directory'>();
  /** Called before the named step; may throw. */
  onStep: (step: string) => void = () => {};

  async #step<T>(name: string, work: () => T): Promise<T> {
    await Promise.resolve();
    this.onStep(name);
    return work();
  }

  readonly snapshotter: Snapshotter = {
    driver: 'fake',
    describe: async () => [],
    hasLayer: async () => true,
    unpackLayer: async () => ({ diffId: '', sizeBytes: 0 }),
    removeLayer: async () => {},
    listLayers: async () => [],
    createRoot: (id) => this.#step('createRoot', () => void this.roots.set(id, { mounted: false })),
    mountRoot: (id) => this.#step('mountRoot', () => (this.roots.set(id, { mounted: true }), `/roots/${id}`)),
    unmountRoot: (id) =>
      this.#step('unmountRoot', () => void (this.roots.has(id) && this.roots.set(id, { mounted: false }))),
    removeRoot: (id) => this.#step('removeRoot', () => void this.roots.delete(id)),
    listRoots: async () => [...this.roots].map(([id, { mounted }]) => ({ id, mounted })),
    usage: async () => ({ writableBytes: 0, rootBytes: 0 }),
    describeRoot: () => ({}),
    readFile: async (_id, path) =>
      path === '/etc/passwd' ? new TextEncoder().encode('root:x:0:0::/root:/bin/sh\n') : undefined,
    makeDirectory: (_id, path) =>
      this.#step('makeDirectory', () => {
        if (this.inImage.get(path) !== 'file') return;
        throw new EngineError('conflict', 'rootfs.not-a-directory', path);
      }),
    makeFile: async () => {},
    kindOf: async (_id, path) => this.inImage.get(path),
    copyOut: (_id, path, target) => this.#step('copyOut', () => void this.copied.push([path, target])),
    recover: async () => {},
  };
  readonly copied: [string, string][] = [];

  readonly sandboxes: Sandboxes = {
    create: ({ id, network, sharedMemoryBytes }) =>
      this.#step('sandbox', () => {
        const sandbox = {
          id,
          ...(network ? { networkPath: `/ns/${id}/net` } : {}),
          ipcPath: `/ns/${id}/ipc`,
          utsPath: `/ns/${id}/uts`,
          ...(sharedMemoryBytes === undefined ? {} : { sharedMemoryPath: `/ns/${id}/shm` }),
        };
        this.pinned.set(id, sandbox);
        return sandbox;
      }),
    find: async (id) => this.pinned.get(id),
    remove: (id) => this.#step('removeSandbox', () => void this.pinned.delete(id)),
    list: async () => [...this.pinned.keys()],
  };

  readonly rules = new Map<string, NamespaceRules>();
  readonly network: NetworkDriver = {
    ensureBridge: async () => {},
    removeBridge: async () => {},
    connect: ({ endpointId, address }) =>
      this.#step('connect', () => void this.endpoints.set(endpointId, address)),
    disconnect: (endpointId) => this.#step('disconnect', () => void this.endpoints.delete(endpointId)),
    isolate: () => this.#step('isolate', () => undefined),
    program: async (networkPath, rules) => void this.rules.set(networkPath, rules),
    publish: (owner, _address, ports) =>
      this.#step('publish', () => {
        const held = [...this.published.values()].flat();
        let free = 40_000;
        const nextFree = (): number => {
          while (held.includes(free)) free += 1;
          return free++;
        };
        const result = ports.map(({ containerPort, protocol, hostPortFirst }) => {
          const hostPort = hostPortFirst === 0 ? nextFree() : hostPortFirst;
          return { containerPort, protocol, hostIp: '0.0.0.0', hostPort };
        });
        const taken = result.find(({ hostPort }) => held.includes(hostPort));
        if (taken !== undefined) {
          const params = { address: '0.0.0.0', port: taken.hostPort, protocol: taken.protocol };
          throw new EngineError('conflict', 'port.allocated', 'port is already allocated', { params });
        }
        this.published.set(
          owner,
          result.map(({ hostPort }) => hostPort),
        );
        return result;
      }),
    republish: (owner, _address, ports) =>
      this.#step(
        'republish',
        () =>
          void this.published.set(
            owner,
            ports.map(({ hostPort }) => hostPort),
          ),
      ),
    unpublish: (owner) => this.#step('unpublish', () => void this.published.delete(owner)),
    reconcile: async ({ endpoints, owners }) => {
      for (const id of this.endpoints.keys()) if (!endpoints.includes(id)) this.endpoints.delete(id);
      for (const id of this.published.keys()) if (!owners.includes(id)) this.published.delete(id);
      return [];
    },
    hostResolver: async () => ({
      servers: ['192.0.2.53'],
      search: [],
      options: [],
      text: 'nameserver 192.0.2.53\n',
    }),
  };

  readonly files: ContainerFiles = {
    write: async (id, files) => {
      this.etcFiles.set(id, files);
      return paths(id);
    },
    paths,
    readHost: async () => '127.0.0.1\tlocalhost\n',
    hostKind: async (path) => (this.hostPaths.has(path) ? 'directory' : undefined),
    makeHostDirectory: async (path) => void this.hostPaths.add(path),
    devices: async () => [],
    remove: (id) => this.#step('removeFiles', () => void this.etcFiles.delete(id)),
  };

  readonly podFolders: PodFolders = {
    makeVolume: (podId, name) =>
      this.#step('makeVolume', () => (this.podFolderNames.add(podId), `/pods/${podId}/${name}`)),
    makeFile: async (podId, name) => (this.podFolderNames.add(podId), `/pods/${podId}/${name}`),
    remove: (podId) => this.#step('removePodFolder', () => void this.podFolderNames.delete(podId)),
    list: async () => [...this.podFolderNames],
    fetch: async (uri) => new TextEncoder().encode(uri),
  };
  readonly podFolderNames = new Set<string>();

  readonly groups: ResourceGroups = {
    ensure: async (path) => void this.groupPaths.add(path),
    remove: async (path) => void this.groupPaths.delete(path),
    list: async () => [...this.groupPaths].map((path) => path.split('/').at(-1) ?? ''),
  };
  readonly groupPaths = new Set<string>();

  readonly volumes: VolumeDriver = {
    name: 'local',
    create: (name) => this.#step('createVolume', () => (this.volumeNames.add(name), `/volumes/${name}`)),
    remove: async (name) => void this.volumeNames.delete(name),
    mount: (name) => this.#step('mountVolume', () => void this.mountedVolumes.add(name)),
    unmount: (name) => this.#step('unmountVolume', () => void this.mountedVolumes.delete(name)),
    listMounted: async () => [...this.mountedVolumes],
    isEmpty: async () => true,
    sizeBytes: async () => 0,
  };

  readonly logs: LogStore = {
    prepare: async (id) => `/logs/${id}`,
    read: async function* () {},
    limit: () => {},
    grown: () => {},
    unlimit: () => {},
    hold: () => () => {},
    dropped: async () => ({ stdout: 0, stderr: 0 }),
    remove: async () => {},
  };
}

const paths = (id: string): Readonly<Record<'hosts' | 'resolvConf' | 'hostname', string>> => ({
  hosts: `/files/${id}/hosts`,
  resolvConf: `/files/${id}/resolv.conf`,
  hostname: `/files/${id}/hostname`,
});

export const FACTS: MachineFacts = {
  hostname: 'builder',
  kernelVersion: '6.0',
  operatingSystem: 'Test',
  osVersion: '1',
  machine: 'x86_64',
  architecture: 'amd64',
  cpus: 2,
  memoryBytes: 1e9,
  cgroup: {
    version: 1,
    hybrid: false,
    controllers: ['memory', 'cpu', 'cpuset', 'pids', 'blkio', 'devices', 'freezer'],
    swapAccounting: true,
    oomControl: true,
    blockIo: {
      weight: false,
      weightDevice: false,
      readBps: true,
      writeBps: true,
      readIops: true,
      writeIops: true,
    },
  },
  capabilities:
    'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'
      .split(' ')
      .map((name) => `CAP_${name}`),
  seccomp: false,
  apparmor: false,
  ipForward: true,
};
