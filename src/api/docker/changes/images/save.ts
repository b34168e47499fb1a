import type { Change } from '#api/dialect/change.ts';
import { defaulted } from '#api/dialect/change.ts';
import { SaveManyQuery, SaveQuery } from '#api/docker/schema/image-query.ts';

const TEXT = {
  in: '1.22',
  why: 'archives had a folder with `json` and `layer.tar` for each layer',
  source: 'docker-semantics.md 15',
} as const;

const legacyOne = defaulted({
  ...TEXT,
  id: 'image-save-has-folders',
  on: SaveQuery,
  up: (query) => ({ ...query, isLegacy: true }),
  examples: [{ older: {}, newer: { isLegacy: true } }],
});

const legacyMany = defaulted({
  ...TEXT,
  id: 'images-save-has-folders',
  on: SaveManyQuery,
  up: (query) => ({ ...query, isLegacy: true }),
  examples: [{ older: { names: ['a'] }, newer: { names: ['a'], isLegacy: true } }],
});

export const IMAGE_SAVE_CHANGES: readonly Change[] = [legacyOne, legacyMany];
