import { isEngineError } from '#domain/error/engine-error.ts';
import { choosePlatform, formatPlatform } from '#domain/image/platform.ts';
import type { Platform } from '#domain/image/platform.ts';
import { formatCanonical, parseReference, withDefaultTag } from '#domain/image/reference.ts';
import { ARCHIVE_NAMES, blobPath, checkLayout, NAME_ANNOTATIONS } from '#formats/oci-image/archive.ts';
import { checkSize } from '#formats/oci-image/descriptor-size.ts';
import { digestOf } from '#formats/oci-image/digest.ts';
import { malformedImage } from '#formats/oci-image/malformed.ts';
import { parseManifest } from '#formats/oci-image/manifest.ts';
import type { Descriptor, ImageManifest, PlatformDescriptor } from '#formats/oci-image/manifest.ts';
import { isIndexType, MEDIA_TYPES } from '#formats/oci-image/media-types.ts';
import { wrongPlatform } from '#engine/images/image-errors.ts';
import type { LoadableImage } from './archived-image.ts';
import type { SpooledArchive } from './spooled-archive.ts';

const MAX_INDEX_DEPTH = 3;

/** Images of an OCI layout (`index.json`), for the wanted platform where there is a choice. */
export const readOciLayout = async (archive: SpooledArchive, wanted: Platform): Promise<LoadableImage[]> => {
  if (archive.has(ARCHIVE_NAMES.layout)) checkLayout(await archive.read(ARCHIVE_NAMES.layout));
  const index = parseManifest(await archive.read(ARCHIVE_NAMES.index), MEDIA_TYPES.ociIndex);
  if (index.kind !== 'index') throw malformedImage('index.json is no index');
  const images: LoadableImage[] = [];
  for (const descriptor of index.manifests) {
    if (!isImage(descriptor)) continue;
    const manifest = await readManifest(archive, descriptor, wanted);
    images.push({
      config: await readBlob(archive, manifest.config),
      layers: manifest.layers.map((blob) => ({ path: blobPath(blob.digest), blob })),
      tags: namesOf(descriptor),
    });
  }
  return images;
};

const readManifest = async (
  archive: SpooledArchive,
  descriptor: Descriptor,
  wanted: Platform,
): Promise<ImageManifest> => {
  let next = descriptor;
  for (let depth = 0; depth < MAX_INDEX_DEPTH; depth += 1) {
    const parsed = parseManifest(await readBlob(archive, next), next.mediaType);
    if (parsed.kind === 'image') return parsed;
    const images = parsed.manifests.filter(isImage);
    // Archives often carry the blobs of one platform only, and an index of all.
    const present = images.filter(({ digest }) => archive.has(blobPath(digest)));
    const chosen = choosePlatform(present, ({ platform }) => platform, wanted) ?? onlyOne(present);
    if (chosen === undefined) throw wrongPlatform(descriptor.digest, formatPlatform(wanted), '');
    next = chosen;
  }
  throw malformedImage('indexes lie too deep in each other');
};

const readBlob = async (archive: SpooledArchive, descriptor: Descriptor): Promise<Uint8Array> => {
  const { digest } = descriptor;
  const bytes = await archive.read(blobPath(digest));
  checkSize(descriptor, bytes.length);
  if (digestOf(bytes) !== digest) throw malformedImage(`archive blob is not what its name says: ${digest}`);
  return bytes;
};

const isImage = ({ mediaType, platform, annotations }: PlatformDescriptor): boolean =>
  (mediaType === '' || isIndexType(mediaType) || mediaType.includes('manifest')) &&
  platform.os !== 'unknown' &&
  annotations['vnd.docker.reference.type'] === undefined;

const onlyOne = (manifests: readonly PlatformDescriptor[]): PlatformDescriptor | undefined =>
  manifests.length === 1 && manifests[0]?.platform.os === '' ? manifests[0] : undefined;

/** A bare tag (`latest`) names no repository and is left out. */
const namesOf = ({ annotations }: Descriptor): string[] => {
  const name = annotations[NAME_ANNOTATIONS.image] ?? annotations[NAME_ANNOTATIONS.reference] ?? '';
  if (!/[/:]/.test(name)) return [];
  try {
    const reference = parseReference(name);
    return reference.digest === '' ? [formatCanonical(withDefaultTag(reference))] : [];
  } catch (error) {
    // An annotation may be anything.
    if (isEngineError(error, 'invalid')) return [];
    throw error;
  }
};
