import type { Change } from '#api/dialect/change.ts';
import { defaulted, reshape } from '#api/dialect/change.ts';
import { CommitAnswer, CommitQuery } from '#api/docker/schema/commit.ts';
import { shortened, withoutAlgorithm } from './images/ids.ts';

const HEX = '1f'.repeat(32);

const staysRunning = defaulted({
  id: 'commit-without-pause',
  in: '1.13',
  on: CommitQuery,
  why: 'the container was not paused',
  source: 'docker-routes.md R50',
  up: (query) => ({ ...query, staysRunning: true }),
  examples: [{ older: { container: 'a' }, newer: { container: 'a', staysRunning: true } }],
});

const plainId = reshape({
  id: 'commit-plain-id',
  in: '1.22',
  on: CommitAnswer,
  older: CommitAnswer,
  why: 'ids did not name their algorithm',
  source: 'docker-shapes.md 2',
  down: ({ Id }) => ({ Id: withoutAlgorithm(Id) }),
  examples: [{ newer: { Id: `sha256:${HEX}` }, older: { Id: HEX } }],
});

const shortId = reshape({
  id: 'commit-short-id',
  in: '1.7',
  on: plainId.older,
  older: CommitAnswer,
  why: 'ids had twelve digits',
  source: 'docker-shapes.md 2',
  down: ({ Id }) => ({ Id: shortened(Id) }),
  examples: [{ newer: { Id: HEX }, older: { Id: HEX.slice(0, 12) } }],
});

export const COMMIT_CHANGES: readonly Change[] = [staysRunning, plainId, shortId];
