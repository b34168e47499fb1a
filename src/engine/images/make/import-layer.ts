import type { Image, ImageConfig } from '#domain/image/image.ts';
import { parsePlatform } from '#domain/image/platform.ts';
import type { Platform } from '#domain/image/platform.ts';
import { formatCanonical, formatFamiliar, joinReference, withDefaultTag } from '#domain/image/reference.ts';
import type { Reference } from '#domain/image/reference.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ImportRequest, TransferProgress } from '#engine/engine.ts';
import { buildImageConfig } from '#formats/oci-image/build-config.ts';
import { parseImageConfig } from '#formats/oci-image/config.ts';
import { digestOf } from '#formats/oci-image/digest.ts';
import { applyChanges, EMPTY_CONFIG } from './apply-changes.ts';
import { imageEvent } from '#engine/images/image-events.ts';
import type { ImagesContext } from '#engine/images/images-world.ts';
import { blobKey, imageKey, layerKey } from '#engine/images/leases.ts';
import { ProgressFeed } from '#engine/images/progress-feed.ts';
import { findLayer, knownLayers, toImage } from '#engine/images/record.ts';
import { storeImage } from '#engine/images/store-image.ts';
import { storeLayer } from '#engine/images/store-layer.ts';
import { sweep } from '#engine/images/sweep.ts';

/**
 * Makes an image of one layer from a file system archive, compressed or not (docker-shapes.md 12d).
 * Bad names, changes and addresses are thrown before the first message; the last message's status is
 * the image id.
 */
export async function* importLayer(
  world: ImagesContext,
  request: ImportRequest,
): AsyncGenerator<TransferProgress, void, void> {
  const reference = request.repository === '' ? undefined : readReference(request);
  const config = applyChanges(EMPTY_CONFIG, request.changes);
  const platform = request.platform === '' ? world.platform : parsePlatform(request.platform, world.platform);
  const leaving = new AbortController();
  const signal = AbortSignal.any([request.signal, leaving.signal]);
  const { name, source, totalBytes } = await openSource(world, request, signal);
  const feed = new ProgressFeed();
  if (name !== '-') feed.say(`Downloading from ${name}`);
  const plan = { config, platform, signal, feed, source, totalBytes, reference };
  const work = feed.follow(run(world, { ...plan, comment: request.message || `Imported from ${name}` }));
  try {
    yield* feed;
  } finally {
    leaving.abort();
    await work;
  }
}

type Plan = {
  readonly source: AsyncIterable<Uint8Array>;
  readonly totalBytes: number | undefined;
  readonly config: ImageConfig;
  readonly platform: Platform;
  readonly comment: string;
  readonly reference: Reference | undefined;
  readonly signal: AbortSignal;
  readonly feed: ProgressFeed;
};

const readReference = ({ repository, tag }: ImportRequest): Reference => {
  const reference = withDefaultTag(joinReference(repository, tag));
  if (reference.digest === '') return reference;
  throw new EngineError('invalid', 'reference.digest', 'cannot import digest reference', {
    params: { name: formatFamiliar(reference) },
  });
};

const openSource = async (
  world: ImagesContext,
  { source }: ImportRequest,
  signal: AbortSignal,
): Promise<Pick<Plan, 'source' | 'totalBytes'> & { name: string }> => {
  if (!('url' in source)) return { name: '-', source, totalBytes: undefined };
  // `docker import host/path` means http.
  const url = source.url.includes('://') ? source.url : `http://${source.url}`;
  const { stream, totalBytes } = await world.downloads.open(url, signal);
  return { name: url, source: stream, totalBytes };
};

const run = async (world: ImagesContext, plan: Plan): Promise<void> => {
  const { content, leases } = world;
  const blob = await content.ingest(plan.source, {
    signal: plan.signal,
    onProgress: (bytes) => plan.feed.count('', 'Importing', bytes, plan.totalBytes),
  });
  let chainIds: string[] = [];
  try {
    await leases.during([blobKey(blob.digest)], async () => {
      const { diffId } = await world.digests.diffIdOf(content.pathOf(blob.digest), plan.signal);
      chainIds = [diffId];
      await leases.during([layerKey(diffId)], async () => {
        const image = await makeImage(world, plan, { ...blob, diffId });
        plan.feed.say(image.id);
      });
    });
  } finally {
    // Takes nothing that an image, new or old, needs.
    await sweep(world, { chainIds, blobs: [blob.digest] });
  }
};

type StoredBlob = { readonly digest: string; readonly sizeBytes: number; readonly diffId: string };

const makeImage = async (world: ImagesContext, plan: Plan, blob: StoredBlob): Promise<Image> => {
  const { signal } = plan;
  const layer = { diffId: blob.diffId, chainId: blob.diffId, below: [] };
  const stored = await findLayer(world, knownLayers(world), layer.chainId);
  const unpacking = { layer, blob, signal, onProgress: () => undefined };
  const unpacked = stored ?? (await storeLayer(world, unpacking));
  const bytes = configBytes(world, plan, blob.diffId);
  const id = digestOf(bytes);
  return world.leases.during([imageKey(id), blobKey(id)], async () => {
    await world.content.write(bytes);
    signal.throwIfAborted();
    return record(world, plan, toImage(id, parseImageConfig(bytes), [unpacked]));
  });
};

const record = (world: ImagesContext, { reference }: Plan, image: Image): Image => {
  if (reference === undefined) {
    storeImage(world, image, []);
    world.emit(imageEvent('import', image, image.id));
    return image;
  }
  const name = { name: formatCanonical(reference), imageId: image.id, digest: '' };
  storeImage(world, { ...image, lastTaggedAt: world.clock.now() }, [name]);
  world.emit(imageEvent('import', image, formatFamiliar(reference)));
  return image;
};

const configBytes = (world: ImagesContext, plan: Plan, diffId: string): Uint8Array => {
  const now = world.clock.now();
  return buildImageConfig({
    createdAt: now,
    author: '',
    comment: plan.comment,
    architecture: plan.platform.architecture,
    variant: plan.platform.variant,
    os: plan.platform.os,
    osVersion: '',
    dockerVersion: world.version,
    container: '',
    run: plan.config,
    diffIds: [diffId],
    history: [{ createdAt: now, createdBy: '', author: '', comment: plan.comment, emptyLayer: false }],
  });
};
