import { checkDigest } from './digest.ts';
import {
  asObject,
  optionalList,
  optionalObject,
  parseJsonObject,
  readCount,
  readText,
  readTextMap,
  readTexts,
} from './json.ts';
import type { JsonObject } from './json.ts';
import { malformedImage } from './malformed.ts';
import { isForeignLayerType, isIndexType, MEDIA_TYPES } from './media-types.ts';

/** A pointer to content (OCI image spec "descriptor.md"). */
export type Descriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly annotations: Readonly<Record<string, string>>;
};

export type PlatformDescriptor = Descriptor & {
  /** All '' when the index does not say. */
  readonly platform: {
    readonly os: string;
    readonly architecture: string;
    readonly variant: string;
    readonly osVersion: string;
  };
};

export type ImageManifest = {
  readonly kind: 'image';
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
};

export type ImageIndex = {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly PlatformDescriptor[];
};

const MAX_ENTRIES = 1000;

/**
 * Reads a manifest or an index of manifests. `mediaType` is what the registry said; the document's
 * own word wins where there is one. Errors: `image.malformed`, also for schema 1 and foreign layers.
 */
export const parseManifest = (bytes: Uint8Array, mediaType: string): ImageManifest | ImageIndex => {
  const top = parseJsonObject(bytes, 'manifest');
  if (readCount(top, 'schemaVersion') !== 2) {
    throw malformedImage(
      'manifest has schema version 1, which is no longer supported: the image must be published again by a newer tool',
    );
  }
  const type = readText(top, 'mediaType') || bareType(mediaType);
  const manifests = optionalList(top, 'manifests');
  const layers = optionalList(top, 'layers');
  checkShape(top, type, manifests !== undefined, layers !== undefined);
  return manifests === undefined
    ? readImage(top, type, layers ?? [])
    : { kind: 'index', mediaType: type || MEDIA_TYPES.ociIndex, manifests: readAll(manifests) };
};

const bareType = (contentType: string): string => contentType.split(';')[0]?.trim() ?? '';

/** One document read in two ways by two readers is an attack (CVE-2021-41190). */
const checkShape = (top: JsonObject, type: string, isIndex: boolean, hasLayers: boolean): void => {
  if (isIndex && (hasLayers || optionalObject(top, 'config') !== undefined)) {
    throw malformedImage('manifest is an image and an index at once');
  }
  if (type !== '' && isIndexType(type) !== isIndex) {
    throw malformedImage(`manifest does not fit its media type "${type}"`);
  }
};

const readImage = (top: JsonObject, type: string, layers: readonly unknown[]): ImageManifest => {
  const config = optionalObject(top, 'config');
  if (config === undefined) throw malformedImage('manifest has no config');
  if (layers.length > MAX_ENTRIES) throw malformedImage('manifest has too many layers');
  return {
    kind: 'image',
    mediaType: type || MEDIA_TYPES.ociManifest,
    config: readDescriptor(config),
    layers: layers.map((layer, index) => readLayer(asObject(layer, `manifest.layers[${index}]`))),
  };
};

const readLayer = (from: JsonObject): Descriptor => {
  const layer = readDescriptor(from);
  if (isForeignLayerType(layer.mediaType) || readTexts(from, 'urls').length > 0) {
    throw malformedImage(`${from.at} is a foreign layer: its content is not in the registry`);
  }
  return layer;
};

const readAll = (manifests: readonly unknown[]): PlatformDescriptor[] => {
  if (manifests.length > MAX_ENTRIES) throw malformedImage('index has too many manifests');
  return manifests.map((entry, index) => {
    const from = asObject(entry, `manifests[${index}]`);
    const platform = optionalObject(from, 'platform') ?? { members: {}, at: `${from.at}.platform` };
    return {
      ...readDescriptor(from),
      platform: {
        os: readText(platform, 'os'),
        architecture: readText(platform, 'architecture'),
        variant: readText(platform, 'variant'),
        osVersion: readText(platform, 'os.version'),
      },
    };
  });
};

const readDescriptor = (from: JsonObject): Descriptor => {
  const sizeBytes = readCount(from, 'size');
  if (sizeBytes < 0) throw malformedImage(`${from.at}.size is negative`);
  return {
    mediaType: readText(from, 'mediaType'),
    digest: checkDigest(readText(from, 'digest'), `${from.at}.digest`),
    sizeBytes,
    annotations: readTextMap(from, 'annotations'),
  };
};
