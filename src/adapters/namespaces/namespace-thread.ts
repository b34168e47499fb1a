import { closeSync, mkdirSync, openSync, rmSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import type { SandboxRequest } from '#engine/ports/sandboxes.ts';
import { exactInteger } from '#lib/exact-json.ts';
import { mount, mountFlags, unmountFlags, unmountIfMounted } from '#adapters/libc/mounts.ts';
import {
  cloneFlags,
  ownNamespace,
  setDomainName,
  setHostName,
  setNamespace,
  unshare,
} from '#adapters/libc/namespaces.ts';
import { serveCalls, threadData } from '#adapters/libc/thread-calls.ts';
import { sysctlPath } from './sysctls.ts';

/**
 * The thread that makes namespaces: it leaves its own for a moment, so nothing else may run in it
 * and all file calls are synchronous (the thread pool would be in the old namespaces).
 */

const kinds = [
  { name: 'net', wanted: 'network', flag: cloneFlags.network },
  { name: 'ipc', wanted: 'ipc', flag: cloneFlags.ipc },
  { name: 'uts', wanted: 'uts', flag: cloneFlags.uts },
] as const;

const SHARED_MEMORY = 'shm';

/** Magic number of nsfs (statfs(2)): tells a pinned namespace from the empty file below it. */
const nsfsMagic = 0x6e736673;

const { root } = threadData() as { root: string };
const home = kinds.map(({ name, flag }) => ({ descriptor: openSync(ownNamespace(name), 'r'), flag }));

export type NamespaceCalls = {
  readonly create: (request: SandboxRequest) => void;
  readonly remove: (id: string) => void;
};

const calls: NamespaceCalls = {
  create: (request) => {
    const wanted = kinds.filter((kind) => request[kind.wanted]);
    const directory = join(root, request.id);
    if (isPinned(directory, wanted)) return;
    const settings = Object.entries(request.sysctls ?? {}).map(([name, value]) => ({
      name,
      value,
      path: sysctlPath(name, request),
    }));
    release(directory);
    mkdirSync(directory, { mode: 0o700 });
    try {
      pin(directory, wanted, () => {
        if (request.uts) nameHost(request);
        for (const setting of settings) writeSetting(setting);
      });
      if (request.sharedMemoryBytes !== undefined) mountMemory(directory, request.sharedMemoryBytes);
    } catch (error) {
      release(directory);
      throw error;
    }
  },
  remove: (id) => release(join(root, id)),
};

type Kinds = readonly (typeof kinds)[number][];

const pin = (directory: string, wanted: Kinds, prepare: () => void): void => {
  if (wanted.length === 0) return;
  try {
    unshare(wanted.reduce((flags, { flag }) => flags | flag, 0));
    prepare();
    for (const { name } of wanted) {
      const target = join(directory, name);
      closeSync(openSync(target, 'wx', 0o400));
      mount({ source: ownNamespace(name), target, flags: mountFlags.bind });
    }
  } finally {
    returnHome();
  }
};

const mountMemory = (directory: string, sizeBytes: number): void => {
  const target = join(directory, SHARED_MEMORY);
  mkdirSync(target);
  const flags = mountFlags.noSuid | mountFlags.noDev | mountFlags.noExec;
  mount({ source: 'shm', target, type: 'tmpfs', flags, data: `mode=1777,size=${exactInteger(sizeBytes)}` });
};

const returnHome = (): void => {
  try {
    for (const { descriptor, flag } of home) setNamespace(descriptor, flag);
  } catch (error) {
    // A thread astray would make the next sandbox a copy of this one.
    process.stderr.write(`the namespace thread could not return: ${String(error)}\n`);
    process.abort();
  }
};

const nameHost = ({ hostname, domainname }: SandboxRequest): void => {
  for (const [what, name] of [
    ['hostname', hostname],
    ['domainname', domainname],
  ] as const) {
    if (Buffer.byteLength(name) <= 64) continue;
    const message = `the ${what} is longer than 64 bytes`;
    throw new EngineError('invalid', 'sandbox.name-too-long', message, { params: { what, name } });
  }
  if (hostname !== '') setHostName(hostname);
  if (domainname !== '') setDomainName(domainname);
};

const writeSetting = ({ name, value, path }: { name: string; value: string; path: string }): void => {
  try {
    writeFileSync(path, value, { flag: 'r+' });
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new EngineError('invalid', 'sandbox.sysctl-refused', `sysctl "${name}" = "${value}": ${reason}`, {
      params: { name, value, reason },
      cause: error,
    });
  }
};

const isPinned = (directory: string, wanted: Kinds): boolean => {
  if (wanted.length === 0) return false;
  try {
    return wanted.every(({ name }) => statfsSync(join(directory, name)).type === nsfsMagic);
  } catch {
    // Missing: not made yet, or made with fewer namespaces.
    return false;
  }
};

/** Takes away what `pin` made, in part or in whole. Only known names: nothing is followed or removed in depth. */
const release = (directory: string): void => {
  for (const { name } of kinds) {
    const file = join(directory, name);
    unmountIfMounted(file, unmountFlags.detach | unmountFlags.noFollow);
    rmSync(file, { force: true });
  }
  const memory = join(directory, SHARED_MEMORY);
  unmountIfMounted(memory, unmountFlags.detach | unmountFlags.noFollow);
  for (const each of [memory, directory]) removeFolder(each);
};

const removeFolder = (directory: string): void => {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
};

serveCalls(calls);
