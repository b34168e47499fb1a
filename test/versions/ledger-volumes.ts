import type { LedgerEntry } from './ledger.ts';

/** Rows of docker-shapes.md 19, docker-routes.md R53-R56 and docker-modern.md 1 that concern volumes. */
export const VOLUME_LEDGER: readonly LedgerEntry[] = [
  {
    in: '1.21',
    line: 'volumes',
    by: ['route:volume-list', 'route:volume-inspect', 'route:volume-create', 'route:volume-remove'],
  },
  {
    in: '1.22',
    line: 'the list is one when empty, and has warnings',
    by: ['change:volume-list-none-was-null', 'VolumesAnswer.Warnings'],
  },
  { in: '1.22', line: 'filters name, driver', by: ['change:volume-list-filters-were-lenient'] },
  {
    in: '1.22',
    line: 'errors name the volume and who uses it',
    by: ['change:volume-missing-words', 'change:volume-in-use-words'],
  },
  { in: '1.23', line: 'Labels, Scope', by: ['VolumeAnswer.Labels', 'VolumeAnswer.Scope'] },
  {
    in: '1.23',
    line: 'options of the driver local mean something',
    by: ['change:volume-options-were-ignored'],
  },
  { in: '1.25', line: 'force, prune', by: ['VolumeRemoveQuery.force', 'route:volume-prune'] },
  { in: '1.25', line: 'disk usage', by: ['route:system-df', 'VolumeAnswer.UsageData'] },
  {
    in: '1.42',
    line: 'type of disk usage; BuilderSize is gone',
    by: ['DiskUsageQuery.type', 'DiskUsageAnswer.BuilderSize'],
  },
  { in: '1.25', line: 'Options', by: ['VolumeAnswer.Options'] },
  { in: '1.31', line: 'CreatedAt', by: ['VolumeAnswer.CreatedAt'] },
  { in: '1.42', line: 'prune takes anonymous volumes only', by: ['change:volume-prune-took-all'] },
];
