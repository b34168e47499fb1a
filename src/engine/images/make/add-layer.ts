import type { Image, ImageLayer } from '#domain/image/image.ts';
import { formatCanonical, formatFamiliar, joinReference, withDefaultTag } from '#domain/image/reference.ts';
import type { Reference } from '#domain/image/reference.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ImageId } from '#domain/value/flavor.ts';
import type { AddLayer } from '#engine/engine.ts';
import { buildImageConfig } from '#formats/oci-image/build-config.ts';
import { chainIds } from '#formats/oci-image/chain-id.ts';
import { parseImageConfig } from '#formats/oci-image/config.ts';
import { digestOf } from '#formats/oci-image/digest.ts';
import { imageEvent } from '#engine/images/image-events.ts';
import type { ImagesContext } from '#engine/images/images-world.ts';
import { blobKey, imageKey, layerKey } from '#engine/images/leases.ts';
import { findLayer, knownLayers, toImage } from '#engine/images/record.ts';
import { storeImage } from '#engine/images/store-image.ts';
import { storeLayer } from '#engine/images/store-layer.ts';
import { holdingsOf, sweep } from '#engine/images/sweep.ts';

/**
 * Makes an image of a layer on top of another image, as commit does. What it builds upon is held from before
 * the first byte is read; on failure nothing is left.
 */
export const addLayer = async (world: ImagesContext, request: AddLayer): Promise<ImageId> => {
  const reference = request.repository === '' ? undefined : readReference(request);
  const parent = world.state.images.get(request.parentId);
  if (request.parentId !== '' && parent === undefined)
    throw new EngineError('not-found', 'image.not-found', `no such image: ${request.parentId}`, {
      params: { ref: request.parentId },
    });
  const held = parent?.layers ?? [];
  const keys = held.flatMap(({ chainId, blobDigest }) => [layerKey(chainId), blobKey(blobDigest)]);
  try {
    return await world.leases.during(keys, async () => storeOn(world, request, { parent, reference }));
  } finally {
    // What it is made of may have been removed meanwhile.
    await sweep(world, parent === undefined ? NOTHING : holdingsOf(parent, []));
  }
};

const NOTHING = { chainIds: [], blobs: [] };

type Place = { readonly parent: Image | undefined; readonly reference: Reference | undefined };

const readReference = ({ repository, tag }: AddLayer): Reference => {
  const reference = withDefaultTag(joinReference(repository, tag));
  if (reference.digest === '') return reference;
  throw new EngineError('invalid', 'reference.digest', 'cannot commit to digest reference', {
    params: { name: formatFamiliar(reference) },
  });
};

const storeOn = async (world: ImagesContext, request: AddLayer, place: Place): Promise<ImageId> => {
  const { content, leases } = world;
  const { signal = new AbortController().signal } = request;
  const blob = await content.ingest(request.layer, { signal, onProgress: () => undefined });
  let topmost: string[] = [];
  try {
    return await leases.during([blobKey(blob.digest)], async () => {
      const diffId = blob.digest;
      const held = place.parent?.layers ?? [];
      const below = held.map((layer) => layer.chainId);
      const chainId = chainIds([...held.map((layer) => layer.diffId), diffId]).at(-1) ?? diffId;
      topmost = [chainId];
      return leases.during([layerKey(chainId)], async () => {
        const layer =
          (await findLayer(world, knownLayers(world), chainId)) ??
          (await storeLayer(world, {
            layer: { diffId, chainId, below },
            blob,
            signal,
            onProgress: () => undefined,
          }));
        return recorded(world, request, { ...place, layer });
      });
    });
  } finally {
    // Takes nothing that an image, new or old, needs.
    await sweep(world, { chainIds: topmost, blobs: [blob.digest] });
  }
};

type Stored = Place & { readonly layer: ImageLayer };

const recorded = async (
  world: ImagesContext,
  request: AddLayer,
  { parent, reference, layer }: Stored,
): Promise<ImageId> => {
  const layers = [...(parent?.layers ?? []), layer];
  const bytes = configBytes(world, request, parent, layers);
  const id = digestOf(bytes);
  return world.leases.during([imageKey(id), blobKey(id)], async () => {
    await world.content.write(bytes);
    const image = toImage(id, parseImageConfig(bytes), layers, request.parentId);
    if (reference === undefined) storeImage(world, image, []);
    else {
      const name = { name: formatCanonical(reference), imageId: id, digest: '' };
      storeImage(world, { ...image, lastTaggedAt: world.clock.now() }, [name]);
      world.emit(imageEvent('tag', image, formatFamiliar(reference)));
    }
    return id;
  });
};

const configBytes = (
  world: ImagesContext,
  request: AddLayer,
  parent: Image | undefined,
  layers: readonly ImageLayer[],
): Uint8Array => {
  const now = world.clock.now();
  const { author, comment, createdBy } = request;
  return buildImageConfig({
    createdAt: now,
    author,
    comment,
    architecture: parent?.architecture ?? world.platform.architecture,
    variant: parent?.variant ?? world.platform.variant,
    os: parent?.os ?? world.platform.os,
    osVersion: parent?.osVersion ?? '',
    dockerVersion: world.version,
    container: request.containerId,
    ...(request.containerConfig === undefined ? {} : { containerConfig: request.containerConfig }),
    run: request.config,
    diffIds: layers.map(({ diffId }) => diffId),
    history: [...(parent?.history ?? []), { createdAt: now, createdBy, author, comment, emptyLayer: false }],
  });
};
