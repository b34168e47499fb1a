import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerId, SandboxId } from '#domain/value/flavor.ts';
import { ADJECTIVES, SURNAMES } from './name-words.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const ATTEMPTS = 6;
const SHORT_ID_LENGTH = 12;

/** Whole numbers from 0 to below the bound. */
export type Dice = (bound: number) => number;

export const shortId = (id: string): string => id.slice(0, SHORT_ID_LENGTH);

/** The sandbox of a container that joins no other has the container's id. */
export const ownSandboxId = (id: ContainerId): SandboxId => String(id);

/** The name without its slash; throws `container.name-invalid`. Volume names obey the same rule. */
export const parseName = (text: string): string => {
  const name = text.startsWith('/') ? text.slice(1) : text;
  if (NAME.test(name)) return name;
  throw engineError('container.name-invalid', { name: text });
};

export const isVolumeName = (text: string): boolean => NAME.test(text);

/** `adjective_surname`, a digit more after the first attempt, at last the short id. */
export const generateName = (id: ContainerId, isTaken: (name: string) => boolean, roll: Dice): string => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const name = pickPair(roll) + (attempt === 0 ? '' : String(roll(10)));
    if (!isTaken(name)) return name;
  }
  return shortId(id);
};

const pickPair = (roll: Dice): string => {
  const pair = `${ADJECTIVES[roll(ADJECTIVES.length)]}_${SURNAMES[roll(SURNAMES.length)]}`;
  // Steve Wozniak is not boring.
  return pair === 'boring_wozniak' ? pickPair(roll) : pair;
};

/** What a lookup sees of the containers there are. */
export type NameIndex = {
  has(id: string): boolean;
  /** Own names and link paths, without the leading slash. */
  idOfName(name: string): ContainerId | undefined;
  ids(): Iterable<ContainerId>;
};

/**
 * The container meant by a full id, a name (with or without `/`, link paths too) or a unique id
 * prefix, in that order. Throws `container.not-found`, `container.ambiguous`, `container.empty-ref`.
 */
export const resolveRef = (ref: string, index: NameIndex): ContainerId => {
  if (ref === '' || ref === '/') throw engineError('container.empty-ref', { ref });
  if (index.has(ref)) return ref;
  const named = index.idOfName(ref.startsWith('/') ? ref.slice(1) : ref);
  if (named !== undefined) return named;
  return byPrefix(ref, index.ids());
};

const byPrefix = (ref: string, ids: Iterable<ContainerId>): ContainerId => {
  let found: ContainerId | undefined;
  for (const id of ids) {
    if (!id.startsWith(ref)) continue;
    if (found !== undefined) throw engineError('container.ambiguous', { ref });
    found = id;
  }
  if (found === undefined) throw engineError('container.not-found', { ref });
  return found;
};
