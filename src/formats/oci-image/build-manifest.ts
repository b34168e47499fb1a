import { MEDIA_TYPES } from './media-types.ts';

/** What a manifest says of a part; `annotations` and `platform` only where an index wants them. */
export type DescriptorToWrite = {
  readonly mediaType: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Readonly<Record<string, string>>;
};

export type ManifestToWrite = {
  readonly config: DescriptorToWrite;
  readonly layers: readonly DescriptorToWrite[];
};

export const buildOciManifest = (manifest: ManifestToWrite): Uint8Array =>
  build(MEDIA_TYPES.ociManifest, manifest);

/** Docker's schema 2. */
export const buildDockerManifest = (manifest: ManifestToWrite): Uint8Array =>
  build(MEDIA_TYPES.dockerManifest, manifest);

/** Bytes of an OCI index (`index.json` of a layout, or what a registry serves for many platforms). */
export const buildOciIndex = (manifests: readonly DescriptorToWrite[]): Uint8Array =>
  encode({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociIndex,
    manifests: manifests.map(presentDescriptor),
  });

const build = (mediaType: string, { config, layers }: ManifestToWrite): Uint8Array =>
  encode({
    schemaVersion: 2,
    mediaType,
    config: presentDescriptor(config),
    layers: layers.map(presentDescriptor),
  });

const presentDescriptor = (descriptor: DescriptorToWrite): unknown => ({
  mediaType: descriptor.mediaType,
  digest: descriptor.digest,
  size: descriptor.sizeBytes,
  ...(descriptor.annotations === undefined ? {} : { annotations: descriptor.annotations }),
  ...(descriptor.platform === undefined ? {} : { platform: descriptor.platform }),
});

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
