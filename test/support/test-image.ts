import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { buildImageConfig } from '#formats/oci-image/build-config.ts';
import { buildDockerManifest, buildOciManifest } from '#formats/oci-image/build-manifest.ts';
import type { RunConfig } from '#formats/oci-image/config.ts';
import { MEDIA_TYPES } from '#formats/oci-image/media-types.ts';
import { writeTar } from '#formats/tar/write-tar.ts';

/** Files of a layer by path; a path that ends with `/` is a directory. */
export type LayerFiles = Readonly<Record<string, string | Uint8Array>>;

export type TestLayer = {
  readonly tar: Buffer;
  readonly diffId: string;
  readonly blob: Buffer;
  readonly digest: string;
  readonly mediaType: string;
};

export type TestImage = {
  readonly layers: readonly TestLayer[];
  readonly config: Buffer;
  readonly id: string;
  readonly manifest: Buffer;
  readonly manifestType: string;
  readonly manifestDigest: string;
};

export type ImageRequest = {
  readonly layers?: readonly { readonly files: LayerFiles; readonly compression?: Compression }[];
  readonly run?: Partial<RunConfig>;
  readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string };
  readonly family?: 'docker' | 'oci';
};

export type Compression = 'plain' | 'gzip' | 'zstd';

export const sha256 = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export const makeTar = async (files: LayerFiles): Promise<Buffer> => {
  const entries = Object.entries(files).map(([path, content]) =>
    path.endsWith('/')
      ? { header: { kind: 'directory' as const, path } }
      : { header: { kind: 'file' as const, path }, content: Buffer.from(content) },
  );
  return Buffer.concat(await Array.fromAsync(writeTar(entries)));
};

/** An image of the given layers (default: one gzip layer with a small file), as a registry holds it. */
export const makeImage = async (request: ImageRequest = {}): Promise<TestImage> => {
  const { layers: wanted = [{ files: { hello: 'world\n' } }], family = 'docker' } = request;
  const layers = await Promise.all(
    wanted.map(async ({ files, compression = 'gzip' }) =>
      makeLayer(await makeTar(files), compression, family),
    ),
  );
  const config = Buffer.from(
    buildImageConfig({
      createdAt: Date.parse('2026-01-02T03:04:05Z'),
      author: '',
      comment: '',
      architecture: request.platform?.architecture ?? 'amd64',
      variant: request.platform?.variant ?? '',
      os: request.platform?.os ?? 'linux',
      osVersion: '',
      dockerVersion: '',
      container: '',
      run: { ...EMPTY_RUN, ...request.run },
      diffIds: layers.map(({ diffId }) => diffId),
      history: layers.map((_layer, index) => ({
        createdAt: Date.parse('2026-01-02T03:04:05Z'),
        createdBy: `step ${index + 1}`,
        author: '',
        comment: '',
        emptyLayer: false,
      })),
    }),
  );
  return { layers, config, id: sha256(config), ...makeManifest(config, layers, family) };
};

export const makeManifest = (
  config: Buffer,
  layers: readonly TestLayer[],
  family: 'docker' | 'oci',
): Pick<TestImage, 'manifest' | 'manifestType' | 'manifestDigest'> => {
  const isOci = family === 'oci';
  const manifest = Buffer.from(
    (isOci ? buildOciManifest : buildDockerManifest)({
      config: {
        mediaType: isOci ? MEDIA_TYPES.ociConfig : MEDIA_TYPES.dockerConfig,
        digest: sha256(config),
        sizeBytes: config.length,
      },
      layers: layers.map(({ digest, blob, mediaType }) => ({ mediaType, digest, sizeBytes: blob.length })),
    }),
  );
  const manifestType = isOci ? MEDIA_TYPES.ociManifest : MEDIA_TYPES.dockerManifest;
  return { manifest, manifestType, manifestDigest: sha256(manifest) };
};

const EMPTY_RUN: RunConfig = {
  user: '',
  exposedPorts: [],
  env: [],
  entrypoint: null,
  cmd: ['/hello'],
  volumes: [],
  workingDir: '',
  labels: {},
  onBuild: [],
};

const makeLayer = (tar: Buffer, compression: Compression, family: 'docker' | 'oci'): TestLayer => {
  const blob = COMPRESS[compression](tar);
  return {
    tar,
    diffId: sha256(tar),
    blob,
    digest: sha256(blob),
    mediaType: layerType(compression, family),
  };
};

const COMPRESS: Readonly<Record<Compression, (tar: Buffer) => Buffer>> = {
  plain: (tar) => tar,
  gzip: (tar) => gzipSync(tar),
  zstd: (tar) => zstdCompressSync(tar),
};

const layerType = (compression: Compression, family: 'docker' | 'oci'): string => {
  if (family === 'docker' && compression === 'gzip') return MEDIA_TYPES.dockerLayerGzip;
  if (compression === 'gzip') return MEDIA_TYPES.ociLayerGzip;
  return compression === 'zstd' ? MEDIA_TYPES.ociLayerZstd : MEDIA_TYPES.ociLayer;
};
