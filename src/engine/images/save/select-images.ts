import { isEngineError } from '#domain/error/engine-error.ts';
import type { Image } from '#domain/image/image.ts';
import { canonicalRepository, formatCanonical, parseReference } from '#domain/image/reference.ts';
import type { ImagesContext } from '#engine/images/images-world.ts';
import { resolveImage } from '#engine/images/resolve.ts';

/** An image to save and the canonical names to save it under, in the order they were asked for. */
export type SelectedImage = { readonly image: Image; readonly tags: readonly string[] };

type SelectWorld = Pick<ImagesContext, 'state'>;

/**
 * What names mean for save (docker-semantics.md 15): a bare repository is all its tags, `repo:tag`
 * that tag; ids and digests name an image without a tag. Errors: `image.not-found`.
 */
export const selectImages = (world: SelectWorld, refs: readonly string[]): SelectedImage[] => {
  const selected = new Map<string, { image: Image; tags: Set<string> }>();
  for (const ref of refs) {
    for (const { image, tag } of expand(world, ref)) {
      const entry = selected.get(image.id) ?? { image, tags: new Set<string>() };
      if (tag !== undefined) entry.tags.add(tag);
      selected.set(image.id, entry);
    }
  }
  return [...selected.values()].map(({ image, tags }) => ({ image, tags: [...tags] }));
};

const expand = (world: SelectWorld, ref: string): { image: Image; tag?: string }[] => {
  const all = allTagsOf(world, ref);
  if (all.length > 0) return all;
  const { image, reference } = resolveImage(world, ref);
  if (reference === undefined || reference.digest !== '') return [{ image }];
  return [{ image, tag: formatCanonical(reference) }];
};

/** Tags of the repository when the text is a repository and nothing else. */
const allTagsOf = ({ state }: SelectWorld, ref: string): { image: Image; tag: string }[] => {
  const repository = bareRepository(ref);
  if (repository === undefined) return [];
  return state.references.list().flatMap(({ name, imageId, digest }) => {
    const image = state.images.get(imageId);
    const isOurs = digest === '' && canonicalRepository(parseReference(name)) === repository;
    return isOurs && image !== undefined ? [{ image, tag: name }] : [];
  });
};

const bareRepository = (ref: string): string | undefined => {
  try {
    const reference = parseReference(ref);
    return reference.tag === '' && reference.digest === '' ? canonicalRepository(reference) : undefined;
  } catch (error) {
    // An id, then.
    if (isEngineError(error, 'invalid')) return undefined;
    throw error;
  }
};
