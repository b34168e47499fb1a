import type { FilterMap } from '#api/dialect/schema.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { familiarRepository, formatFamiliar, parseReference } from '#domain/image/reference.ts';
import type { ImageView } from '#engine/engine.ts';
import { nanosOf } from '#formats/time/nanos.ts';
import { globMatcher } from './glob.ts';
import { decodeMoment } from './timestamp.ts';

type Test = (view: ImageView) => boolean;

export type ImageSelection = {
  readonly filters: FilterMap;
  /** Images without a name that others are made from, too. */
  readonly all: boolean;
};

const KNOWN: ReadonlySet<string> = new Set(['dangling', 'label', 'before', 'since', 'reference', 'until']);

/**
 * What the image list shows of all images (docker-routes.md R30, docker-modern.md 3.6): by `reference` an
 * image keeps only the names that match. `find` looks up what `before` and `since` name.
 * Throws `invalid` `filter.unknown` {key}, `filter.value` {key, value, count}, `filter.pattern` {value}.
 */
export const selectImages = (
  views: readonly ImageView[],
  { filters, all }: ImageSelection,
  find: (ref: string) => ImageView,
): ImageView[] => {
  const unknown = Object.keys(filters).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw badFilter(unknown);
  const valuesOf = (key: string): readonly string[] => filters[key] ?? [];
  const tests = [
    ...valuesOf('label').map(labelTest),
    ...valuesOf('before').map((ref) => orderTest(find(ref), 'before')),
    ...valuesOf('since').map((ref) => orderTest(find(ref), 'since')),
    ...valuesOf('until').map(untilTest),
  ];
  const byDangling = danglingTest(valuesOf('dangling'));
  const narrow = referenceNarrowing(valuesOf('reference'));
  const parents = new Set(views.map(({ image }) => image.parentId));
  return views
    .filter((view) => tests.every((test) => test(view)))
    .flatMap(narrow)
    .filter((view) => !isUnnamed(view) || all || !parents.has(view.image.id))
    .filter(byDangling);
};

const badFilter = (key: string): EngineError =>
  new EngineError('invalid', 'filter.unknown', `invalid filter '${key}'`, { params: { key } });

const isUnnamed = ({ tags, digests }: ImageView): boolean => tags.length === 0 && digests.length === 0;

/** Wanted: what has no tag. Not wanted: what has neither a tag nor a digest is left out. */
const danglingTest = (values: readonly string[]): Test => {
  if (values.length === 0) return () => true;
  const isYes = values.some((value) => value === '1' || value === 'true');
  const isNo = values.some((value) => value === '0' || value === 'false');
  if (isYes === isNo) throw badDangling(values);
  return isYes ? ({ tags }) => tags.length === 0 : (view) => !isUnnamed(view);
};

const badDangling = (values: readonly string[]): EngineError => {
  const value = values.join(' ');
  return new EngineError('invalid', 'filter.value', `invalid filter 'dangling=[${value}]'`, {
    params: { key: 'dangling', value, count: values.length },
  });
};

const labelTest = (value: string): Test => {
  const [key = '', ...rest] = value.split('=');
  return ({ image }) => {
    const held = image.config.labels[key];
    return held !== undefined && (rest.length === 0 || held === rest.join('='));
  };
};

const orderTest =
  ({ image: pivot }: ImageView, side: 'before' | 'since'): Test =>
  ({ image }) =>
    side === 'before' ? image.createdAt < pivot.createdAt : image.createdAt > pivot.createdAt;

const untilTest = (value: string): Test => {
  const bound = decodeMoment('until', value);
  return ({ image }) => nanosOf(image.createdAt) < bound;
};

/** A pattern is held against `repo:tag` and against the repository alone. */
const referenceNarrowing = (patterns: readonly string[]): ((view: ImageView) => ImageView[]) => {
  if (patterns.length === 0) return (view) => [view];
  const matchers = patterns.map(globMatcher);
  const matches = (name: string): boolean => {
    const reference = parseReference(name);
    const forms = [formatFamiliar(reference), familiarRepository(reference)];
    return matchers.some((matcher) => forms.some(matcher));
  };
  return (view) => {
    const narrowed = { ...view, tags: view.tags.filter(matches), digests: view.digests.filter(matches) };
    return isUnnamed(narrowed) ? [] : [narrowed];
  };
};
