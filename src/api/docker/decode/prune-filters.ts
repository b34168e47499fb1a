import type { FilterMap } from '#api/dialect/schema.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { Instant } from '#domain/value/instant.ts';
import { nanosOf } from '#formats/time/nanos.ts';
import type { Nanos } from '#formats/time/nanos.ts';
import { decodeMoment } from './timestamp.ts';

type Labelled = {
  readonly createdAt: Instant;
  readonly labels: Readonly<Record<string, string>>;
};

/**
 * What a prune takes (docker-modern.md 3.9): `until` a time or an age, `label` all of them, `label!` none of them.
 * `more` names the keys that a route reads itself. Throws `filter.unknown` {key}, `filter.value` {key, value}.
 */
export const pruneFilter = (
  filters: FilterMap,
  more: readonly string[] = [],
): ((thing: Labelled) => boolean) => {
  const known = ['until', 'label', 'label!', ...more];
  const unknown = Object.keys(filters).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw badFilter('filter.unknown', `invalid filter '${unknown}'`, { key: unknown });
  const bound = readUntil(filters['until'] ?? []);
  const wanted = (filters['label'] ?? []).map(labelTest);
  const unwanted = (filters['label!'] ?? []).map(labelTest);
  return ({ createdAt, labels }) =>
    (bound === undefined || nanosOf(createdAt) < bound) &&
    wanted.every((test) => test(labels)) &&
    !(unwanted.length > 0 && unwanted.every((test) => test(labels)));
};

const badFilter = (code: string, text: string, params: Record<string, string>): EngineError =>
  new EngineError('invalid', code, text, { params });

const readUntil = (values: readonly string[]): Nanos | undefined => {
  const [value, second] = values;
  if (value === undefined) return undefined;
  if (second === undefined) return decodeMoment('until', value);
  throw badFilter('filter.value', 'more than one until filter specified', { key: 'until', value: second });
};

const labelTest = (value: string): ((labels: Labelled['labels']) => boolean) => {
  const [key = '', ...rest] = value.split('=');
  return (labels) => {
    const held = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return held !== undefined && (rest.length === 0 || held === rest.join('='));
  };
};

const YES: ReadonlySet<string> = new Set(['1', 'true']);
const NO: ReadonlySet<string> = new Set(['0', 'false']);

/** A filter that is yes or no, `absent` when it is not given. Throws `filter.value` {key, value}. */
export const flagFilter = (filters: FilterMap, key: string, absent: boolean): boolean => {
  const values = filters[key] ?? [];
  if (values.length === 0) return absent;
  const isYes = values.some((value) => YES.has(value.toLowerCase()));
  const isNo = values.some((value) => NO.has(value.toLowerCase()));
  const value = values.join(' ');
  if (isYes === isNo) throw badFilter('filter.value', `invalid filter '${key}=[${value}]'`, { key, value });
  return isYes;
};
