import type { Static } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { presentItem } from '#api/docker/present/container-item.ts';
import { ImageNames } from '#api/docker/present/image-names.ts';
import { presentImageItem } from '#api/docker/present/image.ts';
import { sharedSizes } from '#api/docker/present/shared-size.ts';
import { presentVolume } from '#api/docker/present/volume.ts';
import { DiskUsageAnswer, DiskUsageQuery } from '#api/docker/schema/disk-usage.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import type { Engine, ImageView } from '#engine/engine.ts';

type Answer = Static<typeof DiskUsageAnswer>;

const KINDS: ReadonlySet<string> = new Set(['container', 'image', 'volume', 'build-cache']);

export const systemDiskUsage = defineRoute({
  id: 'system-df',
  method: 'GET',
  path: '/system/df',
  summary: 'What takes how much room',
  since: '1.25',
  query: DiskUsageQuery,
  replies: { 200: DiskUsageAnswer },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const unknown = query.type.find((kind) => !KINDS.has(kind));
    if (unknown !== undefined)
      throw new EngineError('invalid', 'disk-usage.kind', `unknown object type: ${unknown}`);
    const isAsked = (kind: string): boolean => query.type.length === 0 || query.type.includes(kind);
    const views = engine.images.list();
    const body: Answer = {
      LayersSize: isAsked('image') ? layerBytes(views) : 0,
      Images: isAsked('image') ? imagesOf(views) : null,
      Containers: isAsked('container') ? await containersOf(engine, views) : null,
      Volumes: isAsked('volume') ? await volumesOf(engine) : null,
      BuildCache: isAsked('build-cache') ? [] : null,
      BuilderSize: 0,
    };
    return { kind: 'json', status: 200, body };
  },
});

/** Each layer once, however many images have it. */
const layerBytes = (views: readonly ImageView[]): number => {
  const layers = views.flatMap(({ image }) => image.layers);
  const sizes = new Map(layers.map(({ chainId, sizeBytes }) => [chainId, sizeBytes]));
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
};

const imagesOf = (views: readonly ImageView[]): Answer['Images'] => {
  const sharedSizeOf = sharedSizes(views);
  return views
    .toSorted((a, b) => b.image.createdAt - a.image.createdAt)
    .map((view) => ({ ...presentImageItem(view, sharedSizeOf(view)), Containers: view.containers }));
};

const containersOf = async (engine: Engine, views: readonly ImageView[]): Promise<Answer['Containers']> => {
  const images = new ImageNames([...views]);
  const now = Date.now();
  const items = engine.containers
    .list()
    .filter(({ state }) => state.status !== 'creating')
    .map(async (container) =>
      unlessGone(async () =>
        presentItem({
          container,
          linkNames: engine.containers.linkNames(container.id),
          image: images.shownFor(container),
          anyTag: images.anyTag(container.imageId),
          size: await engine.containers.size(container.id),
          now,
        }),
      ),
    );
  return (await Promise.all(items)).filter((item) => item !== undefined);
};

const unlessGone = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch (error) {
    if (isEngineError(error, 'not-found')) return undefined;
    throw error;
  }
};

const volumesOf = async (engine: Engine): Promise<Answer['Volumes']> =>
  Promise.all(
    engine.volumes.list().map(async (volume) => ({
      ...presentVolume(volume),
      UsageData: { RefCount: volume.users.length, Size: await engine.volumes.sizeBytes(volume.name) },
    })),
  );
