import assert from 'node:assert/strict';
import { formatPlatform, matchesPlatform } from '#domain/image/platform.ts';
import { canonicalRepository, formatCanonical, formatFamiliar } from '#domain/image/reference.ts';
import type { Reference } from '#domain/image/reference.ts';
import type { Image, ImageReference } from '#domain/image/image.ts';
import { parseImageConfig } from '#formats/oci-image/config.ts';
import type { ParsedImageConfig } from '#formats/oci-image/config.ts';
import { checkSize } from '#formats/oci-image/descriptor-size.ts';
import type { ImageManifest } from '#formats/oci-image/manifest.ts';
import { allOrAbort } from '#engine/images/all-or-abort.ts';
import { wrongPlatform } from '#engine/images/image-errors.ts';
import { imageEvent } from '#engine/images/image-events.ts';
import { blobKey, imageKey, layerKey } from '#engine/images/leases.ts';
import { expectedLayers, findLayer, knownLayers, toImage } from '#engine/images/record.ts';
import type { ExpectedLayer } from '#engine/images/record.ts';
import { storeImage } from '#engine/images/store-image.ts';
import { sweep } from '#engine/images/sweep.ts';
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
  const blobs = [root, manifest.config, ...manifest.layers].map(({ digest }) => blobKey(digest));
  const keys = [...blobs, imageKey(manifest.config.digest)];
  return pull.world.leases.during(keys, async () => {
    const image = (await storedImage(pull, manifest)) ?? (await fetchParts(pull, reference, manifest));
    await pull.world.content.write(root.bytes);
    pull.signal.throwIfAborted();
    return record(pull, reference, image, root.digest);
  });
};

const record = (
  { world, feed }: PullContext,
  reference: Reference,
  image: Image,
  digest: string,
): boolean => {
  const before = world.state.references.get(formatCanonical(reference));
  storeImage(world, image, namesOf(reference, digest, image));
  feed.say(`Digest: ${digest}`);
  const repository = formatFamiliar({ ...reference, tag: '', digest: '' });
  world.emit(imageEvent('pull', image, repository, formatFamiliar(reference)));
  return before?.imageId !== image.id;
};

/** The image as it is in the store, when all of it is really there. */
const storedImage = async (
  { world }: PullContext,
  { config, layers }: ImageManifest,
): Promise<Image | undefined> => {
  const image = world.state.images.get(config.digest);
  const stored = await world.content.stat(config.digest);
  if (image === undefined || stored === undefined) return undefined;
  checkSize(config, stored.sizeBytes);
  for (const { blobDigest, blobSizeBytes } of image.layers) {
    const blob = layers.find(({ digest }) => digest === blobDigest);
    if (blob !== undefined) checkSize(blob, blobSizeBytes);
  }
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
  const keys = expected.map(({ chainId }) => layerKey(chainId));
  return pull.world.leases.during(keys, async () => {
    const known = knownLayers(pull.world);
    const fetched = await allOrAbort(pull.signal, (signal) =>
      expected.map(async (layer, index) => {
        const blob = manifest.layers[index];
        assert(blob !== undefined);
        const own = { ...pull, signal, access: { ...pull.access, signal } };
        return fetchLayer(own, { blob, ...layer }, known);
      }),
    );
    return toImage(manifest.config.digest, config, fetched);
  });
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
