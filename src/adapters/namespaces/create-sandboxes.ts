import { readdir, stat, statfs } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import type { SandboxId } from '#domain/value/flavor.ts';
import type { Sandbox, Sandboxes } from '#engine/ports/sandboxes.ts';
import { makeSharedMount } from '#adapters/libc/mounts.ts';
import { startThread } from '#adapters/libc/thread-calls.ts';
import type { ThreadHost } from '#adapters/libc/thread-host.ts';
import type { NamespaceCalls } from './namespace-thread.ts';

/** Magic number of nsfs (statfs(2)): tells a pinned namespace from the empty file below it. */
const nsfsMagic = 0x6e736673;

/**
 * Sandboxes as Linux namespaces, pinned by bind mounts at `<execRoot>/sandboxes/<id>/{net,ipc,uts}`, memory at `shm`:
 * no process holds them, so they outlive the daemon but not a reboot. Makes `execRoot` a shared
 * mount, so that mount namespaces unshared earlier see later sandboxes.
 */
export const createSandboxes = (options: {
  readonly execRoot: string;
  /** Lends its thread; without it there is one of its own. */
  readonly host?: ThreadHost;
}): Sandboxes & { close(): Promise<void> } => {
  makeSharedMount(options.execRoot);
  const root = join(options.execRoot, 'sandboxes');
  mkdirSync(root, { recursive: true, mode: 0o711 });
  const thread = startThread<NamespaceCalls>(new URL('namespace-thread.ts', import.meta.url), {
    data: { root },
    host: options.host,
  });

  /** undefined when the directory is missing or one of its namespaces is no longer pinned. */
  const look = async (id: SandboxId): Promise<Sandbox | undefined> => {
    const names = await readdir(join(root, id)).catch(missingAsUndefined);
    if (names === undefined) return undefined;
    const pinned = await Promise.all(names.map(async (name) => isMounted(join(root, id, name), name)));
    return pinned.every(Boolean) ? describe(root, id, (name) => names.includes(name)) : undefined;
  };

  return {
    create: async (request) => {
      checkId(request.id);
      await thread.call('create', request);
      return describe(root, request.id, (name) => Boolean(request[wish[name]]));
    },
    find: async (id) => {
      checkId(id);
      const found = await look(id);
      // Left over from before a reboot, if there is anything at all.
      if (found === undefined) await thread.call('remove', id);
      return found;
    },
    remove: async (id) => {
      checkId(id);
      await thread.call('remove', id);
    },
    list: async () => readdir(root),
    close: () => thread.close(),
  };
};

const wish = { net: 'network', ipc: 'ipc', uts: 'uts', shm: 'sharedMemoryBytes' } as const;

const describe = (root: string, id: SandboxId, has: (name: keyof typeof wish) => boolean): Sandbox => ({
  id,
  ...(has('net') && { networkPath: join(root, id, 'net') }),
  ...(has('ipc') && { ipcPath: join(root, id, 'ipc') }),
  ...(has('uts') && { utsPath: join(root, id, 'uts') }),
  ...(has('shm') && { sharedMemoryPath: join(root, id, 'shm') }),
});

const isMounted = async (path: string, name: string): Promise<boolean> => {
  if (name === 'shm') {
    // The execution root may be memory too, so the kind of file system tells nothing.
    const [own, outer] = await Promise.all([stat(path), stat(dirname(path))]);
    return own.dev !== outer.dev;
  }
  const stats = await statfs(path).catch(missingAsUndefined);
  return stats?.type === nsfsMagic;
};

const missingAsUndefined = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
};

const checkId = (id: SandboxId): void => {
  if (/^[\w][\w.-]*$/.test(id)) return;
  throw new EngineError('invalid', 'sandbox.id', `"${id}" cannot name a sandbox`, { params: { id } });
};
