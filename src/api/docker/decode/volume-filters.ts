import type { FilterMap } from '#api/dialect/schema.ts';
import { volumeLabels } from '#api/docker/present/volume.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { VolumeView } from '#engine/engine.ts';
import { flagFilter } from './prune-filters.ts';

type Test = (volume: VolumeView, value: string) => boolean;

const isFound = (text: string, pattern: string): boolean => {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return text === pattern;
  }
};

const TESTS: Readonly<Record<string, Test>> = {
  name: ({ name }, value) => isFound(name, value),
  driver: ({ driver }, value) => driver === value,
  label: (volume, value) => {
    const labels = volumeLabels(volume);
    const [key = '', ...rest] = value.split('=');
    const held = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return held !== undefined && (rest.length === 0 || held === rest.join('='));
  },
};

/** OR inside one key (labels AND), AND between keys. Throws `filter.unknown` {key}, `filter.value` {key, value}. */
export const volumeFilter = (filters: FilterMap): ((volume: VolumeView) => boolean) => {
  const { dangling, ...others } = filters;
  const tests = Object.entries(others).map(([key, values]) => testOf(key, values));
  const wanted = flagFilter(filters, 'dangling', false);
  const isAsked = dangling !== undefined && dangling.length > 0;
  return (volume) =>
    (!isAsked || (volume.users.length === 0) === wanted) && tests.every((test) => test(volume));
};

const testOf = (key: string, values: readonly string[]): ((volume: VolumeView) => boolean) => {
  const test = Object.hasOwn(TESTS, key) ? TESTS[key] : undefined;
  if (test === undefined)
    throw new EngineError('invalid', 'filter.unknown', `invalid filter '${key}'`, { params: { key } });
  return (volume) => {
    if (values.length === 0) return true;
    const passes = (value: string): boolean => test(volume, value);
    return key === 'label' ? values.every(passes) : values.some(passes);
  };
};
