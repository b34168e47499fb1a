import type { FilterMap } from '#api/dialect/schema.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ImageView } from '#engine/engine.ts';
import { familiar } from '#api/docker/present/image.ts';
import { decodeTimestamp } from './timestamp.ts';

type Test = (view: ImageView) => boolean;

const KNOWN = new Set(['dangling', 'label', 'before', 'since', 'reference', 'until']);

/**
 * Filters of the image list (docker-routes.md R30, docker-modern.md 3.6). `find` looks up the images that
 * `before` and `since` name. Throws `invalid` `filter.unknown` {key} and `filter.value` {key, value}.
 */
export const imageFilter = (filters: FilterMap, find: (ref: string) => ImageView): Test => {
  const unknown = Object.keys(filters).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw badFilter(unknown);
  const valuesOf = (key: string): readonly string[] => filters[key] ?? [];
  const tests = [
    ...danglingTests(valuesOf('dangling')),
    ...valuesOf('label').map(labelTest),
    ...valuesOf('before').map((ref) => orderTest(find(ref), 'before')),
    ...valuesOf('since').map((ref) => orderTest(find(ref), 'since')),
    ...valuesOf('until').map(untilTest),
    ...referenceTests(valuesOf('reference')),
  ];
  return (view) => tests.every((test) => test(view));
};

const badFilter = (key: string): EngineError =>
  new EngineError('invalid', 'filter.unknown', `invalid filter '${key}'`, { params: { key } });

const danglingTests = (values: readonly string[]): Test[] => {
  if (values.length > 1) {
    throw new EngineError('conflict', 'filter.twice', 'Conflict: cannot use more than 1 value for `dangling` filter');
  }
  return values.map((value) => {
    const wanted = /^(?:1|true)$/i.test(value);
    if (!wanted && !/^(?:0|false)$/i.test(value)) {
      throw new EngineError('invalid', 'filter.value', `invalid filter 'dangling=[${value}]'`, {
        params: { key: 'dangling', value },
      });
    }
    return ({ tags }) => (tags.length === 0) === wanted;
  });
};

const labelTest = (value: string): Test => {
  const [key = '', ...rest] = value.split('=');
  return ({ image }) => {
    const held = image.config.labels[key];
    return held !== undefined && (rest.length === 0 || held === rest.join('='));
  };
};

const orderTest = ({ image: pivot }: ImageView, side: 'before' | 'since'): Test => {
  return ({ image }) => (side === 'before' ? image.createdAt < pivot.createdAt : image.createdAt > pivot.createdAt);
};

const untilTest = (value: string): Test => {
  const bound = decodeTimestamp('until', value) ?? 0;
  return ({ image }) => image.createdAt < bound;
};

const referenceTests = (patterns: readonly string[]): Test[] => {
  if (patterns.length === 0) return [];
  const matchers = patterns.map(globMatcher);
  return [({ tags, digests }) => [...tags, ...digests].map(familiar).some((name) => matchers.some((matches) => matches(name)))];
};

/** Go's `path.Match` on the whole name, and on the name without its tag. */
export const globMatcher = (pattern: string): ((name: string) => boolean) => {
  const expression = new RegExp(
    `^${pattern.replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`).replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}$`,
  );
  return (name) => expression.test(name) || expression.test(name.replace(/(?::[^/:]+|@.+)$/, ''));
};
