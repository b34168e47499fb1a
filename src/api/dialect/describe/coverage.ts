import type { DialectSpec } from '#api/dialect/dialect.ts';
import { RouteTable } from '#api/dialect/table.ts';
import { formatVersion, knownVersion } from '#api/dialect/version.ts';

export type CoverageRow = {
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly first: string;
  readonly last: string;
  /** Why it is only planned; absent when it is done. */
  readonly planned?: string;
};

/** Every route at every address: in which versions, and whether it works. */
export const coverageOf = <Context>(spec: DialectSpec<Context>): CoverageRow[] => {
  const [oldest, newest] = [knownVersion(spec.versions.oldest), knownVersion(spec.versions.newest)];
  return new RouteTable(spec).entries
    .map(({ route, method, path, window: [from, end] }) => ({
      route: route.id,
      method,
      path,
      summary: route.summary,
      first: formatVersion(Math.max(from, oldest)),
      last: formatVersion(Math.min(end - 1, newest)),
      ...(route.planned !== undefined && { planned: route.planned }),
    }))
    .toSorted((a, b) => a.path.localeCompare(b.path, 'en') || a.method.localeCompare(b.method, 'en'));
};

/** The coverage as a page. */
export const formatCoverage = <Context>(spec: DialectSpec<Context>): string => {
  const rows = coverageOf(spec);
  const done = rows.filter(({ planned }) => planned === undefined).length;
  return [
    `## ${spec.name}: ${done} of ${rows.length} done\n`,
    '| route | first | last | state | |',
    '|---|---|---|---|---|',
    ...rows.map(
      ({ method, path, first, last, planned, summary }) =>
        `| \`${method} ${path}\` | ${first} | ${last} | ${planned === undefined ? 'done' : `planned: ${planned}`} | ${summary} |`,
    ),
    '',
  ].join('\n');
};
