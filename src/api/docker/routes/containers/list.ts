import type { Static } from 'typebox';
import { Type } from '#api/dialect/type.ts';
import type { Reply } from '#api/http/reply.ts';
import type { Container } from '#domain/container/container.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { Engine } from '#engine/engine.ts';
import { defineRoute } from '#api/docker/context.ts';
import { containerFilter } from '#api/docker/decode/container-filters.ts';
import { presentItem } from '#api/docker/present/container-item.ts';
import { ImageNames } from '#api/docker/present/image-names.ts';
import { ContainerItem, ContainersQuery } from '#api/docker/schema/container.ts';

type Query = Static<typeof ContainersQuery>;
type Sizes = Awaited<ReturnType<Engine['containers']['size']>>;

export const containerList = defineRoute({
  id: 'container-list',
  method: 'GET',
  path: '/containers/json',
  summary: 'Containers, newest first',
  since: '1.0',
  query: ContainersQuery,
  replies: { 200: Type.Array(ContainerItem) },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const images = new ImageNames(engine.images.list());
    const chosen = chooseContainers(engine, query, images);
    const now = Date.now();
    const present = (container: Container, size?: Sizes) =>
      presentItem({
        container,
        linkNames: engine.containers.linkNames(container.id),
        image: images.shownFor(container),
        anyTag: images.anyTag(container.imageId),
        ...(size === undefined ? {} : { size }),
        now,
      });
    const body = query.size
      ? await Promise.all(chosen.map(async (one) => present(one, await engine.containers.size(one.id))))
      : chosen.map((one) => present(one));
    return { kind: 'json', status: 200, body };
  },
});

/** Paused and restarting containers count as running. */
const isUp = ({ state: { status } }: Container): boolean =>
  status === 'running' || status === 'paused' || status === 'restarting';

const chooseContainers = (engine: Engine, query: Query, images: ImageNames): Container[] => {
  const all = engine.containers.list();
  const places = new Map(all.map(({ id }, place) => [id, place]));
  const placeOf = (ref: string): number => {
    const place = places.get(engine.containers.get(ref).id);
    if (place === undefined) throw engineError('container.not-found', { ref });
    return place;
  };
  const isDescendant = (image: string, ref: string): boolean => images.isDescendant(image, ref);
  const filter = containerFilter(query.filters, { placeOf, isDescendant }, query.ignoresUnknown);
  const after = boundary(query.since, placeOf) ?? all.length;
  const before = boundary(query.before, placeOf) ?? -1;
  const limit = Math.max(0, query.limit ?? 0);
  const withStopped = query.all || limit > 0 || filter.includesStopped || after < all.length || before >= 0;
  const chosen = all.filter(
    (container, place) =>
      container.state.status !== 'creating' &&
      place < after &&
      place > before &&
      (withStopped || isUp(container)) &&
      filter.matches(container, place),
  );
  return limit > 0 ? chosen.slice(0, limit) : chosen;
};

const boundary = (ref: string | undefined, placeOf: (ref: string) => number): number | undefined =>
  ref === undefined || ref === '' ? undefined : placeOf(ref);
