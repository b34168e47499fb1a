import { EngineError } from '#domain/error/engine-error.ts';

/** A name inside a layer: latin1 text (one character per byte), no leading or trailing slash, no `.` or `..`; '' is the root. */
export type LayerPath = string;

/**
 * Reads a name of an archive. Absolute names count from the layer's root; `..` is followed on paper and
 * refused (`invalid`, code `layer.path-escapes`) where it would climb out of the layer.
 */
export const toLayerPath = (name: Buffer): LayerPath => {
  const text = name.toString('latin1');
  if (isPlain(text)) return text;
  const parts: string[] = [];
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw pathEscapes(name);
  }
  return parts.join('/');
};

/** Most names are fine as they are. */
const isPlain = (text: string): boolean =>
  text !== '' && !text.startsWith('/') && !text.endsWith('/') && !/(?:^|\/)(?:\.{0,2})(?:\/|$)/.test(text);

const pathEscapes = (name: Buffer): EngineError => {
  const path = name.toString();
  return new EngineError('invalid', 'layer.path-escapes', `layer entry "${path}" leaves the layer`, {
    params: { path },
  });
};

export const parentOf = (path: LayerPath): LayerPath => path.slice(0, Math.max(0, path.lastIndexOf('/')));
export const baseOf = (path: LayerPath): string => path.slice(path.lastIndexOf('/') + 1);
export const joinPath = (parent: LayerPath, base: string): LayerPath =>
  parent === '' ? base : `${parent}/${base}`;

const ASCII = /^[\x20-\x7e]*$/;

/** The same name as fs takes it: text where that is exact, else bytes. */
export const toNative = (path: LayerPath): string | Buffer => {
  if (path === '') return '.';
  return ASCII.test(path) ? path : Buffer.from(path, 'latin1');
};

/** For messages. */
export const toText = (path: LayerPath): string => Buffer.from(path, 'latin1').toString();
