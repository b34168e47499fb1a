import type { FilterMap } from '#api/dialect/schema.ts';
import type { Network } from '#domain/network/network.ts';
import { EngineError } from '#domain/error/engine-error.ts';

/** Networks that are always there; the names are reserved. */
export const PREDEFINED_NETWORKS: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

type Test = (network: Network, value: string) => boolean;

const isFound = (text: string, pattern: string): boolean => {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return text === pattern;
  }
};

const isPredefined = ({ name }: Network): boolean => PREDEFINED_NETWORKS.has(name);

const TESTS: Readonly<Record<string, Test>> = {
  name: ({ name }, value) => isFound(name, value),
  id: ({ id }, value) => isFound(id, value),
  driver: ({ driver }, value) => driver === value,
  scope: (_network, value) => value === 'local',
  type: (network, value) => isPredefined(network) === (value === 'builtin'),
  label: ({ labels }, value) => {
    const [key = '', ...rest] = value.split('=');
    const held = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return held !== undefined && (rest.length === 0 || held === rest.join('='));
  },
  // Predefined ones are never called unused.
  dangling: (network, value) => isPredefined(network) !== isTrue(value),
};

const isTrue = (value: string): boolean => value === '1' || value.toLowerCase() === 'true';

/** docker-routes.md R57 of today: OR inside one key (labels AND), AND between keys. Throws `filter.unknown`, `filter.value`. */
export const networkFilter = (filters: FilterMap): ((network: Network) => boolean) => {
  const tests = Object.entries(filters).map(([key, values]) => {
    const test = Object.hasOwn(TESTS, key) ? TESTS[key] : undefined;
    if (test === undefined)
      throw new EngineError('invalid', 'filter.unknown', `invalid filter '${key}'`, { params: { key } });
    for (const value of values) checkValue(key, value);
    return (network: Network): boolean => {
      if (values.length === 0) return true;
      const passes = (value: string): boolean => test(network, value);
      return key === 'label' ? values.every(passes) : values.some(passes);
    };
  });
  return (network) => tests.every((test) => test(network));
};

const checkValue = (key: string, value: string): void => {
  const isFlag = ['0', '1', 'true', 'false'].includes(value.toLowerCase());
  const isBad =
    (key === 'type' && value !== 'builtin' && value !== 'custom') || (key === 'dangling' && !isFlag);
  if (!isBad) return;
  throw new EngineError('invalid', 'filter.value', `invalid filter '${key}=${value}'`, {
    params: { key, value },
  });
};

/** R57 of API 1.21: exact names and id prefixes, one of either is enough, other keys say nothing. */
export const firstNetworkFilter = (filters: FilterMap): ((network: Network) => boolean) => {
  const names = filters['name'] ?? [];
  const ids = filters['id'] ?? [];
  if (names.length + ids.length === 0) return () => true;
  return ({ name, id }) => names.includes(name) || ids.some((prefix) => id.startsWith(prefix));
};
