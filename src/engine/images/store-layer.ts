import type { ImageLayer } from '#domain/image/image.ts';
import type { Digest } from '#domain/value/flavor.ts';
import { COMPRESSION_PROBE_BYTES, detectCompression, layerMediaType } from '#formats/compression/detect.ts';
import type { ImagesContext } from './images-world.ts';
import type { ExpectedLayer } from './record.ts';

type Unpacking = {
  readonly layer: ExpectedLayer;
  readonly blob: { readonly digest: Digest; readonly sizeBytes: number };
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
};

/** Unpacks a blob of the store as a layer; its content must be what the configuration says. */
export const storeLayer = async (
  world: Pick<ImagesContext, 'content' | 'snapshotter' | 'layerTasks'>,
  { layer, blob, signal, onProgress }: Unpacking,
): Promise<ImageLayer> =>
  world.layerTasks.run(layer.chainId, { signal, onProgress }, async (taskSignal, report) => {
    const { sizeBytes } = await world.snapshotter.unpackLayer({
      chainId: layer.chainId,
      below: layer.below,
      expectedDiffId: layer.diffId,
      blobPath: world.content.pathOf(blob.digest),
      signal: taskSignal,
      onProgress: report,
    });
    return {
      diffId: layer.diffId,
      chainId: layer.chainId,
      blobDigest: blob.digest,
      mediaType: await mediaTypeOf(world, blob.digest),
      blobSizeBytes: blob.sizeBytes,
      sizeBytes,
    };
  });

const mediaTypeOf = async ({ content }: Pick<ImagesContext, 'content'>, digest: Digest): Promise<string> => {
  for await (const chunk of content.stream(digest)) {
    return layerMediaType(detectCompression(chunk.subarray(0, COMPRESSION_PROBE_BYTES)));
  }
  return layerMediaType('plain');
};
