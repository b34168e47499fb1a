import { choosePlatform, formatPlatform } from '#domain/image/platform.ts';
import { formatFamiliar } from '#domain/image/reference.ts';
import type { Reference } from '#domain/image/reference.ts';
import type { RegistryManifest } from '#engine/ports/registry.ts';
import { checkSize } from '#formats/oci-image/descriptor-size.ts';
import { malformedImage } from '#formats/oci-image/malformed.ts';
import { parseManifest } from '#formats/oci-image/manifest.ts';
import type { ImageIndex, ImageManifest, PlatformDescriptor } from '#formats/oci-image/manifest.ts';
import { isConfigType, isLayerType } from '#formats/oci-image/media-types.ts';
import { unsupportedMediaType, wrongPlatform } from '#engine/images/image-errors.ts';
import type { PullContext } from './pull-context.ts';

export type ResolvedManifest = {
  /** What the reference names: the index where there is one. Its digest is the image's in this repository. */
  readonly root: RegistryManifest;
  readonly manifest: ImageManifest;
};

const MAX_INDEX_DEPTH = 3;

/** Some old images have no better type for their configuration. */
const OTHER_CONFIG_TYPES: ReadonlySet<string> = new Set(['', 'application/octet-stream']);

/**
 * Fetches the manifest of a reference for the wanted platform. Errors: the registry's;
 * `image.platform`, `image.media-type`, `image.malformed`.
 */
export const resolveManifest = async (pull: PullContext, reference: Reference): Promise<ResolvedManifest> => {
  const name = reference.digest === '' ? reference.tag : reference.digest;
  const root = await pull.world.registry.manifest(pull.address, name, pull.access);
  let parsed = parseManifest(root.bytes, root.mediaType);
  for (let depth = 0; parsed.kind === 'index'; depth += 1) {
    if (depth >= MAX_INDEX_DEPTH) throw malformedImage('indexes lie too deep in each other');
    const chosen = chooseManifest(pull, reference, parsed);
    const next = await pull.world.registry.manifest(pull.address, chosen.digest, pull.access);
    checkSize(chosen, next.bytes.length);
    parsed = parseManifest(next.bytes, chosen.mediaType);
  }
  checkTypes(parsed);
  return { root, manifest: parsed };
};

const chooseManifest = (pull: PullContext, reference: Reference, index: ImageIndex): PlatformDescriptor => {
  const images = index.manifests.filter(isImage);
  const [only] = images;
  if (only !== undefined && images.length === 1 && only.platform.os === '') return only;
  const chosen = choosePlatform(images, ({ platform }) => platform, pull.wanted);
  if (chosen === undefined) {
    throw wrongPlatform(formatFamiliar(reference), formatPlatform(pull.wanted), '');
  }
  return chosen;
};

/** Build tools put statements about images beside them, for a platform `unknown/unknown`. */
const isImage = ({ platform, annotations }: PlatformDescriptor): boolean =>
  platform.os !== 'unknown' && annotations['vnd.docker.reference.type'] === undefined;

const checkTypes = ({ config, layers }: ImageManifest): void => {
  if (!isConfigType(config.mediaType) && !OTHER_CONFIG_TYPES.has(config.mediaType)) {
    throw unsupportedMediaType(config.mediaType);
  }
  const strange = layers.find(({ mediaType }) => !isLayerType(mediaType));
  if (strange !== undefined) throw unsupportedMediaType(strange.mediaType);
};
