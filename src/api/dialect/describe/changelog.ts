import type { DialectSpec } from '#api/dialect/dialect.ts';
import { innerShapes, nestedShapes } from '#api/dialect/history.ts';
import type { Shape } from '#api/dialect/schema.ts';
import { schemasOf } from '#api/dialect/schemas.ts';
import { RouteTable } from '#api/dialect/table.ts';
import { formatVersion, knownVersion, type ApiVersion } from '#api/dialect/version.ts';

export type ChangelogLine = { readonly version: ApiVersion; readonly text: string };

/** What each version brought and took, from the same data that serves it. Newest first. */
export const changelogOf = <Context>(spec: DialectSpec<Context>): ChangelogLine[] => {
  const oldest = knownVersion(spec.versions.oldest);
  const lines = [...routeLines(spec), ...memberLines(spec), ...changeLines(spec)];
  const seen = new Map(lines.map((line) => [`${line.version} ${line.text}`, line]));
  return [...seen.values()]
    .filter(({ version }) => version > oldest && Number.isFinite(version))
    .toSorted((a, b) => b.version - a.version);
};

const routeLines = <Context>(spec: DialectSpec<Context>): ChangelogLine[] =>
  new RouteTable(spec).entries.flatMap(({ method, path, window: [from, end] }) => [
    { version: from, text: `\`${method} ${path}\` is new` },
    { version: end, text: `\`${method} ${path}\` is gone` },
  ]);

const memberLines = <Context>(spec: DialectSpec<Context>): ChangelogLine[] => {
  const owners = spec.routes.flatMap(({ query, headers, method, path }) =>
    [query, headers].map((schema) => [schema, `${method} ${path}`] as const),
  );
  const names = new Map<Shape | undefined, string>(owners);
  for (const schema of schemasOf(spec)) for (const shape of nestedShapes(schema)) nameInside(names, shape);
  return schemasOf(spec).flatMap((schema) =>
    [...nestedShapes(schema)].flatMap((shape) =>
      Object.entries(shape.properties ?? {}).flatMap(([name, member]) =>
        turnsOf(member, `\`${names.get(shape) ?? shape.$id ?? '?'}\`: \`${name}\``),
      ),
    ),
  );
};

/** Objects without a name of their own are called by their place in one that has one. */
const nameInside = (names: Map<Shape | undefined, string>, shape: Shape): void => {
  const owner = names.get(shape) ?? shape.$id;
  if (owner === undefined) return;
  const members = new Map(Object.entries(shape.properties ?? {}).map(([name, member]) => [member, name]));
  for (const inner of innerShapes(shape)) {
    if (inner.$id !== undefined || names.has(inner)) continue;
    const member = members.get(inner);
    names.set(inner, member === undefined ? owner : `${owner}.${member}`);
  }
};

const turnsOf = (member: Shape, name: string): ChangelogLine[] => [
  ...(member['x-alive'] ?? []).flatMap(([from, end]) => [
    { version: from, text: `${name} is new` },
    { version: end, text: `${name} is gone` },
  ]),
  ...(member['x-refuse']?.windows ?? []).flatMap(([from, end]) => [
    { version: from, text: `${name} is refused: ${member['x-refuse']?.text}` },
    { version: end, text: `${name} is no longer refused` },
  ]),
];

const changeLines = <Context>(spec: DialectSpec<Context>): ChangelogLine[] =>
  spec.changes
    .filter(({ kind }) => kind !== 'address')
    .map((change) => ({
      version: knownVersion(change.in),
      text: `${subjectOf(change)}before ${change.in}: ${change.why}`,
    }));

const subjectOf = (change: DialectSpec<never>['changes'][number]): string => {
  if ('on' in change) return `\`${change.on}\` `;
  return 'routes' in change && change.routes ? `\`${change.routes.join('`, `')}\` ` : '';
};

/** The changelog as a page. */
export const formatChangelog = <Context>(spec: DialectSpec<Context>): string => {
  const byVersion = Map.groupBy(changelogOf(spec), ({ version }) => version);
  const sections = [...byVersion].map(
    ([version, lines]) =>
      `## ${formatVersion(version)}\n\n${lines.map(({ text }) => `- ${text}`).join('\n')}\n`,
  );
  return [`# Versions of the ${spec.name} API\n`, ...sections].join('\n');
};
