import { EngineError } from '#domain/error/engine-error.ts';
import type { FilterMap } from '#api/dialect/schema.ts';
import { familiar } from '#api/hyper/present/images.ts';
import type { ImageView } from '#engine/engine.ts';

export type ImageSelection = { readonly all: boolean; readonly filter: string; readonly filters: FilterMap };

/**
 * What the list shows, newest first. `filter` is a pattern of a repository's name, or a whole `repo:tag`; `filters` may
 * say `dangling` and `label`. Throws `invalid` code `filter.unknown` {key}.
 */
export const selectImages = (
  views: readonly ImageView[],
  { all, filter, filters }: ImageSelection,
): ImageView[] => {
  const unknown = Object.keys(filters).find((key) => key !== 'dangling' && key !== 'label');
  if (unknown !== undefined)
    throw new EngineError('invalid', 'filter.unknown', `invalid filter '${unknown}'`);
  const parents = new Set(views.map(({ image }) => image.parentId));
  const dangling = filters['dangling']?.[0];
  const matches = globMatcher(filter);
  return views
    .filter(({ image }) => (filters['label'] ?? []).every((label) => hasLabel(image.config.labels, label)))
    .filter(({ tags }) => dangling === undefined || (tags.length === 0) === /^(?:1|true)$/u.test(dangling))
    .filter(({ image, tags, digests }) => all || tags.length + digests.length > 0 || !parents.has(image.id))
    .map((view) =>
      filter === '' ? view : { ...view, tags: view.tags.filter((tag) => matches(familiar(tag))) },
    )
    .filter(({ tags }) => filter === '' || tags.length > 0)
    .toSorted((a, b) => b.image.createdAt - a.image.createdAt);
};

const hasLabel = (labels: Readonly<Record<string, string>>, wanted: string): boolean => {
  const [key = ''] = wanted.split('=', 1);
  return Object.hasOwn(labels, key) && (key === wanted || labels[key] === wanted.slice(key.length + 1));
};

/** `*` and `?` stop at slashes. */
const globMatcher = (pattern: string): ((name: string) => boolean) => {
  const source = pattern
    .replaceAll(/[\\^$.+()[\]{}|]/gu, String.raw`\$&`)
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  const expression = new RegExp(`^${source}$`, 'u');
  return (name) => expression.test(name) || expression.test(name.replace(/:[^:/]*$/u, ''));
};
