import type { Change } from '#api/dialect/change.ts';
import { defaulted, errorText, refused, reshape } from '#api/dialect/change.ts';
import {
  VolumeCreateBody,
  VolumePruneQuery,
  VolumesAnswer,
  VolumesQuery,
} from '#api/docker/schema/volume.ts';

const pruneTookAll = defaulted({
  id: 'volume-prune-took-all',
  in: '1.42',
  on: VolumePruneQuery,
  why: 'prune removed named volumes too; today only anonymous ones unless all are asked for',
  source: 'API 1.42 changelog',
  up: (query) => ({ ...query, filters: { ...query.filters, all: ['true'] } }),
  examples: [
    { older: { filters: {} }, newer: { filters: { all: ['true'] } } },
    { older: { filters: { label: ['a'] } }, newer: { filters: { label: ['a'], all: ['true'] } } },
  ],
});

const optionsIgnored = defaulted({
  id: 'volume-options-were-ignored',
  in: '1.23',
  on: VolumeCreateBody,
  why: 'the driver local took no notice of its options, and there is no other',
  source: 'docker-semantics.md 6.7',
  up: ({ DriverOpts: _ignored, ...body }) => body,
  examples: [
    { older: { Name: 'a', DriverOpts: { type: 'tmpfs' } }, newer: { Name: 'a' } },
    { older: { Name: 'a' }, newer: { Name: 'a' } },
  ],
});

const onlyDangling = defaulted({
  id: 'volume-list-filters-were-lenient',
  in: '1.22',
  on: VolumesQuery,
  why: 'dangling was the only filter, and no filter unless it was true',
  source: 'docker-semantics.md 6.7',
  up: ({ filters, ...rest }) => {
    const isAsked = ['true', '1'].includes(filters['dangling']?.[0] ?? '');
    return { ...rest, filters: isAsked ? { dangling: ['true'] } : {} };
  },
  examples: [
    { older: { filters: { dangling: ['1'] } }, newer: { filters: { dangling: ['true'] } } },
    { older: { filters: { dangling: ['false'], name: ['x'] } }, newer: { filters: {} } },
  ],
});

const TWO = 'Conflict: cannot use more than 1 value for `dangling` filter';

const oneDangling = refused({
  id: 'volume-list-takes-one-dangling',
  in: '1.22',
  on: VolumesQuery,
  why: 'dangling had one value',
  source: 'docker-routes.md 3.6, R53',
  when: ({ filters }) => ((filters['dangling']?.length ?? 0) > 1 ? TWO : undefined),
  examples: [
    { older: { filters: { dangling: ['true', 'false'] } }, text: TWO },
    { older: { filters: { dangling: ['true'] } }, text: undefined },
  ],
});

const twoDanglingConflict = errorText({
  id: 'volume-list-two-dangling-conflict',
  in: '1.22',
  codes: ['refused'],
  routes: ['volume-list'],
  why: 'its word "Conflict" made the error 409',
  source: 'docker-routes.md 3.5, 3.6',
  older: () => ({ status: 409 }),
  examples: [{ params: {}, older: { status: 409 } }],
});

const noneWasNull = reshape({
  id: 'volume-list-none-was-null',
  in: '1.22',
  on: VolumesAnswer,
  older: VolumesAnswer,
  why: 'no volumes were null, not an empty list',
  source: 'docker-shapes.md 19',
  down: (answer) => ({ ...answer, Volumes: answer.Volumes?.length === 0 ? null : answer.Volumes }),
  examples: [{ newer: { Volumes: [], Warnings: null }, older: { Volumes: null, Warnings: null } }],
});

const missingWords = errorText({
  id: 'volume-missing-words',
  in: '1.22',
  codes: ['volume.not-found'],
  why: 'the error did not name the volume',
  source: 'docker-routes.md R53-R56',
  older: () => ({ message: 'no such volume' }),
  examples: [{ params: { name: 'a' }, older: { message: 'no such volume' } }],
});

const inUseWords = errorText({
  id: 'volume-in-use-words',
  in: '1.22',
  codes: ['volume.in-use'],
  why: 'the error did not say who uses it',
  source: 'docker-routes.md R53-R56',
  older: () => ({ message: 'Conflict: volume is in use' }),
  examples: [{ params: { name: 'a', containers: 'b' }, older: { message: 'Conflict: volume is in use' } }],
});

export const VOLUME_CHANGES: readonly Change[] = [
  pruneTookAll,
  optionsIgnored,
  onlyDangling,
  oneDangling,
  twoDanglingConflict,
  noneWasNull,
  missingWords,
  inUseWords,
];
