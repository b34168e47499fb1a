import { chmod, chown, lstat, mkdir, readFile, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';

import { EngineError } from '#domain/error/engine-error.ts';

const SOCKET_MODE = 0o660;

/** Makes room for a socket: a dead one is removed, one that answers is a conflict. */
export async function clearSocketPath(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const found = await lstat(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (!found.isSocket()) throw conflict(path, 'is in the way and is not a socket');
  if (await answers(path)) throw conflict(path, 'is in use: something answers there');
  await unlink(path);
}

/**
 * Calls `bind` (which must bind before it returns) with a umask under which nobody else can open
 * the socket in the moment before its mode is set.
 */
export function withSocketUmask<T>(bind: () => T): T {
  const before = process.umask(0o777 & ~SOCKET_MODE);
  try {
    return bind();
  } finally {
    process.umask(before);
  }
}

/** Mode 0660, and the group if it exists on this machine. */
export async function openToGroup(path: string, group: string | undefined): Promise<void> {
  const gid = group === undefined ? undefined : await findGroup(group);
  if (gid !== undefined) await chown(path, process.getuid?.() ?? 0, gid);
  await chmod(path, SOCKET_MODE);
}

async function findGroup(name: string): Promise<number | undefined> {
  const text = await readFile('/etc/group', 'utf8').catch(() => ''); // no file: no groups
  for (const line of text.split('\n')) {
    const [found, , gid] = line.split(':');
    if (found === name && gid !== undefined && /^\d+$/.test(gid)) return Number(gid);
  }
  return undefined;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', (error) => {
      if (hasCode(error, 'ECONNREFUSED') || hasCode(error, 'ENOENT')) resolve(false);
      // A full backlog means that somebody is there.
      else if (hasCode(error, 'EAGAIN')) resolve(true);
      else reject(error);
    });
  });
}

const conflict = (path: string, what: string): EngineError =>
  new EngineError('conflict', 'http.address-in-use', `${path} ${what}`, {
    params: { url: `unix://${path}` },
  });

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
