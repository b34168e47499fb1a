import type { Address } from './change.ts';
import type { DialectSpec } from './dialect.ts';
import type { Window } from './lifetime.ts';
import type { Route } from './route.ts';
import { knownVersion, type ApiVersion } from './version.ts';

/** One route at one address, for some versions. */
export type Entry<Context> = {
  readonly route: Route<Context>;
  readonly method: string;
  readonly path: string;
  readonly window: Window;
  readonly strict: boolean;
};

export type Found<Context> = {
  readonly route: Route<Context>;
  readonly params: Readonly<Record<string, string>>;
  /** The version it behaves as: the client's, or its first where that is later. */
  readonly version: ApiVersion;
};

type Pattern<Context> = { readonly regexp: RegExp; readonly entries: Entry<Context>[] };

/** Finds routes. Fixed paths win over patterns, patterns with more literal text over others. */
export class RouteTable<Context> {
  readonly entries: readonly Entry<Context>[];
  readonly #fixed = new Map<string, Entry<Context>[]>();
  readonly #patterns = new Map<string, Pattern<Context>[]>();

  constructor(spec: DialectSpec<Context>) {
    this.entries = [
      ...spec.routes.map(entryOf),
      ...spec.changes.flatMap((change) => addressOf(spec, change)),
    ];
    const byLiterals = this.entries.toSorted((a, b) => literalLength(b.path) - literalLength(a.path));
    for (const entry of byLiterals) this.#add(entry);
  }

  #add(entry: Entry<Context>): void {
    if (!entry.path.includes('{')) {
      push(this.#fixed, `${entry.method} ${entry.path}`, entry);
      return;
    }
    const regexp = patternOf(entry.path);
    const same = this.#patterns.get(entry.method)?.find((each) => sameShape(each.regexp, regexp));
    if (same === undefined) push(this.#patterns, entry.method, { regexp, entries: [entry] });
    else same.entries.push(entry);
  }

  find(method: string, path: string, version: ApiVersion): Found<Context> | undefined {
    const fixed = choose(this.#fixed.get(`${method} ${path}`) ?? [], version);
    if (fixed !== undefined) return { ...fixed, params: {} };
    for (const { regexp, entries } of this.#patterns.get(method) ?? []) {
      const match = regexp.exec(path);
      const chosen = match === null ? undefined : choose(entries, version);
      if (chosen !== undefined) return { ...chosen, params: { ...match?.groups } };
    }
    return undefined;
  }
}

/** The entry alive at this version, else the first one to come that older prefixes may reach. */
const choose = <Context>(entries: readonly Entry<Context>[], version: ApiVersion) => {
  const alive = entries.find(({ window: [from, end] }) => from <= version && version < end);
  if (alive !== undefined) return { route: alive.route, version };
  const later = entries
    .filter(({ window, strict }) => !strict && window[0] > version)
    .toSorted((a, b) => a.window[0] - b.window[0])[0];
  return later === undefined ? undefined : { route: later.route, version: later.window[0] };
};

const entryOf = <Context>(route: Route<Context>): Entry<Context> => ({
  route,
  method: route.method,
  path: route.path,
  window: windowOf(route.since, route.until),
  strict: route.strict === true,
});

const addressOf = <Context>(
  spec: DialectSpec<Context>,
  change: Address | { readonly kind: string },
): Entry<Context>[] => {
  if (!isAddress(change)) return [];
  const route = spec.routes.find(({ id }) => id === change.route);
  if (route === undefined) throw new TypeError(`${change.id}: no route ${change.route}`);
  const window = windowOf(change.since, change.in);
  return [{ route, method: change.method ?? route.method, path: change.path, window, strict: true }];
};

const isAddress = (change: { readonly kind: string }): change is Address => change.kind === 'address';

export const windowOf = (since: string | undefined, until: string | undefined): Window => [
  since === undefined ? 0 : knownVersion(since),
  until === undefined ? Number.POSITIVE_INFINITY : knownVersion(until),
];

const patternOf = (path: string): RegExp => {
  const source = path.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${source.replaceAll(/\{(\w+)\}/g, String.raw`(?<$1>[\s\S]*)`)}$`);
};

const sameShape = (a: RegExp, b: RegExp): boolean =>
  a.source.replaceAll(/<\w+>/g, '') === b.source.replaceAll(/<\w+>/g, '');

const literalLength = (path: string): number => path.replaceAll(/\{\w+\}/g, '').length;

const push = <Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void => {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
};
