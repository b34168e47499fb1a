/** Members whose keys are names of things, not words of the API. */
const MAPS =
  /(?:^|\.)(?:Labels|Volumes|VolumesRW|Ports|Networks|ExposedPorts|PortBindings|Attributes|Config\.Config|LogConfig\.Config|Options|Containers|Data|Sysctls|Annotations|PortMapping(?:\.\w+)?|stats|networks|Runtimes|IndexConfigs|Healthcheck)$/;

type Json = unknown;

/**
 * What differs between two documents in members and their JSON types, as lines `path: what`. Values do not count, nor
 * does how many elements a list has: the elements of a list are looked at as one.
 */
export const shapeDifferences = (theirs: Json, ours: Json, path = ''): string[] => {
  const [their, our] = [typeOf(theirs), typeOf(ours)];
  // Engines give back an empty list or null, as the client had sent; we say the empty list.
  if (their === 'null' && isEmpty(ours)) return [];
  if (their !== our) return [`${path}: ${our} instead of ${their}`];
  if (their === 'array') return listDifferences(theirs as Json[], ours as Json[], path);
  if (their === 'object') return memberDifferences(theirs as object, ours as object, path);
  return [];
};

const typeOf = (value: Json): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

const isEmpty = (value: Json): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

const listDifferences = (theirs: Json[], ours: Json[], path: string): string[] => {
  if (theirs.length === 0 || ours.length === 0) return [];
  return shapeDifferences(mergeAll(theirs), mergeAll(ours), `${path}[]`);
};

const memberDifferences = (theirs: object, ours: object, path: string): string[] => {
  if (MAPS.test(path)) return listDifferences(Object.values(theirs), Object.values(ours), path);
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
  return names.flatMap((name) => {
    const place = path === '' ? name : `${path}.${name}`;
    if (!(name in ours)) return [`${place}: missing`];
    if (!(name in theirs)) return [`${place}: more`];
    return shapeDifferences(theirs[name as never], ours[name as never], place);
  });
};

/** One value that has the members of all; a value wins over null. */
const mergeAll = (values: readonly Json[]): Json => values.reduce(merge);

const merge = (a: Json, b: Json): Json => {
  if (a === null || typeOf(a) !== typeOf(b)) return a ?? b;
  if (Array.isArray(a)) return [...a, ...(b as Json[])];
  if (typeof a !== 'object') return a;
  const [one, other] = [a as Record<string, Json>, b as Record<string, Json>];
  return Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((name) => [
      name,
      name in one && name in other ? merge(one[name], other[name]) : (one[name] ?? other[name] ?? null),
    ]),
  );
};
