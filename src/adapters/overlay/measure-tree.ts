import { lstatSync, readdirSync } from 'node:fs';
import { ROOT_GROUND } from '#domain/container/mounts/root-ground.ts';
import { codeOf } from './layer-error.ts';
import { inside } from './layer-stack.ts';

const SLASH = Buffer.from('/');
/** Every root has them: they are nothing the container wrote. */
const LINKS = ROOT_GROUND.flatMap(({ path, kind }) => (kind === 'link' ? [path] : []));

/**
 * Bytes of everything but directories below a folder, each inode once (what Docker calls the size of a
 * writable layer). Files that vanish meanwhile, and paths no system call can name, are left out.
 */
export const measureTree = (top: string): number => {
  const seen = new Set<bigint>();
  const start = Buffer.from(top);
  const ground = new Set(LINKS.map((link) => inside(start, link).toString('latin1')));
  let total = 0n;
  const pending = [start];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop())
    for (const item of listFolder(folder)) {
      const path = Buffer.concat([folder, SLASH, item.name]);
      if (item.isDirectory()) pending.push(path);
      else if (!ground.has(path.toString('latin1'))) total += ownBytes(path, seen);
    }
  return Number(total);
};

const listFolder = (folder: Buffer) =>
  tolerant(() => readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) ?? [];

const ownBytes = (path: Buffer, seen: Set<bigint>): bigint => {
  const present = tolerant(() => lstatSync(path, { bigint: true }));
  if (present === undefined) return 0n;
  if (present.nlink > 1n) {
    if (seen.has(present.ino)) return 0n;
    seen.add(present.ino);
  }
  return present.size;
};

const tolerant = <Result>(work: () => Result): Result | undefined => {
  try {
    return work();
  } catch (error) {
    if (['ENOENT', 'ENAMETOOLONG', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
};
