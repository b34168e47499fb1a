import { engineError } from '#domain/error/catalogue.ts';
import type { ErrorParams } from '#domain/error/engine-error.ts';
import { isVolumeName } from '#domain/container/names.ts';

/** One entry of `Binds`, `src:dst[:mode]`, or `dst` alone for an anonymous volume. */
export type BindSpec = {
  /** Host path, volume name, or '' for an anonymous volume. */
  readonly source: string;
  readonly isHostPath: boolean;
  readonly destination: string;
  readonly mode: string;
  readonly writable: boolean;
  readonly propagation: string;
  readonly noCopy: boolean;
};

const PROPAGATIONS = new Set(['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']);
const LABELS = new Set(['z', 'Z']);
const CONSISTENCIES = new Set(['consistent', 'cached', 'delegated', 'default']);

/** Throws `mount.bad-spec`, `mount.bad-mode`, `mount.destination`, `volume.name-invalid` (docker-semantics.md 6.1). */
export const parseBind = (spec: string): BindSpec => {
  const parts = spec.split(':');
  const [first = '', second, mode = ''] = parts;
  if (spec === '' || parts.length > 3) throw engineError('mount.bad-spec', { spec });
  if (second === undefined)
    return { ...read(''), source: '', isHostPath: false, destination: destinationOf(spec, first, 'volume') };
  if (first === '') throw engineError('mount.bad-spec', { spec });
  const isHostPath = first.startsWith('/');
  if (!isHostPath && !isVolumeName(first)) throw engineError('volume.name-invalid', { name: first });
  return {
    ...(isHostPath ? withoutCopy(spec, read(mode)) : read(mode)),
    source: isHostPath ? cleanPath(first) : first,
    isHostPath,
    destination: destinationOf(spec, second, isHostPath ? 'bind' : 'volume'),
  };
};

const withoutCopy = (spec: string, meaning: ReturnType<typeof read>): ReturnType<typeof read> => {
  if (meaning.noCopy) throw engineError('mount.bind-copy', { spec });
  return meaning;
};

const destinationOf = (spec: string, path: string, type: 'bind' | 'volume'): string =>
  cleanDestination(path, { spec, type });

/** What a mode says: at most one word of each sort. */
const read = (mode: string): Pick<BindSpec, 'mode' | 'writable' | 'propagation' | 'noCopy'> => {
  const words = mode === '' ? [] : mode.split(',');
  const access = words.filter((word) => word === 'ro' || word === 'rw');
  const propagation = words.filter((word) => PROPAGATIONS.has(word));
  const sorts = [
    access,
    propagation,
    words.filter((word) => LABELS.has(word)),
    words.filter((word) => CONSISTENCIES.has(word)),
    words.filter((word) => word === 'nocopy'),
  ];
  const understood = sorts.reduce((sum, sort) => sum + sort.length, 0);
  if (understood !== words.length || sorts.some((sort) => sort.length > 1))
    throw engineError('mount.bad-mode', { mode });
  return {
    mode,
    writable: access[0] !== 'ro',
    propagation: propagation[0] ?? '',
    noCopy: words.includes('nocopy'),
  };
};

/** Whether a mode (of volumes-from too) lets write; throws `mount.bad-mode`. */
export const isWritableMode = (mode: string): boolean => read(mode).writable;

export const isPropagation = (text: string): boolean => text === '' || PROPAGATIONS.has(text);

/** Absolute, cleaned and not the root itself; what is said about it goes with the error. */
export const cleanDestination = (path: string, about: ErrorParams = {}): string => {
  const cleaned = path.startsWith('/') ? cleanPath(path) : '/';
  if (cleaned === '/') throw engineError('mount.destination', { ...about, destination: path });
  return cleaned;
};

/** Without `.`, `..`, doubled and trailing slashes. */
export const cleanPath = (path: string): string => {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
};
