import type { Change, ErrorView } from '#api/dialect/change.ts';
import { errorText } from '#api/dialect/change.ts';
import type { ErrorParams } from '#domain/error/engine-error.ts';
import { canonicalRepository, parseReference } from '#domain/image/reference.ts';

const ID = 'b'.repeat(64);
const REFERENCE_CODES = [
  'reference.scheme',
  'reference.format',
  'reference.upper-case',
  'reference.hex-name',
  'reference.too-long',
  'reference.reserved',
  'reference.tag',
  'reference.digest',
];

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|[-]*)[a-z0-9]+)*';

/** Words of 1.9 for names that cannot be; every one was a 500. */
const oldReferenceText = ({ name = '' }: ErrorParams, code: string): string | undefined => {
  if (name === '') return "Repository name can't be empty";
  switch (code) {
    case 'reference.scheme':
      return 'Invalid repository name (ex: "registry.domain.tld/myrepos")';
    case 'reference.hex-name':
      return `Invalid repository name (${name}), cannot specify 64-byte hexadecimal strings`;
    case 'reference.upper-case':
    case 'reference.format':
      return `repository name component must match "${COMPONENT}"`;
    case 'reference.tag':
      return `Illegal tag name (${name}): only [A-Za-z0-9_.-] are allowed ('.' and '-' are NOT allowed in the initial), minimum 1, maximum 128 in length`;
    default:
      return undefined;
  }
};

const withText = (status: number, message: string | undefined): { status: number; message?: string } =>
  message === undefined ? { status } : { status, message };

const badReferences = errorText({
  id: 'image-name-texts',
  in: '1.22',
  codes: REFERENCE_CODES,
  why: 'names were checked by other code, whose errors had no type',
  source: 'docker-semantics.md 13.1',
  older: (params, { code }) => withText(500, oldReferenceText(params, code)),
  examples: [
    { params: { name: '' }, older: { status: 500, message: "Repository name can't be empty" } },
    { params: { name: 'scratch' }, older: { status: 500 } },
  ],
});

const badReferencesListLetters = errorText({
  id: 'image-name-texts-list-letters',
  in: '1.20',
  codes: REFERENCE_CODES,
  why: 'the check of names told the letters it allows',
  source: 'docker-semantics.md 13.1',
  older: (params, { code }) =>
    params['name'] !== '' && (code === 'reference.format' || code === 'reference.upper-case')
      ? { status: 500, message: `Invalid repository name (${params['name']}), only [a-z0-9-_.] are allowed` }
      : withText(500, oldReferenceText(params, code)),
  examples: [{ params: { name: '' }, older: { status: 500, message: "Repository name can't be empty" } }],
});

const filterTexts = errorText({
  id: 'image-list-filter-texts',
  in: '1.22',
  routes: ['image-list'],
  codes: ['filter.unknown', 'filter.value', 'filter.pattern'],
  why: 'errors without a type of their own were 500',
  source: 'docker-routes.md 3.6, 3.8',
  older: ({ key, value, count = 1 }) => {
    if (key === undefined) return { status: 500 };
    if (value === undefined) return { status: 500, message: `Invalid filter '${key}'` };
    return Number(count) > 1
      ? { status: 409, message: `Conflict: cannot use more than 1 value for \`${key}\` filter` }
      : { status: 500, message: `Invalid filter '${key}=${value}'` };
  },
  examples: [
    { params: { key: 'x' }, older: { status: 500, message: "Invalid filter 'x'" } },
    {
      params: { key: 'dangling', value: 'y' },
      older: { status: 500, message: "Invalid filter 'dangling=y'" },
    },
    {
      params: { key: 'dangling', value: 'true false', count: 2 },
      older: { status: 409, message: 'Conflict: cannot use more than 1 value for `dangling` filter' },
    },
  ],
});

const manyNames = errorText({
  id: 'image-conflict-one-or-more-names',
  in: '1.22',
  codes: ['image.in-use'],
  why: 'the reason was written otherwise',
  source: 'docker-semantics.md 13.3',
  older: ({ id, cause }) =>
    cause === 'named'
      ? {
          message: `conflict: unable to delete ${id} (must be forced) - image is referenced in one or more repositories`,
        }
      : {},
  examples: [
    {
      params: { id: 'abc', cause: 'named' },
      older: {
        message:
          'conflict: unable to delete abc (must be forced) - image is referenced in one or more repositories',
      },
    },
    { params: { id: 'abc', cause: 'children' }, older: {} },
  ],
});

/** Words of the removal before 1.19 (docker-semantics.md 13.4). */
const oldConflictText = ({ id, image, cause, container }: ErrorParams, { path }: ErrorView): string => {
  const typed = path['name'] ?? '';
  if (cause === 'held' || cause === 'children') return `Conflict, ${typed} wasn't deleted`;
  if (cause === 'named') {
    return `Conflict, cannot delete image ${typed} because it is tagged in multiple repositories, use -f to force`;
  }
  return cause === 'running'
    ? `Conflict, cannot delete ${id} because the running container ${container} is using it, stop it and use -f to force`
    : `Conflict, cannot delete ${id ?? image} because the container ${container} is using it, use -f to force`;
};

const CONFLICT_CODES = ['image.in-use', 'image.name-in-use'];

const oldConflicts = errorText({
  id: 'image-conflict-texts',
  in: '1.19',
  codes: CONFLICT_CODES,
  why: 'the rules of removal had other words',
  source: 'docker-semantics.md 13.4',
  older: (params, view) => ({ message: oldConflictText(params, view) }),
  examples: [
    { params: { cause: 'children' }, path: { name: 'a' }, older: { message: "Conflict, a wasn't deleted" } },
    {
      params: { image: 'b', container: 'c', ref: 'a' },
      older: { message: 'Conflict, cannot delete b because the container c is using it, use -f to force' },
    },
  ],
});

const conflictsWereInternal = errorText({
  id: 'image-conflicts-were-500',
  in: '1.2',
  codes: CONFLICT_CODES,
  why: 'there was no 409',
  source: 'API 1.2 changelog; docker-routes.md 3.5',
  older: (params, view) => ({ status: 500, message: oldConflictText(params, view) }),
  examples: [
    {
      params: { cause: 'named' },
      path: { name: 'a' },
      older: {
        status: 500,
        message:
          'Conflict, cannot delete image a because it is tagged in multiple repositories, use -f to force',
      },
    },
  ],
});

const tagTaken = ({ tag, id }: ErrorParams): string =>
  `Conflict: Tag ${tag} is already set to image ${String(id).replace(/^sha256:/, '')}, if you want to replace it, please use -f option`;

const tagConflictText = errorText({
  id: 'image-tag-conflict-text',
  in: '1.17',
  codes: ['image.tag-in-use'],
  why: 'the text named the tag alone and the whole id',
  source: 'docker-routes.md R37',
  older: (params) => ({ message: tagTaken(params) }),
  examples: [
    {
      params: { repository: 'a', tag: '1', id: `sha256:${ID}` },
      older: {
        message: `Conflict: Tag 1 is already set to image ${ID}, if you want to replace it, please use -f option`,
      },
    },
  ],
});

const tagConflictWasInternal = errorText({
  id: 'image-tag-conflict-was-500',
  in: '1.2',
  codes: ['image.tag-in-use'],
  why: 'there was no 409',
  source: 'API 1.2 changelog; docker-routes.md 3.5',
  older: (params) => ({ status: 500, message: tagTaken(params) }),
  examples: [
    {
      params: { repository: 'a', tag: '1', id: ID },
      older: {
        status: 500,
        message: `Conflict: Tag 1 is already set to image ${ID}, if you want to replace it, please use -f option`,
      },
    },
  ],
});

const pullTexts = errorText({
  id: 'image-create-missing-texts',
  in: '1.22',
  routes: ['image-create'],
  codes: ['pull.not-found'],
  why: 'what a registry does not have was told in the words of the first registries',
  source: 'docker-semantics.md 17.4',
  older: ({ reference, registryCode }, { shown }) => {
    if (typeof reference !== 'string') return { message: shown.message };
    const parsed = parseReference(reference);
    return registryCode === 'MANIFEST_UNKNOWN' && parsed.tag !== ''
      ? { message: `Tag ${parsed.tag} not found in repository ${canonicalRepository(parsed)}` }
      : { message: `Error: image ${parsed.path} not found` };
  },
  examples: [
    {
      params: { reference: 'x:latest', registryCode: 'DENIED' },
      older: { message: 'Error: image library/x not found' },
    },
    {
      params: { reference: 'x:2', registryCode: 'MANIFEST_UNKNOWN' },
      older: { message: 'Tag 2 not found in repository docker.io/library/x' },
    },
  ],
});

export const IMAGE_ERROR_CHANGES: readonly Change[] = [
  badReferences,
  badReferencesListLetters,
  filterTexts,
  manyNames,
  oldConflicts,
  conflictsWereInternal,
  tagConflictText,
  tagConflictWasInternal,
  pullTexts,
];
