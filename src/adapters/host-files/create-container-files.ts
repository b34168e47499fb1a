import { constants, lstat, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ContainerFiles, HostDevice } from '#engine/ports/container-files.ts';

type FileName = 'hosts' | 'resolvConf' | 'hostname';
type FilePaths = Readonly<Record<FileName, string>>;

const fileNames: Readonly<Record<FileName, string>> = {
  hosts: 'hosts',
  resolvConf: 'resolv.conf',
  hostname: 'hostname',
};

/** A container's own files at `<dataRoot>/containers/<id>/`, and what the engine asks about the host's. */
export const createContainerFiles = (options: { readonly dataRoot: string }): ContainerFiles => {
  const directoryOf = (containerId: string): string => {
    if (!/^\w[\w.-]*$/.test(containerId)) {
      const params = { id: containerId };
      throw new EngineError('invalid', 'container.id', `"${containerId}" cannot name a container`, {
        params,
      });
    }
    return join(options.dataRoot, 'containers', containerId);
  };
  const paths = (containerId: string): FilePaths => {
    const directory = directoryOf(containerId);
    return {
      hosts: join(directory, fileNames.hosts),
      resolvConf: join(directory, fileNames.resolvConf),
      hostname: join(directory, fileNames.hostname),
    };
  };
  return {
    paths,
    write: async (containerId, files) => {
      await mkdir(directoryOf(containerId), { recursive: true, mode: 0o710 });
      const at = paths(containerId);
      await Promise.all(
        (['hosts', 'resolvConf', 'hostname'] as const).map(async (name) => {
          const text = files[name];
          if (text !== undefined) await rewrite(at[name], text);
        }),
      );
      return at;
    },
    readHost: async (path) => readFile(path, 'utf8'),
    hostKind,
    makeHostDirectory: async (path) => {
      await mkdir(path, { recursive: true, mode: 0o755 });
    },
    devices: listDevices,
    remove: async (containerId) => rm(directoryOf(containerId), { recursive: true, force: true }),
  };
};

/** Into the same inode: a file that is bind-mounted must change where it is mounted. */
const rewrite = async (path: string, text: string): Promise<void> => {
  await using file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
  const bytes = Buffer.from(text);
  // Written over and then cut, so that no reader ever finds it empty.
  await file.write(bytes, 0, bytes.length, 0);
  await file.truncate(bytes.length);
  // Readable by a container's user whatever the daemon's umask.
  await file.chmod(0o644);
};

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

const hostKind: ContainerFiles['hostKind'] = async (path) => {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'directory';
    return found.isFile() ? 'file' : 'other';
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** A device node behind links, or in a directory all nodes below it (links there are not followed). */
const listDevices = async (path: string): Promise<HostDevice[]> => {
  const found = await stat(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    const params = { path };
    throw new EngineError('not-found', 'device.not-found', `no device ${path} on the host`, {
      params,
      cause: error,
    });
  });
  if (found.isDirectory()) return devicesBelow(path);
  const device = toDevice(path, found);
  if (device !== undefined) return [device];
  throw new EngineError('invalid', 'device.not-a-device', `${path} is no device node`, { params: { path } });
};

const devicesBelow = async (directory: string): Promise<HostDevice[]> => {
  const entries = await readdir(directory, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<HostDevice[]> => {
      const path = join(directory, entry.name);
      // As runc does: terminals and queues of the host's /dev are not devices to hand out.
      if (entry.isDirectory()) return hostOnly.has(entry.name) ? [] : devicesBelow(path);
      if (!entry.isCharacterDevice() && !entry.isBlockDevice()) return [];
      const device = entry.name === 'console' ? undefined : toDevice(path, await lstat(path));
      return device === undefined ? [] : [device];
    }),
  );
  return found.flat();
};

const hostOnly = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev']);

type Stats = Awaited<ReturnType<typeof stat>>;

const toDevice = (path: string, stats: Stats): HostDevice | undefined => {
  if (!stats.isCharacterDevice() && !stats.isBlockDevice()) return undefined;
  const number = BigInt(stats.rdev);
  return {
    path,
    type: stats.isBlockDevice() ? 'b' : 'c',
    major: majorOf(number),
    minor: minorOf(number),
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
  };
};

/** glibc's layout of dev_t (makedev(3)): 12 + 20 bits of the major number, 8 + 24 of the minor one. */
const majorOf = (device: bigint): number =>
  Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n));
const minorOf = (device: bigint): number => Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n));
