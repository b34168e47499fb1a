import type { ImageLayer } from '#domain/image/image.ts';
import { checkSize } from '#formats/oci-image/descriptor-size.ts';
import type { Descriptor } from '#formats/oci-image/manifest.ts';
import { findLayer } from '#engine/images/record.ts';
import type { ExpectedLayer } from '#engine/images/record.ts';
import { shortId } from '#engine/images/resolve.ts';
import { downloadBlob } from './download-blob.ts';
import type { PullContext } from './pull-context.ts';

/** A layer of a manifest with what the configuration says of it. */
export type LayerToFetch = ExpectedLayer & { readonly blob: Descriptor };

/** Downloads and unpacks one layer, telling each step; nothing to do when the store has it. */
export const fetchLayer = async (
  pull: PullContext,
  layer: LayerToFetch,
  known: ReadonlyMap<string, ImageLayer>,
): Promise<ImageLayer> => {
  const { world, feed } = pull;
  const id = shortId(layer.blob.digest);
  const stored = await findLayer(world, known, layer.chainId);
  if (stored !== undefined) {
    if (stored.blobDigest === layer.blob.digest) checkSize(layer.blob, stored.blobSizeBytes);
    feed.mark(id, 'Already exists');
    return stored;
  }
  feed.mark(id, 'Pulling fs layer');
  if (pull.slots.isFull || world.downloadSlots.isFull) feed.mark(id, 'Waiting');
  const total = layer.blob.sizeBytes;
  await downloadBlob(pull, layer.blob, (bytes) => feed.count(id, 'Downloading', bytes, total));
  feed.mark(id, 'Verifying Checksum');
  feed.mark(id, 'Download complete');
  const unpacked = await unpackLayer(pull, layer, (bytes) => feed.count(id, 'Extracting', bytes, total));
  feed.mark(id, 'Pull complete');
  return unpacked;
};

const unpackLayer = async (
  { world, signal }: PullContext,
  { blob, chainId, diffId, below }: LayerToFetch,
  onProgress: (bytes: number) => void,
): Promise<ImageLayer> =>
  world.layerTasks.run(chainId, { signal, onProgress }, async (taskSignal, report) => {
    const unpacked = await world.snapshotter.unpackLayer({
      chainId,
      below,
      expectedDiffId: diffId,
      blobPath: world.content.pathOf(blob.digest),
      signal: taskSignal,
      onProgress: report,
    });
    return {
      diffId,
      chainId,
      blobDigest: blob.digest,
      mediaType: blob.mediaType,
      blobSizeBytes: blob.sizeBytes,
      sizeBytes: unpacked.sizeBytes,
    };
  });
