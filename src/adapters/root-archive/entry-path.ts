import { EngineError } from '#domain/error/engine-error.ts';

/** Names in a client's archive as latin1 text, one character per byte. '' is the top; undefined climbs out of it. */
export const cleanName = (name: Buffer): string | undefined => {
  const parts: string[] = [];
  for (const part of name.toString('latin1').split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
};

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

const ASCII = /^[\x20-\x7e]*$/;

export const toNative = (path: string): string | Buffer =>
  ASCII.test(path) ? path : Buffer.from(path, 'latin1');

export const showPath = (path: string): string => Buffer.from(path, 'latin1').toString();

/** A refusal that is about an entry and the directory it was for. */
export const nameFault = (code: string, entry: Buffer | string, target: string): EngineError => {
  const path = typeof entry === 'string' ? showPath(entry) : entry.toString();
  return new EngineError('invalid', code, `archive entry ${path} cannot be put into ${target}`, {
    params: { path, target },
  });
};
