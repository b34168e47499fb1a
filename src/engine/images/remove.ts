import type { Image, ImageReference } from '#domain/image/image.ts';
import {
  canonicalRepository,
  formatCanonical,
  formatFamiliar,
  parseReference,
} from '#domain/image/reference.ts';
import type { ImageId } from '#domain/value/flavor.ts';
import type { RemovedImage } from '#engine/engine.ts';
import { checkConflicts, nameInUse } from './conflicts.ts';
import { imageEvent } from './image-events.ts';
import type { ImagesContext } from './images-world.ts';
import { keepOrphans } from './orphans.ts';
import { resolveImage } from './resolve.ts';
import { holdingsOf, sweep } from './sweep.ts';

type RemoveWorld = Pick<
  ImagesContext,
  'state' | 'content' | 'snapshotter' | 'containers' | 'leases' | 'emit'
>;

export type RemoveOptions = { readonly force: boolean; readonly prune: boolean };

type Removal = {
  readonly world: RemoveWorld;
  readonly options: RemoveOptions;
  readonly records: RemovedImage[];
};

/**
 * Takes a name from an image, and the image away when that was its last (docker-semantics.md 13.3).
 * Errors: `image.not-found`; `conflict` codes `image.name-in-use` and `image.in-use`, after which a
 * name that was taken stays taken.
 */
export const remove = async (
  world: RemoveWorld,
  ref: string,
  options: RemoveOptions,
): Promise<RemovedImage[]> => {
  const { image, reference } = resolveImage(world, ref);
  const removal: Removal = { world, options, records: [] };
  if (reference === undefined) {
    untagOnlyReference(removal, image);
    await removeImage(removal, image, { isQuiet: false, force: options.force });
    return removal.records;
  }
  const left = untagByName(removal, image, { ref, name: formatCanonical(reference) });
  if (left === 0) await removeImage(removal, image, { isQuiet: true, force: options.force });
  return removal.records;
};

/** Answers how many names are left. */
const untagByName = (removal: Removal, image: Image, given: { ref: string; name: string }): number => {
  const { world, options } = removal;
  if (!options.force && isSingle(referencesOf(world, image.id))) {
    const user = world.containers().find(({ imageId }) => imageId === image.id);
    if (user !== undefined) throw nameInUse(given.ref, user.id, image.id);
  }
  untag(removal, image, given.name);
  const left = referencesOf(world, image.id);
  if (given.name.includes('@')) return left.length;
  // Names by digest live as long as a tag of their repository.
  const repository = canonicalRepository(parseReference(given.name));
  const own = left.filter(({ name }) => canonicalRepository(parseReference(name)) === repository);
  if (own.some(({ digest }) => digest === '')) return left.length;
  for (const { name } of own) untag(removal, image, name);
  return left.length - own.length;
};

/** Given an id: its one name (and that name's digest) goes with the image. */
const untagOnlyReference = (removal: Removal, image: Image): void => {
  const { world, options } = removal;
  const references = referencesOf(world, image.id);
  if (!isSingle(references)) return;
  checkConflicts(world, image, { force: options.force, ignoreNames: true });
  for (const { name } of references) untag(removal, image, name);
};

const removeImage = async (
  removal: Removal,
  image: Image,
  manner: { readonly isQuiet: boolean; readonly force: boolean },
): Promise<void> => {
  const { world, options, records } = removal;
  try {
    checkConflicts(world, image, { force: manner.force, ignoreNames: false });
  } catch (conflict) {
    // The name is gone and that was asked for; the image stays for those who need it.
    if (manner.isQuiet && (!isDangling(world, image) || isUsed(world, image))) return;
    throw conflict;
  }
  for (const { name } of referencesOf(world, image.id)) untag(removal, image, name);
  if (isUsed(world, image)) keepOrphans(world, image);
  world.state.images.remove(image.id, 'anyhow');
  world.emit(imageEvent('delete', image, image.id));
  records.push({ deleted: image.id });
  const chainIds = await sweep(world, holdingsOf(image, []));
  records.push(...chainIds.map((chainId) => ({ deleted: chainId, isLayer: true as const })));
  const parent = image.parentId === '' ? undefined : world.state.images.get(image.parentId);
  if (!options.prune || parent === undefined) return;
  await removeImage(removal, parent, { isQuiet: true, force: false });
};

const untag = ({ world, records }: Removal, image: Image, name: string): void => {
  const reference = world.state.references.get(name);
  world.state.references.remove(name, 'anyhow');
  const familiar = formatFamiliar(parseReference(name));
  // Docker names the image in it, not the name that went.
  world.emit(imageEvent('untag', image, image.id));
  records.push({ untagged: familiar });
  const manifest = reference?.digest ?? '';
  // Its failure leaves a small file that the next start sweeps.
  if (manifest !== '') void sweep(world, { chainIds: [], blobs: [manifest] }).catch(() => undefined);
};

const referencesOf = ({ state }: Pick<RemoveWorld, 'state'>, imageId: ImageId): ImageReference[] =>
  state.references.list().filter((reference) => reference.imageId === imageId);

/** One name, perhaps with digests of the same repository beside it. */
const isSingle = (references: readonly ImageReference[]): boolean => {
  if (references.length <= 1) return true;
  const tags = references.filter(({ digest }) => digest === '');
  const repositories = new Set(references.map(({ name }) => canonicalRepository(parseReference(name))));
  return tags.length <= 1 && repositories.size === 1;
};

const isDangling = ({ state }: RemoveWorld, image: Image): boolean =>
  referencesOf({ state }, image.id).length === 0 &&
  !state.images.list().some(({ parentId }) => parentId === image.id);

const isUsed = ({ containers }: RemoveWorld, image: Image): boolean =>
  containers().some(({ imageId }) => imageId === image.id);
