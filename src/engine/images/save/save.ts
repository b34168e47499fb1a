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
import { imageEvent } from '../image-events.ts';
import type { ImagesContext } from '../images-world.ts';
import { blobKey } from '../leases.ts';
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
  signal: AbortSignal,
): AsyncIterable<Uint8Array> => {
  const selected = selectImages(world, refs);
  return writeTar(entries(world, selected, signal));
};

async function* entries(
  world: ImagesContext,
  selected: readonly SelectedImage[],
  signal: AbortSignal,
): AsyncGenerator<TarSource, void, void> {
  const blobs = selected.flatMap(({ image }) => [
    image.id,
    ...image.layers.map(({ blobDigest }) => blobDigest),
  ]);
  using _held = await world.leases.hold(blobs.map(blobKey));
  yield folder('blobs/');
  yield folder('blobs/sha256/');
  const written = new Set<string>();
  const manifests: DescriptorToWrite[] = [];
  const sizes = new Map<string, number>();
  for (const { image, tags } of selected) {
    for (const layer of image.layers) {
      signal.throwIfAborted();
      const sizeBytes = sizes.get(layer.diffId) ?? (await tarBytesOf(world, layer, signal));
      sizes.set(layer.diffId, sizeBytes);
      if (!isFirst(written, layer.diffId)) continue;
      yield {
        header: { kind: 'file', path: blobPath(layer.diffId), sizeBytes },
        content: abortable(world.digests.uncompressed(world.content.pathOf(layer.blobDigest)), signal),
      };
    }
    const config = await world.content.read(`${image.id}`);
    if (isFirst(written, image.id)) yield file(blobPath(image.id), config);
    const manifest = buildOciManifest({
      config: { mediaType: MEDIA_TYPES.ociConfig, digest: image.id, sizeBytes: config.length },
      layers: image.layers.map((layer) => describeLayer(layer, sizes)),
    });
    const digest = digestOf(manifest);
    if (isFirst(written, digest)) yield file(blobPath(digest), manifest);
    manifests.push(...describeImage({ digest, sizeBytes: manifest.length }, tags));
    world.emit(imageEvent('save', image, image.id));
  }
  yield file(ARCHIVE_NAMES.index, buildOciIndex(manifests));
  yield* descriptions(selected, sizes);
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
  if (layer.blobDigest === `${layer.diffId}`) return layer.blobSizeBytes;
  const { diffId, tarBytes } = await world.digests.diffIdOf(path, signal);
  if (diffId === layer.diffId) return tarBytes;
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
