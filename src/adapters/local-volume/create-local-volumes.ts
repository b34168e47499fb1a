import { lstat, mkdir, opendir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { engineError } from '#domain/error/catalogue.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { VolumeDriver } from '#engine/ports/volumes.ts';
import { VolumeMounts } from './volume-mounts.ts';

/** No volume's name begins with a dot. */
const doomedPrefix = '.removed-';

export type LocalVolumes = VolumeDriver & {
  /** `isIdle`: no container runs any more, so that nothing of ours has to stay mounted. */
  close(options: { readonly isIdle: boolean }): Promise<void>;
};

/** Volumes as directories `<dataRoot>/volumes/<name>/_data`; what their options name is mounted there. */
export const createLocalVolumes = (options: { readonly dataRoot: string }): LocalVolumes => {
  const root = join(options.dataRoot, 'volumes');
  const mounts = new VolumeMounts(root);
  const directoryOf = (name: string): string => {
    if (!/^[a-zA-Z0-9][\w.-]*$/.test(name) || name.length > 255) {
      throw new EngineError('invalid', 'volume.name', `"${name}" cannot name a volume`, { params: { name } });
    }
    return join(root, name);
  };
  const dataOf = (name: string): string => join(directoryOf(name), '_data');
  const create = async (name: string): Promise<string> => {
    const data = dataOf(name);
    // Searchable by all, listed by root alone: container users reach their mount, not their neighbours.
    await mkdir(root, { recursive: true, mode: 0o711 });
    await mkdir(directoryOf(name), { recursive: true, mode: 0o701 });
    await mkdir(data, { recursive: true, mode: 0o755 });
    return data;
  };
  return {
    name: 'local',
    create,
    mount: async (name, source) => mounts.mount(await create(name), source),
    unmount: async (name) => mounts.unmount(dataOf(name)),
    listMounted: async () =>
      (await mounts.below(root)).flatMap((point) => {
        const [name = '', leaf, ...deeper] = point.slice(root.length + 1).split('/');
        return leaf === '_data' && deeper.length === 0 ? [name] : [];
      }),
    remove: async (name) => {
      await mounts.unmount(dataOf(name));
      const [left] = await mounts.below(directoryOf(name));
      if (left !== undefined) throw engineError('volume.mount-point', { name, path: left });
      // Out of the way at once: a volume of the same name made now is a new one.
      const doomed = join(root, doomedPrefix + randomUUID());
      try {
        await rename(directoryOf(name), doomed);
      } catch (error) {
        if (isMissing(error)) return;
        throw error;
      }
      // With those that a killed daemon left behind.
      const doomedNames = (await readdir(root)).filter((entry) => entry.startsWith(doomedPrefix));
      await Promise.all(
        doomedNames.map(async (entry) => rm(join(root, entry), { recursive: true, force: true })),
      );
    },
    close: async (how) => mounts.close(how),
    sizeBytes: async (name) => sizeOf(dataOf(name)),
    isEmpty: async (name) => {
      try {
        await using directory = await opendir(dataOf(name));
        return (await directory.read()) === null;
      } catch (error) {
        if (isMissing(error)) return true;
        throw error;
      }
    },
  };
};

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const sizeOf = async (directory: string): Promise<number> => {
  let bytes = 0;
  try {
    // One at a time: a volume may hold millions.
    for await (const entry of await opendir(directory)) {
      const path = join(directory, entry.name);
      bytes += entry.isDirectory() ? await sizeOf(path) : await fileSize(path);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return bytes;
};

const fileSize = async (path: string): Promise<number> => {
  try {
    return (await lstat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
};
