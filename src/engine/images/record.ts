import type { Image, ImageLayer } from '#domain/image/image.ts';
import type { ParsedImageConfig } from '#formats/oci-image/config.ts';
import type { ImageId } from '#domain/value/flavor.ts';
import { chainIds } from '#formats/oci-image/chain-id.ts';
import { malformedImage } from '#formats/oci-image/malformed.ts';
import type { ImagesWorld } from './images-world.ts';

/** Our record of an image: its configuration, read, and where its layers are. */
export const toImage = (
  id: ImageId,
  config: ParsedImageConfig,
  layers: readonly ImageLayer[],
  parentId: ImageId = '',
): Image => ({
  id,
  parentId,
  createdAt: config.createdAt,
  ...(config.created === undefined ? {} : { created: config.created }),
  author: config.author,
  comment: config.comment,
  architecture: config.architecture,
  variant: config.variant,
  os: config.os,
  osVersion: config.osVersion,
  dockerVersion: config.dockerVersion,
  containerId: config.container,
  ...(config.containerConfig === undefined ? {} : { containerConfig: config.containerConfig }),
  config: config.run,
  layers,
  history: config.history,
  sizeBytes: layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  lastTaggedAt: 0,
});

/** A layer to come: what the configuration says of it. */
export type ExpectedLayer = {
  readonly diffId: string;
  readonly chainId: string;
  /** Chain ids of the layers it lies on, base first. */
  readonly below: readonly string[];
};

/** Base first. Errors: `image.malformed` when there are not as many blobs as layers. */
export const expectedLayers = (config: ParsedImageConfig, blobs: number): ExpectedLayer[] => {
  if (config.diffIds.length !== blobs) {
    throw malformedImage(
      `invalid manifest, layers length mismatch: expected ${config.diffIds.length}, got ${blobs}`,
    );
  }
  const chain = chainIds(config.diffIds);
  return config.diffIds.map((diffId, index) => ({
    diffId,
    chainId: chain[index] ?? diffId,
    below: chain.slice(0, index),
  }));
};

/** Layers of images in the store, by chain id. */
export const knownLayers = ({ state }: Pick<ImagesWorld, 'state'>): ReadonlyMap<string, ImageLayer> => {
  const known = new Map<string, ImageLayer>();
  for (const { layers } of state.images.list()) {
    for (const layer of layers) known.set(layer.chainId, layer);
  }
  return known;
};

/** The stored layer, if it is really there: unpacked, and its blob to hand out again. */
export const findLayer = async (
  world: Pick<ImagesWorld, 'content' | 'snapshotter'>,
  known: ReadonlyMap<string, ImageLayer>,
  chainId: string,
): Promise<ImageLayer | undefined> => {
  const layer = known.get(chainId);
  if (layer === undefined || !(await world.snapshotter.hasLayer(chainId))) return undefined;
  return (await world.content.stat(layer.blobDigest)) === undefined ? undefined : layer;
};
