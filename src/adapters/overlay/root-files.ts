import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  statSync,
} from 'node:fs';
import { posix } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import { codeOf } from './layer-error.ts';

/** What is asked of a root's files. Runs in a thread whose root is the container's, so links stay inside. */

const MAX_READ_BYTES = 1024 * 1024;
const MAX_LINKS = 40;
// Without blocking on fifos, without making a terminal ours.
const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** Content of a regular file up to 1 MiB; undefined when missing or no file. */
export const readSmallFile = (path: string): Uint8Array | undefined => {
  if (kindAt(path) !== 'file') return undefined;
  const descriptor = openSync(path, READ);
  try {
    if (!fstatSync(descriptor).isFile()) return undefined;
    const bytes = Buffer.alloc(Math.min(fstatSync(descriptor).size + 1, MAX_READ_BYTES + 1));
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    if (length > MAX_READ_BYTES)
      throw new EngineError(
        'invalid',
        'rootfs.file-too-large',
        `${path} has more than ${MAX_READ_BYTES} bytes`,
        {
          params: { path },
        },
      );
    return Uint8Array.from(bytes.subarray(0, length));
  } finally {
    closeSync(descriptor);
  }
};

/** What is at the path, links followed; undefined when missing or behind a dangling link. */
export const kindAt = (path: string): 'file' | 'directory' | 'other' | undefined => {
  const present = statIfThere(path);
  if (present === undefined) return undefined;
  if (present.isDirectory()) return 'directory';
  return present.isFile() ? 'file' : 'other';
};

/** A directory with its parents, each 0755. A dangling link on the way gets its target made. */
export const makeDirectoryAt = (path: string, depth = 0): void => {
  let reached = '/';
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    reached = reached === '/' ? `/${part}` : `${reached}/${part}`;
    makeOneDirectory(reached, depth);
  }
};

/** An empty file, 0644, with its parents, unless something is there. */
export const makeFileAt = (path: string, depth = 0): void => {
  makeDirectoryAt(posix.dirname(path), depth);
  if (statIfThere(path) !== undefined) return;
  const target = linkTarget(path, depth);
  if (target !== undefined) return makeFileAt(target, depth + 1);
  return closeSync(openSync(path, NEW_FILE, 0o644));
};

const makeOneDirectory = (path: string, depth: number): void => {
  const present = statIfThere(path);
  if (present?.isDirectory() === true) return;
  if (present !== undefined) throw notADirectory(path);
  const target = linkTarget(path, depth);
  if (target === undefined) mkdirSync(path, 0o755);
  else makeDirectoryAt(target, depth + 1);
};

/** Where a dangling link points, as a path of this root. */
const linkTarget = (path: string, depth: number): string | undefined => {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined;
  if (depth >= MAX_LINKS)
    throw new EngineError('conflict', 'rootfs.link-loop', `too many links at ${path}`, { params: { path } });
  const target = readlinkSync(path);
  // Not normalized: the kernel knows where `..` leads behind links.
  return target.startsWith('/') ? target : `${posix.dirname(path)}/${target}`;
};

const statIfThere = (path: string) => {
  try {
    return statSync(path);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
};

export const notADirectory = (path: string): EngineError =>
  new EngineError('conflict', 'rootfs.not-a-directory', `${path} is not a directory`, { params: { path } });
