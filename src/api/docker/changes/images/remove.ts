import type { Change } from '#api/dialect/change.ts';
import { reshape, status } from '#api/dialect/change.ts';
import { RemovedItem } from '#api/docker/schema/image.ts';
import { shortened, withoutAlgorithm } from './ids.ts';

const HEX = 'f'.repeat(64);

const imagesAlone = reshape({
  id: 'image-removal-bare-ids-of-images',
  in: '1.22',
  on: RemovedItem,
  spread: true,
  why: 'clients know ids as 64 digits; a layer was an image, and there were no others to tell of',
  source: 'docker-shapes.md 9 and identifiers',
  older: RemovedItem,
  down: ({ Deleted, imageId, isLayer, ...item }) =>
    isLayer === true
      ? []
      : [
          {
            ...item,
            ...(Deleted === undefined ? {} : { Deleted: withoutAlgorithm(Deleted) }),
            ...(imageId === undefined ? {} : { imageId: withoutAlgorithm(imageId) }),
          },
        ],
  examples: [
    {
      newer: { Deleted: `sha256:${HEX}`, imageId: `sha256:${HEX}` },
      older: [{ Deleted: HEX, imageId: HEX }],
    },
    { newer: { Deleted: `sha256:${HEX}`, isLayer: true }, older: [] },
    { newer: { Untagged: 'a:1' }, older: [{ Untagged: 'a:1' }] },
  ],
});

const untaggedById = reshape({
  id: 'image-removal-untagged-by-id',
  in: '1.10',
  on: RemovedItem,
  spread: true,
  why: 'what lost its name was told by id; names by digest did not exist',
  source: 'docker-shapes.md 9',
  older: RemovedItem,
  down: ({ Untagged, ...item }) => {
    if (Untagged === undefined) return [item];
    if (Untagged.includes('@')) return [];
    return [{ ...item, Untagged: item.imageId ?? Untagged }];
  },
  examples: [
    { newer: { Untagged: 'a:1', imageId: HEX }, older: [{ Untagged: HEX, imageId: HEX }] },
    { newer: { Untagged: `a@sha256:${HEX}`, imageId: HEX }, older: [] },
    { newer: { Deleted: HEX }, older: [{ Deleted: HEX }] },
  ],
});

const shortIds = reshape({
  id: 'image-removal-short-ids',
  in: '1.7',
  on: RemovedItem,
  why: 'ids had twelve digits',
  source: 'docker-shapes.md 9 and 23',
  older: RemovedItem,
  down: ({ Untagged, Deleted, ...item }) => ({
    ...item,
    ...(Untagged === undefined ? {} : { Untagged: shortened(Untagged) }),
    ...(Deleted === undefined ? {} : { Deleted: shortened(Deleted) }),
  }),
  examples: [
    { newer: { Untagged: HEX }, older: { Untagged: HEX.slice(0, 12) } },
    { newer: { Deleted: HEX }, older: { Deleted: HEX.slice(0, 12) } },
  ],
});

const noList = status({
  id: 'image-removal-had-no-list',
  in: '1.2',
  routes: ['image-remove'],
  why: 'a removal answered nothing',
  source: 'API 1.2 changelog; docker-routes.md R38',
  map: { 200: 204 },
  examples: [{ newer: 200, older: 204 }],
});

export const IMAGE_REMOVE_CHANGES: readonly Change[] = [imagesAlone, untaggedById, shortIds, noList];
