import type { Change } from '#api/dialect/change.ts';
import { errorText } from '#api/dialect/change.ts';
import type { ErrorParams } from '#domain/error/engine-error.ts';
import { podLost } from '#api/hyper/wording/older.ts';
import { refIn } from '#api/hyper/wording/sentence.ts';

/** How an older release said it. */
type Older = {
  readonly id: string;
  /** Default: 0.8, where pods and their VMs became one. */
  readonly in?: string;
  readonly codes: readonly string[];
  readonly routes?: readonly string[];
  readonly status?: number;
  readonly words: (params: ErrorParams) => string;
  readonly example: readonly [params: ErrorParams, message: string];
};

const older = ({ in: since = '0.8', words, status, example, ...rest }: Older): Change => {
  const shown = status === undefined ? {} : { status };
  const [params, message] = example;
  return errorText({
    ...rest,
    in: since,
    why: 'the sentence was another',
    source: 'hyperd-api 0.4',
    older: (given) => ({ ...shown, message: words(given) }),
    examples: [{ params, older: { ...shown, message } }],
  });
};

const NO_POD = ['pod.not-found'];
const NO_CONTAINER = ['pod.no-container', 'container.not-found'];
const NOT_UP = ['pod.not-running', 'pod.busy', 'pod.dead', 'pod.paused'];

const PODS: readonly Change[] = [
  older({
    id: 'pod-info-of-nobody',
    codes: NO_POD,
    routes: ['pod-info', 'pod-labels'],
    words: podLost('info'),
    example: [{ ref: 'web' }, 'Can not get Pod info with pod name(web)'],
  }),
  older({
    id: 'pod-stats-of-nobody',
    codes: NO_POD,
    routes: ['pod-stats'],
    words: podLost('stats'),
    example: [{ ref: 'pod-a' }, 'Can not get Pod stats with pod ID(pod-a)'],
  }),
  older({
    id: 'services-of-nobody',
    codes: NO_POD,
    routes: ['service-list', 'service-add', 'service-update', 'service-delete'],
    words: (params) => `Cannot find Pod ${refIn(params)}`,
    example: [{ ref: 'web' }, 'Cannot find Pod web'],
  }),
  older({
    id: 'a-label-that-is-there',
    codes: ['pod.label-exists'],
    words: ({ label = '' }) => `Can't update label ${label} without override`,
    example: [{ label: 'a' }, "Can't update label a without override"],
  }),
  older({
    id: 'start-of-what-runs',
    codes: NOT_UP,
    routes: ['pod-start'],
    status: 500,
    words: (params) => `pod ${refIn(params)} is already running`,
    example: [{ id: 'pod-a' }, 'pod pod-a is already running'],
  }),
  older({
    id: 'pause-of-what-does-not-run',
    codes: ['pod.not-running'],
    routes: ['pod-pause'],
    words: () => 'Can not find VM whose Id is !',
    example: [{}, 'Can not find VM whose Id is !'],
  }),
  older({
    id: 'unpause-of-what-is-not-paused',
    codes: ['pod.not-running', 'pod.not-paused', 'pod.busy', 'pod.dead'],
    routes: ['pod-unpause'],
    words: () => 'pod is not paused',
    example: [{}, 'pod is not paused'],
  }),
  older({
    id: 'signal-to-what-does-not-run',
    codes: ['pod.down'],
    routes: ['pod-kill'],
    words: ({ container = '' }) => `container ${container} is stopped`,
    example: [{ container: 'a' }, 'container a is stopped'],
  }),
  older({
    id: 'white-list-of-no-network',
    codes: ['pod.white-list'],
    words: ({ list, network = '' }) =>
      `PortmappingWhiteLists.${list === 'external' ? 'ExternalNetwork' : 'InternalNetworks'} ${network} format error`,
    example: [{ list: 'external', network: 'all' }, 'PortmappingWhiteLists.ExternalNetwork all format error'],
  }),
  older({
    id: 'container-without-image',
    codes: ['pod.no-image'],
    words: () => 'Please specific your image for your container, it can not be null!',
    example: [{}, 'Please specific your image for your container, it can not be null!'],
  }),
];

const CONTAINERS: readonly Change[] = [
  older({
    id: 'container-info-without-name',
    codes: ['container.no-name'],
    words: () => 'Null container name',
    example: [{}, 'Null container name'],
  }),
  older({
    id: 'signal-to-a-container-of-nobody',
    codes: NO_CONTAINER,
    routes: ['pod-kill'],
    words: (params) => `can not find container ${refIn(params)}`,
    example: [{ ref: 'a' }, 'can not find container a'],
  }),
  older({
    id: 'container-stop-in-a-pod-at-rest',
    codes: NOT_UP,
    routes: ['container-stop'],
    words: () => 'pod is not started yet',
    example: [{}, 'pod is not started yet'],
  }),
  older({
    id: 'rename-of-nobody',
    codes: NO_CONTAINER,
    routes: ['container-rename'],
    status: 404,
    words: (params) => `No such container: ${refIn(params)}`,
    example: [{ ref: 'a' }, 'No such container: a'],
  }),
  older({
    id: 'size-of-a-terminal-of-nobody',
    codes: NO_CONTAINER,
    routes: ['tty-resize'],
    words: () => 'Can not find that container!',
    example: [{ ref: 'a' }, 'Can not find that container!'],
  }),
  older({
    id: 'command-in-what-does-not-run',
    codes: ['container.not-running'],
    routes: ['exec-create'],
    words: (params) => `container ${refIn(params)} is not running`,
    example: [{ ref: 'a' }, 'container a is not running'],
  }),
  older({
    id: 'code-of-no-command',
    codes: ['exec.unknown'],
    words: ({ exec = '' }) => `cannot find exec ${exec}`,
    example: [{ exec: 'exec-a' }, 'cannot find exec exec-a'],
  }),
  // Names were the image engine's, whose sentence made the status too: hyperd looked for words.
  older({
    id: 'a-taken-name-was-a-conflict',
    codes: ['container.name-in-use', 'container.conflict'],
    status: 409,
    words: ({ name = '', id = '' }) =>
      `Conflict. The name "/${name}" is already in use by container ${id}. You have to remove (or rename) that container to be able to reuse that name.`,
    example: [
      { name: 'a', id: '1' },
      'Conflict. The name "/a" is already in use by container 1. You have to remove (or rename) that container to be able to reuse that name.',
    ],
  }),
];

/** The oldest clients pull where they find these words. */
const imageLost = older({
  id: 'an-image-that-is-not-there',
  in: '0.5',
  codes: ['image.not-found'],
  words: (params) => `No such image: ${params['name'] ?? refIn(params)}: could not find image: no such id`,
  example: [{ ref: 'a', name: 'a:latest' }, 'No such image: a:latest: could not find image: no such id'],
});

export const ERROR_CHANGES: readonly Change[] = [...PODS, ...CONTAINERS, imageLost];
