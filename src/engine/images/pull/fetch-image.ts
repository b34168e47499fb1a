import assert from 'node:assert/strict';
import { formatPlatform, matchesPlatform } from '#domain/image/platform.ts';
import { canonicalRepository, formatCanonical, formatFamiliar } from '#domain/image/reference.ts';
import type { Reference } from '#domain/image/reference.ts';
import type { Image, ImageReference } from '#domain/image/image.ts';
import { parseImageConfig } from '#formats/oci-image/config.ts';
import type { ParsedImageConfig } from '#formats/oci-image/config.ts';
import type { ImageManifest } from '#formats/oci-image/manifest.ts';
import { allOrAbort } from '../all-or-abort.ts';
import { wrongPlatform } from '../image-errors.ts';
import { imageEvent } from '../image-events.ts';
import { blobKey, imageKey, layerKey } from '../leases.ts';
import { expectedLayers, findLayer, knownLayers, toImage } from '../record.ts';
import type { ExpectedLayer } from '../record.ts';
import { storeImage } from '../store-image.ts';
import { sweep } from '../sweep.ts';
import { downloadBlob } from './download-blob.ts';
import { fetchLayer } from './fetch-layer.ts';
import type { PullContext } from './pull-context.ts';
import type { ResolvedManifest } from './resolve-manifest.ts';

/** Brings one image into the store and names it. Answers whether the name now means something new. */
export const fetchImage = async (
  pull: PullContext,
  reference: Reference,
  { root, manifest }: ResolvedManifest,
): Promise<boolean> => {
  const { world, feed } = pull;
  const blobs = [root, manifest.config, ...manifest.layers].map(({ digest }) => blobKey(digest));
  using _held = await world.leases.hold([...blobs, imageKey(manifest.config.digest)]);
  const image = (await storedImage(pull, manifest)) ?? (await fetchParts(pull, reference, manifest));
  await world.content.write(root.bytes);
  pull.signal.throwIfAborted();
  const before = world.state.references.get(formatCanonical(reference));
  storeImage(world, image, namesOf(reference, root.digest, image));
  feed.say(`Digest: ${root.digest}`);
  const repository = formatFamiliar({ ...reference, tag: '', digest: '' });
  world.emit(imageEvent('pull', image, repository, formatFamiliar(reference)));
  return before?.imageId !== image.id;
};

/** The image as it is in the store, when all of it is really there. */
const storedImage = async ({ world }: PullContext, { config }: ImageManifest): Promise<Image | undefined> => {
  const image = world.state.images.get(config.digest);
  if (image === undefined || (await world.content.stat(`${image.id}`)) === undefined) return undefined;
  const known = new Map(image.layers.map((layer) => [layer.chainId, layer]));
  for (const { chainId } of image.layers) {
    if ((await findLayer(world, known, chainId)) === undefined) return undefined;
  }
  return image;
};

const fetchParts = async (
  pull: PullContext,
  reference: Reference,
  manifest: ImageManifest,
): Promise<Image> => {
  const { world } = pull;
  await downloadBlob(pull, manifest.config);
  const config = parseImageConfig(await world.content.read(manifest.config.digest));
  checkPlatform(pull, reference, config);
  const expected = expectedLayers(config, manifest.layers.length);
  try {
    return await fetchLayers(pull, manifest, { config, expected });
  } catch (error) {
    // Whole blobs stay as parts of the next try; what was unpacked of them need not.
    await sweep(world, { chainIds: expected.map(({ chainId }) => chainId), blobs: [] });
    throw error;
  }
};

const fetchLayers = async (
  pull: PullContext,
  manifest: ImageManifest,
  { config, expected }: { config: ParsedImageConfig; expected: readonly ExpectedLayer[] },
): Promise<Image> => {
  using _held = await pull.world.leases.hold(expected.map(({ chainId }) => layerKey(chainId)));
  const known = knownLayers(pull.world);
  const fetched = await allOrAbort(pull.signal, (signal) =>
    expected.map(async (layer, index) => {
      const blob = manifest.layers[index];
      assert(blob !== undefined);
      return fetchLayer({ ...pull, signal, access: { ...pull.access, signal } }, { blob, ...layer }, known);
    }),
  );
  return toImage(manifest.config.digest, config, fetched);
};

const checkPlatform = (pull: PullContext, reference: Reference, config: ParsedImageConfig): void => {
  if (!pull.isPlatformAsked || matchesPlatform(config, pull.wanted)) return;
  throw wrongPlatform(formatFamiliar(reference), formatPlatform(pull.wanted), formatPlatform(config));
};

const namesOf = (reference: Reference, digest: string, image: Image): ImageReference[] => {
  const byDigest = { name: `${canonicalRepository(reference)}@${digest}`, imageId: image.id, digest };
  return reference.digest === ''
    ? [{ name: formatCanonical(reference), imageId: image.id, digest: '' }, byDigest]
    : [byDigest];
};
