import { EngineError } from '#domain/error/engine-error.ts';
import type { Image, ImageLayer } from '#domain/image/image.ts';
import { familiarRepository, formatFamiliar, parseReference } from '#domain/image/reference.ts';
import {
  ARCHIVE_NAMES,
  blobPath,
  buildArchiveManifest,
  buildLayout,
  buildRepositories,
  NAME_ANNOTATIONS,
} from '#formats/oci-image/archive.ts';
import { buildOciIndex, buildOciManifest } from '#formats/oci-image/build-manifest.ts';
import type { DescriptorToWrite } from '#formats/oci-image/build-manifest.ts';
import { digestOf, hexOf } from '#formats/oci-image/digest.ts';
import { MEDIA_TYPES } from '#formats/oci-image/media-types.ts';
import { writeTar } from '#formats/tar/write-tar.ts';
import type { TarSource } from '#formats/tar/write-tar.ts';
import type { SaveOptions } from '#engine/engine.ts';
import { imageEvent } from '#engine/images/image-events.ts';
import type { ImagesContext } from '#engine/images/images-world.ts';
import { blobKey } from '#engine/images/leases.ts';
import { sweep } from '#engine/images/sweep.ts';
import { legacyMembers } from './legacy-members.ts';
import { selectImages } from './select-images.ts';
import type { SelectedImage } from './select-images.ts';

/**
 * An archive of images that every generation of engines loads: `manifest.json` for Docker, an OCI
 * layout beside it, blobs once each, layers uncompressed (their names are their diff ids). Equal
 * images give equal bytes. Errors: `image.not-found`, before the first byte.
 */
export const save = (
  world: ImagesContext,
  refs: readonly string[],
  options: SaveOptions,
): AsyncIterable<Uint8Array> => {
  const selected = selectImages(world, refs);
  return writeTar(entries(world, selected, options));
};

async function* entries(
  world: ImagesContext,
  selected: readonly SelectedImage[],
  { signal, isLegacy = false }: SaveOptions,
): AsyncGenerator<TarSource, void, void> {
  const blobs = selected.flatMap(({ image }) => [
    image.id,
    ...image.layers.map(({ blobDigest }) => blobDigest),
  ]);
  const lease = await world.leases.hold(blobs.map(blobKey));
  try {
    yield folder('blobs/');
    yield folder('blobs/sha256/');
    const saving = { world, signal, isLegacy, written: new Set<string>(), sizes: new Map<string, number>() };
    const manifests: DescriptorToWrite[] = [];
    for (const each of selected) manifests.push(...(yield* imageEntries(saving, each)));
    yield file(ARCHIVE_NAMES.index, buildOciIndex(manifests));
    yield* descriptions(selected, saving.sizes);
  } finally {
    lease[Symbol.dispose]();
    // Their image may have been removed meanwhile.
    await sweep(world, { chainIds: [], blobs });
  }
}

type Saving = {
  readonly world: ImagesContext;
  readonly signal: AbortSignal;
  readonly isLegacy: boolean;
  /** Digests in the archive so far: shared layers go in once. */
  readonly written: Set<string>;
  /** Bytes of each layer's tar, by diff id. */
  readonly sizes: Map<string, number>;
};

/** Blobs of one image; returns what the index says of it. */
async function* imageEntries(
  saving: Saving,
  { image, tags }: SelectedImage,
): AsyncGenerator<TarSource, DescriptorToWrite[], void> {
  const { world, isLegacy, written, sizes } = saving;
  for (const layer of image.layers) yield* layerEntry(saving, layer);
  const configDigest: string = image.id;
  const config = await world.content.read(configDigest);
  if (isFirst(written, image.id)) yield file(blobPath(image.id), config);
  if (isLegacy) yield* legacyMembers(image, config, (id) => isFirst(written, id));
  const manifest = buildOciManifest({
    config: { mediaType: MEDIA_TYPES.ociConfig, digest: image.id, sizeBytes: config.length },
    layers: image.layers.map((layer) => describeLayer(layer, sizes)),
  });
  const digest = digestOf(manifest);
  if (isFirst(written, digest)) yield file(blobPath(digest), manifest);
  world.emit(imageEvent('save', image, image.id));
  return describeImage({ digest, sizeBytes: manifest.length }, tags);
}

async function* layerEntry(
  { world, signal, written, sizes }: Saving,
  layer: ImageLayer,
): AsyncGenerator<TarSource, void, void> {
  signal.throwIfAborted();
  if (!isFirst(written, layer.diffId)) return;
  const sizeBytes = await tarBytesOf(world, layer, signal);
  sizes.set(layer.diffId, sizeBytes);
  const tar = world.digests.uncompressed(world.content.pathOf(layer.blobDigest));
  yield {
    header: { kind: 'file', path: blobPath(layer.diffId), sizeBytes },
    content: abortable(tar, signal),
  };
}

function* descriptions(
  selected: readonly SelectedImage[],
  sizes: ReadonlyMap<string, number>,
): Generator<TarSource, void, void> {
  const images = selected.map(({ image, tags }) => ({
    configPath: blobPath(image.id),
    layerPaths: image.layers.map(({ diffId }) => blobPath(diffId)),
    tags: tags.map((tag) => formatFamiliar(parseReference(tag))),
    sources: Object.fromEntries(
      image.layers.map((layer) => {
        const { mediaType, digest, sizeBytes } = describeLayer(layer, sizes);
        return [layer.diffId, { mediaType, size: sizeBytes, digest }];
      }),
    ),
  }));
  yield file(ARCHIVE_NAMES.manifest, buildArchiveManifest(images));
  yield file(ARCHIVE_NAMES.layout, buildLayout());
  const names = selected.flatMap(({ image, tags }) => tags.map((tag) => nameEntry(image, tag)));
  if (names.length > 0) yield file(ARCHIVE_NAMES.repositories, buildRepositories(names));
}

const nameEntry = (image: Image, name: string): { repository: string; tag: string; id: string } => {
  const reference = parseReference(name);
  return { repository: familiarRepository(reference), tag: reference.tag, id: hexOf(image.id) };
};

/** One descriptor per name; one without a name for an image saved by id. */
const describeImage = (
  manifest: { readonly digest: string; readonly sizeBytes: number },
  tags: readonly string[],
): DescriptorToWrite[] => {
  const descriptor = { mediaType: MEDIA_TYPES.ociManifest, ...manifest };
  if (tags.length === 0) return [descriptor];
  return tags.map((name) => ({
    ...descriptor,
    annotations: {
      [NAME_ANNOTATIONS.image]: name,
      [NAME_ANNOTATIONS.reference]: parseReference(name).tag,
    },
  }));
};

const describeLayer = (layer: ImageLayer, sizes: ReadonlyMap<string, number>): DescriptorToWrite => ({
  mediaType: MEDIA_TYPES.ociLayer,
  digest: layer.diffId,
  sizeBytes: sizes.get(layer.diffId) ?? 0,
});

/** A tar header needs the length before the bytes: compressed layers are read twice. */
const tarBytesOf = async (world: ImagesContext, layer: ImageLayer, signal: AbortSignal): Promise<number> => {
  const path = world.content.pathOf(layer.blobDigest);
  const name: string = layer.diffId;
  if (layer.blobDigest === name) return layer.blobSizeBytes;
  const { diffId, tarBytes } = await world.digests.diffIdOf(path, signal);
  if (diffId === name) return tarBytes;
  throw new EngineError('damaged', 'layer.damaged', `layer ${layer.diffId} is damaged in the store`, {
    params: { diffId: layer.diffId },
  });
};

async function* abortable(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of source) {
    signal.throwIfAborted();
    yield chunk;
  }
}

const isFirst = (written: Set<string>, digest: string): boolean => {
  if (written.has(digest)) return false;
  written.add(digest);
  return true;
};

const folder = (path: string): TarSource => ({ header: { kind: 'directory', path } });

const file = (path: string, content: Uint8Array): TarSource => ({ header: { kind: 'file', path }, content });
