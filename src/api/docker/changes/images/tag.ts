import type { Change } from '#api/dialect/change.ts';
import { defaulted } from '#api/dialect/change.ts';
import { TagQuery } from '#api/docker/schema/image-query.ts';

const moveNeedsForce = defaulted({
  id: 'image-tag-needs-force-to-move',
  in: '1.22',
  on: TagQuery,
  why: 'a name stayed where it was unless `force` said otherwise',
  source: 'docker-routes.md R37; docker-semantics.md 13.2',
  up: (query) => ({ ...query, refusesMove: !query.force }),
  examples: [
    { older: { repo: 'a', force: false }, newer: { repo: 'a', force: false, refusesMove: true } },
    { older: { repo: 'a', force: true }, newer: { repo: 'a', force: true, refusesMove: false } },
  ],
});

export const IMAGE_TAG_CHANGES: readonly Change[] = [moveNeedsForce];
