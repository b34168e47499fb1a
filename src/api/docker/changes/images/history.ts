import { Type } from '#api/dialect/type.ts';
import type { Change } from '#api/dialect/change.ts';
import { reshape } from '#api/dialect/change.ts';
import { since } from '#api/dialect/lifetime.ts';
import { amend } from '#api/dialect/schema.ts';
import { HistoryItem } from '#api/docker/schema/image.ts';
import { shortened, withoutAlgorithm } from './ids.ts';

const HEX = 'e'.repeat(64);

const bareIds = reshape({
  id: 'image-history-bare-ids',
  in: '1.22',
  on: HistoryItem,
  why: 'clients shorten an id by taking its first twelve letters',
  source: 'docker-shapes.md, identifiers',
  older: HistoryItem,
  down: (step) => ({ ...step, Id: withoutAlgorithm(step.Id) }),
  examples: [
    { newer: { Id: `sha256:${HEX}` }, older: { Id: HEX } },
    { newer: { Id: '<missing>' }, older: { Id: '<missing>' } },
  ],
});

const onlyWhatIsThere = reshape({
  id: 'image-history-leaves-empty-out',
  in: '1.9',
  on: HistoryItem,
  why: 'steps without a tag or a command left the member out',
  source: 'docker-shapes.md 8',
  older: amend(HistoryItem, {
    Tags: Type.Optional(Type.Array(Type.String(), since('1.3'))),
    CreatedBy: Type.Optional(Type.String()),
  }),
  down: ({ Tags, CreatedBy, ...step }) => ({
    ...step,
    ...(Tags === null || Tags.length === 0 ? {} : { Tags }),
    ...(CreatedBy === '' ? {} : { CreatedBy }),
  }),
  examples: [
    { newer: { Tags: null, CreatedBy: '' }, older: {} },
    { newer: { Tags: ['a:1'], CreatedBy: 'sh' }, older: { Tags: ['a:1'], CreatedBy: 'sh' } },
  ],
});

const shortIds = reshape({
  id: 'image-history-short-ids',
  in: '1.6',
  on: onlyWhatIsThere.older,
  why: 'ids had twelve digits',
  source: 'docker-shapes.md 8',
  older: onlyWhatIsThere.older,
  down: (step) => ({ ...step, Id: shortened(step.Id) }),
  examples: [{ newer: { Id: HEX }, older: { Id: HEX.slice(0, 12) } }],
});

const alwaysCreatedBy = reshape({
  id: 'image-history-always-says-created-by',
  in: '1.1',
  on: shortIds.older,
  why: 'the command was printed even when empty',
  source: 'docker-shapes.md 8',
  older: amend(shortIds.older, { CreatedBy: Type.String() }),
  down: (step) => ({ ...step, CreatedBy: step.CreatedBy ?? '' }),
  examples: [{ newer: {}, older: { CreatedBy: '' } }],
});

export const IMAGE_HISTORY_CHANGES: readonly Change[] = [bareIds, onlyWhatIsThere, shortIds, alwaysCreatedBy];
