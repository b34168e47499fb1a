import { isEngineError } from '#domain/error/engine-error.ts';
import type { Image } from '#domain/image/image.ts';
import {
  canonicalRepository,
  formatCanonical,
  parseReference,
  withDefaultTag,
} from '#domain/image/reference.ts';
import type { Reference } from '#domain/image/reference.ts';
import type { ImageId } from '#domain/value/flavor.ts';
import { imageNotFound } from './image-errors.ts';
import type { ImagesWorld } from './images-world.ts';

/** How a text named an image: `reference` when by name (as stored), undefined when by id. */
export type Resolved = { readonly image: Image; readonly reference?: Reference };

const FULL_ID = /^(?:sha256:)?([a-f0-9]{1,64})$/;

/**
 * The image a text names (docker-semantics.md 13.1): by name and tag, then the repository's image
 * whose id begins with the tag's text, then by id or unique prefix of one.
 * Errors: `not-found`, code `image.not-found`, also for prefixes of several.
 */
export const resolveImage = (world: Pick<ImagesWorld, 'state'>, ref: string): Resolved => {
  const named = asReference(ref);
  const found = (named && byName(world, named)) ?? byId(world, ref);
  if (found === undefined) throw imageNotFound(ref);
  return found;
};

const asReference = (ref: string): Reference | undefined => {
  try {
    return withDefaultTag(parseReference(ref));
  } catch (error) {
    // Ids with their algorithm and 64 digits are no names.
    if (isEngineError(error, 'invalid')) return undefined;
    throw error;
  }
};

const byName = ({ state }: Pick<ImagesWorld, 'state'>, reference: Reference): Resolved | undefined => {
  const known = state.references.get(formatCanonical(reference));
  const image = known === undefined ? undefined : state.images.get(known.imageId);
  if (image !== undefined) return { image, reference };
  const inRepository = FULL_ID.test(reference.tag) ? imagesNamed({ state }, reference) : [];
  const matching = inRepository.filter(({ id }) => hexOf(id).startsWith(reference.tag));
  const [only] = matching;
  return only !== undefined && matching.length === 1 ? { image: only } : undefined;
};

const byId = ({ state }: Pick<ImagesWorld, 'state'>, ref: string): Resolved | undefined => {
  const prefix = FULL_ID.exec(ref)?.[1];
  if (prefix === undefined) return undefined;
  const whole = prefix.length === 64 ? state.images.get(`sha256:${prefix}`) : undefined;
  if (whole !== undefined) return { image: whole };
  const matching = state.images.list().filter(({ id }) => hexOf(id).startsWith(prefix));
  const [only] = matching;
  return only !== undefined && matching.length === 1 ? { image: only } : undefined;
};

/** Images with a name in the reference's repository, each once. */
const imagesNamed = ({ state }: Pick<ImagesWorld, 'state'>, reference: Reference): Image[] => {
  const repository = canonicalRepository(reference);
  const ids = new Set(
    state.references
      .list()
      .filter(({ name }) => canonicalRepository(parseReference(name)) === repository)
      .map(({ imageId }) => imageId),
  );
  return [...ids].flatMap((id) => state.images.get(id) ?? []);
};

const hexOf = (id: ImageId): string => id.slice('sha256:'.length);

/** Twelve digits, as people see ids. */
export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);
