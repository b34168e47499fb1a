import type { LedgerEntry } from './ledger.ts';

type Row = readonly [version: string, line: string, ...by: [string, ...string[]]];

const ROWS: readonly Row[] = [
  ['1.3', 'processes of a container', 'route:container-top'],
  ['1.4', 'top with arguments and titles', 'TopQuery.ps_args', 'change:top-as-objects'],
  ['1.7', 'commit answers ids of 64 digits', 'change:commit-short-id'],
  ['1.13', 'commit pauses', 'CommitQuery.pause', 'change:commit-without-pause'],
  ['1.17', 'stats', 'route:container-stats'],
  ['1.18', 'changes of commit', 'CommitQuery.changes'],
  ['1.19', 'the sample before', 'StatsFrame.precpu_stats'],
  ['1.21', 'counters by interface', 'StatsFrame.networks', 'StatsFrame.network', 'StatsFrame.name'],
  ['1.22', 'update', 'route:container-update'],
  ['1.22', 'ids name their algorithm', 'change:commit-plain-id'],
  ['1.22', 'a stream speaks of what does not run', 'change:stats-silent-while-stopped'],
  ['1.23', 'pids in stats; restart policy of update', 'StatsFrame.pids_stats', 'UpdateBody.RestartPolicy'],
  ['1.40', 'pids of update', 'UpdateBody.PidsLimit'],
  ['1.41', 'one sample at once', 'StatsQuery.one-shot'],
];

/** Rows of docker-shapes.md 2, 13 and 18, docker-routes.md R05, R09 and R50, docker-modern.md 1. */
export const WATCH_LEDGER: readonly LedgerEntry[] = ROWS.map(([version, line, ...by]) => ({
  in: version,
  line,
  by,
}));
