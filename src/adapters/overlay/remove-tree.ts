import { lstatSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { codeOf } from './layer-error.ts';

/** A container may nest folders past PATH_MAX; from this length on a folder is moved up and removed there. */
const LONG_PATH = 3000;

/**
 * Removes a tree of any depth and of any names; fine when missing. `top` must be ours alone: its parent takes
 * folders that lie too deep.
 */
export const removeTree = (top: string | Buffer): void => {
  const start = typeof top === 'string' ? Buffer.from(top) : top;
  const pending = [start];
  let moved = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop())
    removeBelow(next, (deep) => {
      moved += 1;
      const near = Buffer.concat([start, Buffer.from(`.deep-${moved}`)]);
      renameSync(deep, near);
      pending.push(near);
    });
};

const removeBelow = (path: Buffer, moveUp: (path: Buffer) => void): void => {
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present === undefined) return;
  if (!present.isDirectory()) return unlinkSync(path);
  if (path.length > LONG_PATH) return moveUp(path);
  for (const item of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
    const below = Buffer.concat([path, SLASH, item.name]);
    if (item.isDirectory()) removeBelow(below, moveUp);
    else unlinkIfThere(below);
  }
  return rmdirSync(path);
};

const SLASH = Buffer.from('/');

const unlinkIfThere = (path: Buffer): void => {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
};
