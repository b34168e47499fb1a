import { Type } from '#api/dialect/type.ts';
import type { Change } from '#api/dialect/change.ts';
import { defaulted, reshape } from '#api/dialect/change.ts';
import { since } from '#api/dialect/lifetime.ts';
import { amend } from '#api/dialect/schema.ts';
import { escapeGlob } from '#api/docker/decode/glob.ts';
import { ImageItem } from '#api/docker/schema/image.ts';
import { ImagesQuery } from '#api/docker/schema/image-query.ts';
import { withoutAlgorithm } from './ids.ts';

const HEX = 'c'.repeat(64);
const NO_TAG = '<none>:<none>';
const NO_DIGEST = '<none>@<none>';

const usersNotCounted = reshape({
  id: 'image-list-does-not-count-containers',
  in: '1.51',
  on: ImageItem,
  why: 'the number of containers was -1, not computed, in every list',
  source: 'docker-modern.md 1, row 1.51',
  older: ImageItem,
  down: (image) => ({ ...image, Containers: -1 }),
  examples: [{ newer: { Containers: 2 }, older: { Containers: -1 } }],
});

const namedNone = reshape({
  id: 'image-list-names-the-nameless',
  in: '1.43',
  on: ImageItem,
  why: 'clients print the first name of a dangling image without looking whether there is one',
  source: 'docker-modern.md 1.1; docker-shapes.md 6',
  older: ImageItem,
  down: (image) =>
    image.RepoTags.length + image.RepoDigests.length > 0
      ? image
      : { ...image, RepoTags: [NO_TAG], RepoDigests: [NO_DIGEST] },
  examples: [
    { newer: { RepoTags: [], RepoDigests: [] }, older: { RepoTags: [NO_TAG], RepoDigests: [NO_DIGEST] } },
    { newer: { RepoTags: [], RepoDigests: ['a@b'] }, older: { RepoTags: [], RepoDigests: ['a@b'] } },
  ],
});

const bareIds = reshape({
  id: 'image-list-bare-ids',
  in: '1.22',
  on: ImageItem,
  why: 'clients shorten an id by taking its first twelve letters; Size was that of the layer alone',
  source: 'docker-shapes.md, identifiers and 6; docker-semantics.md 13.5',
  older: ImageItem,
  down: (image) => ({
    ...image,
    Id: withoutAlgorithm(image.Id),
    ParentId: withoutAlgorithm(image.ParentId),
    Size: image.ownSize ?? image.Size,
  }),
  examples: [
    {
      newer: { Id: `sha256:${HEX}`, ParentId: '', Size: 5, VirtualSize: 5, ownSize: 2 },
      older: { Id: HEX, ParentId: '', Size: 2, VirtualSize: 5, ownSize: 2 },
      only: 'down',
    },
  ],
});

const parentOnlyIfAny = reshape({
  id: 'image-list-parent-only-if-any',
  in: '1.9',
  on: ImageItem,
  why: 'the parent of a base image was left out',
  source: 'docker-shapes.md 6',
  older: amend(ImageItem, { ParentId: Type.Optional(Type.String(since('1.7'))) }),
  down: ({ ParentId, ...image }) => ({ ...image, ...(ParentId === '' ? {} : { ParentId }) }),
  examples: [
    { newer: { ParentId: '' }, older: {} },
    { newer: { ParentId: HEX }, older: { ParentId: HEX } },
  ],
});

const onePerTag = reshape({
  id: 'image-list-one-entry-per-tag',
  in: '1.7',
  on: parentOnlyIfAny.older,
  spread: true,
  why: 'names came as one entry each, in two members',
  source: 'API 1.7 changelog; docker-shapes.md 6',
  older: amend(parentOnlyIfAny.older, {
    Repository: Type.Optional(Type.String()),
    Tag: Type.Optional(Type.String()),
  }),
  down: (image) => {
    const names = image.RepoTags.filter((name) => name !== NO_TAG);
    return names.length === 0 ? [image] : names.map((name) => ({ ...image, ...splitName(name) }));
  },
  examples: [
    {
      newer: { RepoTags: ['busybox:1', 'host:5000/a/b:2'] },
      older: [
        { RepoTags: ['busybox:1', 'host:5000/a/b:2'], Repository: 'busybox', Tag: '1' },
        { RepoTags: ['busybox:1', 'host:5000/a/b:2'], Repository: 'host:5000/a/b', Tag: '2' },
      ],
    },
    { newer: { RepoTags: [NO_TAG] }, older: [{ RepoTags: [NO_TAG] }] },
  ],
});

/** The tag begins at the last colon behind the last slash. */
const splitName = (name: string): { Repository: string; Tag: string } => {
  const colon = name.lastIndexOf(':');
  return colon <= name.lastIndexOf('/')
    ? { Repository: name, Tag: '' }
    : { Repository: name.slice(0, colon), Tag: name.slice(colon + 1) };
};

const filterIsReference = defaulted({
  id: 'image-list-filter-is-a-reference',
  in: '1.41',
  on: ImagesQuery,
  why: '`filter` had one name; it became a value of `filters`',
  source: 'docker-modern.md 1, row 1.41; docker-routes.md R30',
  up: ({ filter, ...query }) =>
    filter === undefined || filter === ''
      ? query
      : {
          ...query,
          filters: { ...query.filters, reference: [...(query.filters['reference'] ?? []), filter] },
        },
  examples: [
    { older: { filters: {}, filter: 'busybox' }, newer: { filters: { reference: ['busybox'] } } },
    { older: { filters: { label: ['a'] } }, newer: { filters: { label: ['a'] } } },
  ],
});

const KNOWN_THEN: ReadonlySet<string> = new Set(['dangling', 'label']);

const unknownFiltersPass = defaulted({
  id: 'image-list-unknown-filters-pass',
  in: '1.17',
  on: ImagesQuery,
  why: 'filters nobody knew were not looked at',
  source: 'docker-routes.md 3.8',
  up: (query) => ({
    ...query,
    filters: Object.fromEntries(Object.entries(query.filters).filter(([key]) => KNOWN_THEN.has(key))),
  }),
  examples: [
    {
      older: { filters: { dangling: ['true'], colour: ['red'] } },
      newer: { filters: { dangling: ['true'] } },
    },
  ],
});

const filterIsExact = defaulted({
  id: 'image-list-filter-is-exact',
  in: '1.10',
  on: ImagesQuery,
  why: '`filter` was a repository, not a pattern',
  source: 'docker-routes.md R30',
  up: ({ filter, ...query }) => ({
    ...query,
    ...(filter === undefined ? {} : { filter: escapeGlob(filter) }),
  }),
  examples: [
    { older: { filter: 'a*' }, newer: { filter: String.raw`a\*` } },
    { older: {}, newer: {} },
  ],
});

export const IMAGE_LIST_CHANGES: readonly Change[] = [
  usersNotCounted,
  namedNone,
  bareIds,
  parentOnlyIfAny,
  onePerTag,
  filterIsReference,
  unknownFiltersPass,
  filterIsExact,
];
