import type { Change } from './change.ts';
import type { DialectSpec } from './dialect.ts';
import { History, innerShapes } from './history.ts';
import type { Window } from './lifetime.ts';
import type { Shape } from './schema.ts';
import { schemasOf } from './schemas.ts';
import { RouteTable } from './table.ts';
import { knownVersion, type ApiVersion } from './version.ts';

/** Throws for a dialect that contradicts itself, with every contradiction in its message. */
export const checkDialect = <Context>(spec: DialectSpec<Context>): void => {
  const faults = [...routeFaults(spec), ...schemaFaults(spec), ...changeFaults(spec)];
  if (faults.length > 0) throw new TypeError(`dialect ${spec.name}:\n  ${faults.join('\n  ')}`);
};

const routeFaults = <Context>(spec: DialectSpec<Context>): string[] => {
  const { entries } = new RouteTable(spec);
  const repeated = repeatedOf(spec.routes.map(({ id }) => id)).map((id) => `two routes are called ${id}`);
  const dead = entries
    .filter(({ window: [from, end] }) => from >= end || end <= knownVersion(spec.versions.oldest))
    .map(({ route }) => `route ${route.id} is alive nowhere`);
  const clashes = entries.flatMap((entry, index) =>
    entries
      .slice(index + 1)
      .filter((other) => other.method === entry.method && samePath(other.path, entry.path))
      .filter((other) => overlap(other.window, entry.window))
      .map((other) => `${entry.method} ${entry.path} is both ${entry.route.id} and ${other.route.id}`),
  );
  const renamed = entries
    .filter(({ route, path }) => placeholders(path) !== placeholders(route.path))
    .map(({ route, path }) => `${path} has other names than ${route.path}`);
  const empty = spec.routes
    .filter(({ handler, planned }) => (handler === undefined) === (planned === undefined))
    .map(({ id }) => `route ${id} needs either a handler or the reason why it is planned`);
  return [...repeated, ...dead, ...clashes, ...renamed, ...empty];
};

const schemaFaults = <Context>(spec: DialectSpec<Context>): string[] => {
  const oldest = knownVersion(spec.versions.oldest);
  const faults = schemasOf(spec).flatMap((schema) => shapeFaults(schema, '', oldest));
  return [...new Set(faults)];
};

/** Faults of a schema and those inside it, each told by where it stands. */
const shapeFaults = (shape: Shape, path: string, oldest: ApiVersion): string[] => {
  const here = shape.$id ?? path;
  const members = Object.entries(shape.properties ?? {});
  const others = shape.properties === undefined ? innerShapes(shape) : [];
  return [
    ...('allOf' in shape ? [`${here}: intersections are not supported`] : []),
    ...members
      .filter(([, member]) => isDead(member, oldest))
      .map(([name]) => `${here}.${name} is alive nowhere`),
    ...others
      .filter((inner) => 'x-alive' in inner || 'x-refuse' in inner)
      .map(() => `${here}: a lifetime belongs to the member, not to what is inside its type`),
    ...members.flatMap(([name, member]) => shapeFaults(member, `${here}.${name}`, oldest)),
    ...others.flatMap((inner) => shapeFaults(inner, `${here}[]`, oldest)),
  ];
};

const changeFaults = <Context>(spec: DialectSpec<Context>): string[] => {
  const history = new History(spec.changes, schemasOf(spec));
  const routes = new Set(spec.routes.map(({ id }) => id));
  const unknown = spec.changes.flatMap((change) => [
    ...('on' in change && !history.knows(change.on) ? [`${change.id}: no schema ${change.on}`] : []),
    ...routesOf(change)
      .filter((id) => !routes.has(id))
      .map((id) => `${change.id}: no route ${id}`),
  ]);
  const repeated = repeatedOf(spec.changes.map(({ id }) => id)).map((id) => `two changes are called ${id}`);
  const twice = repeatedOf(spec.changes.flatMap(slotsOf)).map(
    (slot) => `two changes for ${slot}: merge them`,
  );
  return [...unknown, ...repeated, ...twice];
};

const routesOf = (change: Change): readonly string[] => ('routes' in change ? (change.routes ?? []) : []);

/** One change per schema, version and direction; refusals stand beside others. */
const slotsOf = (change: Change): string[] => {
  if (change.kind !== 'reshape' && change.kind !== 'defaulted') return [];
  const directions =
    change.kind === 'defaulted' ? ['up'] : (['down', 'up'] as const).filter((way) => change[way]);
  return directions.map((way) => `${change.on} ${way} in ${change.in}`);
};

const isDead = (member: Shape, oldest: ApiVersion): boolean => {
  const windows = member['x-alive'];
  return windows !== undefined && !windows.some(([from, end]) => from < end && end > oldest);
};

const overlap = ([fromA, endA]: Window, [fromB, endB]: Window): boolean => fromA < endB && fromB < endA;

const placeholders = (path: string): string => [...path.matchAll(/\{\w+\}/g)].flat().toSorted().join();

const samePath = (a: string, b: string): boolean =>
  a.replaceAll(/\{\w+\}/g, '{}') === b.replaceAll(/\{\w+\}/g, '{}');

const repeatedOf = (names: readonly string[]): string[] =>
  names.filter((name, index) => names.indexOf(name) < index);
