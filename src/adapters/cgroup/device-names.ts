import { readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import type { IoEntry, IoUse } from '#engine/ports/resource-meter.ts';

/** The same entries with what `/sys/dev/block` calls their devices. */
export const nameDevices = async (io: IoUse): Promise<IoUse> => {
  const names = new Map<string, Promise<string | undefined>>();
  const nameOf = (entry: IoEntry): Promise<string | undefined> => {
    const key = `${entry.major}:${entry.minor}`;
    const name = names.get(key) ?? readName(key);
    names.set(key, name);
    return name;
  };
  const lists = Object.entries(io).map(async ([list, entries]) => {
    const named = entries.map(async (entry) => withDevice(entry, await nameOf(entry)));
    return [list, await Promise.all(named)] as const;
  });
  return Object.fromEntries(await Promise.all(lists));
};

const withDevice = (entry: IoEntry, device: string | undefined): IoEntry =>
  device === undefined ? entry : { ...entry, device };

/** A link into the tree of devices; the last part is the name. */
const readName = async (key: string): Promise<string | undefined> => {
  try {
    return basename(await readlink(`/sys/dev/block/${key}`));
  } catch {
    // Unplugged meanwhile, or a sysfs that is not there.
    return undefined;
  }
};
