import type { ErrorParams } from '#domain/error/engine-error.ts';
import type { Sentence } from '#api/docker/changes/sentence.ts';
import { shortId } from '#api/docker/changes/sentence.ts';

const NAMES = ['container-rename'];
const ALLOCATING = 'Error when allocating new name: ';

const inUse =
  (verb: string) =>
  ({ name, id }: ErrorParams): string =>
    `Conflict. The name "${name}" is already in use by container ${shortId(id)}. You have to ${verb} (or rename) that container to be able to reuse that name.`;

const assigned = ({ name, id }: ErrorParams): string =>
  `Conflict, The name ${name} is already assigned to ${shortId(id)}. You have to delete (or rename) that container to be able to assign ${name} to a container again.`;

/** The engines of API 1.22 to 1.26 named the whole id, without quotes. */
const held =
  (what: string) =>
  ({ name, id }: ErrorParams): string =>
    `Conflict. The ${what} "/${name}" is already in use by container ${id}. You have to remove (or rename) that container to be able to reuse that name.`;

const HELD_END =
  '"/web" is already in use by container <64>. You have to remove (or rename) that container to be able to reuse that name.';

const heldSince = (version: string, what: string): Sentence[] => [
  {
    code: 'container.name-in-use',
    in: version,
    text: (params) => held(what)(params),
    gives: `Conflict. The ${what} ${HELD_END}`,
  },
  {
    code: 'container.name-in-use',
    in: version,
    routes: NAMES,
    text: (params) => `${ALLOCATING}${held(what)(params)}`,
    gives: `${ALLOCATING}Conflict. The ${what} ${HELD_END}`,
  },
];

const GIVES = 'Conflict. The name "web" is already in use by container 1f1f1f1f1f1f. You have to ';

/** Finding containers by name and id, and giving names. */
export const LOOKUP_SENTENCES: readonly Sentence[] = [
  {
    code: 'container.not-found',
    in: '1.22',
    text: ({ ref }) => `no such id: ${ref}`,
    gives: 'no such id: web',
  },
  {
    code: 'container.not-found',
    in: '1.22',
    routes: ['container-kill'],
    text: ({ ref }, name) => `Cannot kill container ${name}: nosuchcontainer: no such id: ${ref}`,
    gives: 'Cannot kill container web: nosuchcontainer: no such id: web',
  },
  {
    code: 'container.not-found',
    in: '1.21',
    routes: ['container-kill'],
    text: ({ ref }) => `no such id: ${ref}`,
    gives: 'no such id: web',
  },
  {
    code: 'container.not-found',
    in: '1.19',
    routes: ['container-list'],
    status: 500,
    text: ({ ref }) => `Could not find container with name or id ${ref}`,
    gives: 'Could not find container with name or id web',
  },
  {
    code: 'container.not-found',
    in: '1.18',
    text: ({ ref }) => `No such container: ${ref}`,
    gives: 'No such container: web',
  },
  {
    code: 'container.not-found',
    in: '1.18',
    routes: ['container-list'],
    status: 500,
    text: ({ ref }) => `Could not find container with name or id ${ref}`,
    gives: 'Could not find container with name or id web',
  },
  {
    code: 'container.ambiguous',
    in: '1.22',
    status: 500,
    text: () => 'Multiple IDs found with provided prefix',
    gives: 'Multiple IDs found with provided prefix',
  },
  {
    code: 'container.ambiguous',
    in: '1.18',
    status: 404,
    text: ({ ref }) => `No such container: ${ref}`,
    gives: 'No such container: web',
  },
  {
    code: 'container.empty-ref',
    in: '1.22',
    status: 500,
    text: () => "Prefix can't be empty",
    gives: "Prefix can't be empty",
  },
  {
    code: 'container.empty-ref',
    in: '1.22',
    routes: ['container-remove'],
    status: 404,
    text: () => 'no such id: ""',
    gives: 'no such id: ""',
  },
  ...heldSince('1.27', 'container name'),
  ...heldSince('1.25', 'name'),
  {
    code: 'container.name-in-use',
    in: '1.22',
    text: inUse('remove'),
    gives: `${GIVES}remove (or rename) that container to be able to reuse that name.`,
  },
  {
    code: 'container.name-in-use',
    in: '1.22',
    routes: NAMES,
    text: (params) => `${ALLOCATING}${inUse('remove')(params)}`,
    gives: `${ALLOCATING}${GIVES}remove (or rename) that container to be able to reuse that name.`,
  },
  {
    code: 'container.name-in-use',
    in: '1.21',
    text: inUse('delete'),
    gives: `${GIVES}delete (or rename) that container to be able to reuse that name.`,
  },
  {
    code: 'container.name-in-use',
    in: '1.21',
    routes: NAMES,
    text: (params) => `${ALLOCATING}${inUse('delete')(params)}`,
    gives: `${ALLOCATING}${GIVES}delete (or rename) that container to be able to reuse that name.`,
  },
  {
    code: 'container.name-in-use',
    in: '1.17',
    text: assigned,
    gives:
      'Conflict, The name web is already assigned to 1f1f1f1f1f1f. You have to delete (or rename) that container to be able to assign web to a container again.',
  },
  {
    code: 'container.name-kept',
    in: '1.22',
    status: 409,
    text: (params) => `${ALLOCATING}${inUse('remove')(params)}`,
    gives: `${ALLOCATING}${GIVES}remove (or rename) that container to be able to reuse that name.`,
  },
  {
    code: 'filter.unknown',
    in: '1.42',
    text: ({ key }) => `Invalid filter '${key}'`,
    params: { key: 'x' },
    gives: "Invalid filter 'x'",
  },
  {
    code: 'filter.value',
    in: '1.22',
    status: 500,
    text: ({ key, value }) =>
      key === 'status'
        ? 'Unrecognised filter value for status'
        : `strconv.ParseInt: parsing "${value}": invalid syntax`,
    params: { key: 'status', value: 'x' },
    gives: 'Unrecognised filter value for status',
  },
];
