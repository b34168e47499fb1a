import type { ErrorParams } from '#domain/error/engine-error.ts';
import type { PodStatus } from '#domain/pod/pod.ts';
import { refIn } from './sentence.ts';
import type { Sentence } from './sentence.ts';
import { SPEC_SENTENCES } from './specs.ts';

const NO_POD = ['pod.not-found'];
const NO_CONTAINER = ['pod.no-container', 'container.not-found'];
const NOT_UP = ['pod.not-running', 'pod.busy', 'pod.dead'];

const noPod = (routes: readonly string[], words: (ref: string) => string): Sentence => ({
  codes: NO_POD,
  routes,
  words: (params) => words(refIn(params)),
});

const noContainer = (routes: readonly string[], words: (ref: string) => string): Sentence => ({
  codes: NO_CONTAINER,
  routes,
  words: (params) => words(refIn(params)),
});

/** States were numbers in sentences. */
const STATES: Readonly<Record<PodStatus, number>> = {
  creating: 0,
  created: 4,
  starting: 1,
  running: 2,
  paused: 3,
  stopped: 4,
  stopping: 5,
  removing: 5,
  dead: 6,
};

const stateIn = ({ status }: ErrorParams): number | undefined =>
  (STATES as Readonly<Record<string, number>>)[String(status)];

const invalidState =
  (action: string) =>
  (params: ErrorParams): string | undefined => {
    const state = stateIn(params);
    return state === undefined ? undefined : `${action}: pod state is not valid: ${state}`;
  };

const PODS: readonly Sentence[] = [
  noPod(['pod-info', 'pod-pause', 'pod-unpause'], (ref) => `Can not get Pod info with pod ID(${ref})`),
  noPod(['pod-stats'], (ref) => `Can not get Pod stats with pod ID(${ref})`),
  noPod(['pod-labels'], (ref) => `Can not get Pod ${ref} info`),
  noPod(
    ['pod-start', 'service-list', 'service-add', 'service-update', 'service-delete'],
    (ref) => `The pod(${ref}) can not be found, please create it first`,
  ),
  noPod(['pod-stop'], (ref) => `Can not find pod(${ref})`),
  noPod(['pod-remove', 'pod-remove-old'], (ref) => `Can not find that Pod(${ref})`),
  noPod(['pod-kill'], (ref) => `can not find pod ${ref}`),
  noPod(['port-list', 'port-change'], (ref) => `Pod ${ref} not found`),
  noPod(['container-create'], (ref) => `The pod(${ref}) can not be found`),
  noPod(['list'], (ref) => `Cannot find specified pod ${ref}`),
  {
    codes: NOT_UP,
    routes: ['pod-stats'],
    words: (params) => `Can not get pod stats for non-running pod (${refIn(params)})`,
  },
  {
    codes: [...NOT_UP, 'pod.already-paused'],
    routes: ['pod-pause'],
    words: invalidState('pause'),
  },
  {
    codes: [...NOT_UP, 'pod.not-paused'],
    routes: ['pod-unpause'],
    words: invalidState('unpause'),
  },
  {
    codes: NOT_UP,
    routes: ['pod-start'],
    words: (params) => `cannot complete the operation, because the pod ${refIn(params)} is not running`,
  },
  {
    codes: ['pod.label-exists'],
    words: ({ label = '' }) => `Can't update label ${label} without override flag`,
  },
  { codes: ['pod.exists'], words: ({ id = '' }) => `pod name ${id} has already in use` },
  {
    codes: ['pod.service-exists'],
    status: 409,
    words: ({ service = '' }) => `service ${service} conflicts with existing ones`,
  },
];

const CONTAINERS: readonly Sentence[] = [
  noContainer(['container-info'], (ref) => `Can not find container by name(${ref})`),
  noContainer(['container-start'], (ref) => `The container (${ref}) can not be found`),
  noContainer(['container-stop'], (ref) => `can not found container ${ref}`),
  noContainer(['container-kill'], (ref) => `can not find container ${ref}`),
  noContainer(['container-rename'], (ref) => `caonnot find pod contains container ${ref} to rename`),
  {
    codes: NO_CONTAINER,
    routes: ['container-commit'],
    status: 404,
    words: (params) => `No such container: ${refIn(params)}`,
  },
  {
    codes: NO_CONTAINER,
    routes: ['pod-kill'],
    words: (params) => `can not get container ${refIn(params)} in pod ${params['pod'] ?? ''}`,
  },
  noContainer(
    ['container-remove', 'container-logs', 'exitcode', 'container-exitcode', 'exec-create', 'tty-resize'],
    (ref) => `cannot find container ${ref}`,
  ),
  {
    codes: [...NOT_UP, 'pod.paused'],
    routes: ['container-create'],
    words: () => 'pod is not running',
  },
  {
    codes: [...NOT_UP, 'pod.paused'],
    routes: ['container-start'],
    words: (params) => {
      const state = stateIn(params);
      return state === undefined ? undefined : `not ready for start p: ${state}, c: 2`;
    },
  },
  {
    codes: [...NOT_UP, 'pod.paused'],
    routes: ['container-stop'],
    words: () => 'pod is not running, cannot stop container',
  },
  {
    codes: ['container.conflict'],
    words: ({ name = '', id = '' }) =>
      `Conflict. The name "/${name}" is already in use by container ${id}. You have to remove (or rename) that container to be able to reuse that name.`,
  },
  {
    codes: ['container.name-in-use'],
    words: ({ name = '', pod }) =>
      pod === undefined ? undefined : `the container name ${name} has already taken by pod ${pod}`,
  },
];

export const END_OF_INPUT = 'unexpected end of JSON input';

const REST: readonly Sentence[] = [
  {
    codes: ['exec.unknown'],
    words: ({ exec = '', container = '' }) => `no exec ${exec} exists for container ${container}`,
  },
  { codes: ['exec.running'], words: () => 'wait exec exit code timeout' },
  {
    codes: ['sandbox.not-found'],
    routes: ['list'],
    words: ({ ref = '' }) => `Cannot find specified vm ${ref}`,
  },
  {
    codes: ['sandbox.not-found'],
    routes: ['vm-kill'],
    words: ({ ref = '' }) => `Can not find the VM(${ref})`,
  },
  {
    codes: ['sandbox.not-found'],
    routes: ['pod-start'],
    words: ({ ref = '' }) => `The VM ${ref} doesn't exist`,
  },
  {
    codes: ['sandbox.resources'],
    words: ({ field = '' }) => `The new pod's ${field} setting is different with the VM's ${field}`,
  },
  {
    codes: ['query.missing'],
    words: ({ name }) => (name === 'labels' || name === 'services' ? END_OF_INPUT : undefined),
  },
  {
    codes: ['query.missing'],
    words: ({ name }) => (name === 'imageId' ? 'image name cannot be blank' : undefined),
  },
  { codes: ['pod.empty', 'exec.no-command'], words: () => END_OF_INPUT },
  {
    codes: ['image.not-found'],
    status: 404,
    words: (params) => `No such image: ${params['name'] ?? refIn(params)}`,
  },
];

/** The sentences of releases 0.8 and newer, and of older ones where those had no others. */
export const TODAY: readonly Sentence[] = [...PODS, ...CONTAINERS, ...SPEC_SENTENCES, ...REST];
