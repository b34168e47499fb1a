import { EngineError } from '#domain/error/engine-error.ts';
import { formatFamiliar, parseReference } from '#domain/image/reference.ts';
import type { Image, ImageLayer } from '#domain/image/image.ts';
import type { LoadProgress } from '#engine/engine.ts';
import { ARCHIVE_NAMES } from '#formats/oci-image/archive.ts';
import { parseImageConfig } from '#formats/oci-image/config.ts';
import { checkSize } from '#formats/oci-image/descriptor-size.ts';
import { digestOf } from '#formats/oci-image/digest.ts';
import { malformedImage } from '#formats/oci-image/malformed.ts';
import { allOrAbort } from '#engine/images/all-or-abort.ts';
import { Feed } from '#engine/images/feed.ts';
import { imageEvent } from '#engine/images/image-events.ts';
import type { ImagesContext } from '#engine/images/images-world.ts';
import { blobKey, imageKey, layerKey } from '#engine/images/leases.ts';
import { expectedLayers, findLayer, knownLayers, toImage } from '#engine/images/record.ts';
import type { ExpectedLayer } from '#engine/images/record.ts';
import { shortId } from '#engine/images/resolve.ts';
import { storeImage } from '#engine/images/store-image.ts';
import { storeLayer } from '#engine/images/store-layer.ts';
import { sweep } from '#engine/images/sweep.ts';
import type { LoadableImage, LoadableLayer } from './archived-image.ts';
import { decompress } from './decompress.ts';
import { readDockerArchive } from './read-docker-archive.ts';
import { readLegacyArchive } from './read-legacy-archive.ts';
import { readOciLayout } from './read-oci-layout.ts';
import { SpooledArchive } from './spooled-archive.ts';

/**
 * Loads the images of an archive: docker-archive, OCI layout or the form of Docker before 1.10,
 * plain or compressed. Names move to the loaded images. The archive is read once, as it comes.
 * Errors: `archive.*`, `tar.*`, `image.malformed`; images before the bad one stay loaded.
 */
export async function* load(
  world: ImagesContext,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<LoadProgress, void, void> {
  const leaving = new AbortController();
  const both = AbortSignal.any([signal, leaving.signal]);
  await using archive = await SpooledArchive.read(world, decompress(world, source, both), both);
  for (const image of await readImages(world, archive)) {
    const feed = new Feed<LoadProgress>(isNewerCount);
    const loading = feed.follow(loadImage({ world, archive, signal: both, feed }, image));
    let isReadToEnd = false;
    try {
      yield* feed;
      isReadToEnd = true;
    } finally {
      if (!isReadToEnd) leaving.abort();
      await loading;
    }
  }
}

const isNewerCount = (waiting: LoadProgress, next: LoadProgress): boolean =>
  waiting.kind === 'layer' && next.kind === 'layer' && waiting.id === next.id;

type Loading = {
  readonly world: ImagesContext;
  readonly archive: SpooledArchive;
  readonly signal: AbortSignal;
  readonly feed: Feed<LoadProgress>;
};

const readImages = async (world: ImagesContext, archive: SpooledArchive): Promise<LoadableImage[]> => {
  if (archive.has(ARCHIVE_NAMES.manifest)) return readDockerArchive(archive);
  if (archive.has(ARCHIVE_NAMES.index)) return readOciLayout(archive, world.platform);
  const images = await readLegacyArchive(world, archive);
  if (images.length > 0) return images;
  throw new EngineError(
    'invalid',
    'archive.no-image',
    'the archive holds no image: neither manifest.json nor index.json',
  );
};

const loadImage = async (loading: Loading, loadable: LoadableImage): Promise<void> => {
  const { world, feed } = loading;
  const config = parseImageConfig(loadable.config);
  const expected = expectedLayers(config, loadable.layers.length);
  const id = digestOf(loadable.config);
  await world.leases.during([imageKey(id), blobKey(id)], async () => {
    const layers = await loadLayers(loading, loadable, expected);
    await world.content.write(loadable.config);
    const image = toImage(id, config, layers);
    announce(loading, image, loadable.tags);
    world.emit(imageEvent('load', image, image.id));
    if (loadable.tags.length === 0) feed.push({ kind: 'loaded-id', id });
  });
};

const announce = ({ world, feed }: Loading, image: Image, tags: readonly string[]): void => {
  const references = tags.map((name) => ({ name, imageId: image.id, digest: '' }));
  const { moved } = storeImage(
    world,
    tags.length === 0 ? image : { ...image, lastTaggedAt: world.clock.now() },
    references,
  );
  for (const { name, previousId } of moved) {
    feed.push({ kind: 'renamed', reference: formatFamiliar(parseReference(name)), previousId });
  }
  for (const name of tags) feed.push({ kind: 'loaded', reference: formatFamiliar(parseReference(name)) });
};

const loadLayers = async (
  loading: Loading,
  loadable: LoadableImage,
  expected: readonly ExpectedLayer[],
): Promise<ImageLayer[]> => {
  const { world, archive } = loading;
  const chainIds = expected.map(({ chainId }) => chainId);
  const known = knownLayers(world);
  const loadOne = async (signal: AbortSignal, layer: ExpectedLayer, index: number): Promise<ImageLayer> => {
    const file = loadable.layers[index];
    if (file === undefined) throw malformedImage('archive has too few layers');
    const stored = await findLayer(world, known, layer.chainId);
    if (file.blob !== undefined && archive.has(file.path)) checkSize(file.blob, archive.sizeOf(file.path));
    return stored ?? loadLayer({ ...loading, signal }, layer, file);
  };
  try {
    return await world.leases.during(chainIds.map(layerKey), async () =>
      allOrAbort(loading.signal, (signal) =>
        expected.map(async (layer, index) => loadOne(signal, layer, index)),
      ),
    );
  } catch (error) {
    await sweep(world, { chainIds, blobs: [] });
    throw error;
  }
};

const loadLayer = async (
  { world, archive, signal, feed }: Loading,
  layer: ExpectedLayer,
  file: LoadableLayer,
): Promise<ImageLayer> => {
  const blob = await archive.blob(file.path);
  if (file.blob !== undefined && file.blob.digest !== blob.digest) {
    throw malformedImage(`archive blob is not what its name says: ${file.blob.digest}`);
  }
  const id = shortId(layer.chainId);
  const total = blob.sizeBytes;
  return storeLayer(world, {
    layer,
    blob,
    signal,
    onProgress: (current) => feed.push({ kind: 'layer', id, current, total }),
  });
};
