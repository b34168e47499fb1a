import { innerWords } from '#api/docker/wording/start-failure.ts';
import type { Sentence } from '#api/docker/changes/sentence.ts';
import type { ErrorParams } from '#domain/error/engine-error.ts';

const PAUSED = 'is paused. Unpause the container before stopping';

type Wrapped = {
  readonly code: string;
  readonly route: string;
  readonly verb: string;
  readonly inner: (params: ErrorParams) => { readonly tag: string; readonly words: string };
  readonly gives: string;
};

/** The engine of API 1.21 put the code of the inner error before its words; older ones did not. */
const wrapped = ({ code, route, verb, inner, gives: words }: Wrapped): Sentence[] =>
  (['1.22', '1.21'] as const).map((version) => {
    const isTagged = version === '1.22';
    return {
      code,
      in: version,
      routes: [route],
      status: 500,
      text: (params: ErrorParams, name: string): string => {
        const told = inner(params);
        return `Cannot ${verb} container ${name}: ${isTagged ? `${told.tag}: ` : ''}${told.words}`;
      },
      gives: `Cannot ${verb} container web: ${isTagged ? `${inner({}).tag}: ` : ''}${words}`,
    };
  });

const notRunning = ({ id }: ErrorParams) => ({ tag: 'notrunning', words: `Container ${id} is not running` });
const paused = ({ id }: ErrorParams) => ({ tag: 'unpausecontainer', words: `Container ${id} ${PAUSED}` });
/** A line feed inside: the body ends with two. */
const pausedLine = ({ id }: ErrorParams) => ({
  tag: 'unpausecontainer',
  words: `Container ${id} ${PAUSED}\n`,
});
const alreadyPaused = ({ id }: ErrorParams) => ({
  tag: 'alreadypaused',
  words: `Container ${id} is already paused`,
});
const notPaused = ({ id }: ErrorParams) => ({ tag: 'notpaused', words: `Container ${id} is not paused` });

/** What an old engine said of a failed start, without its beginning. */
const startReason = ({ reason, address, port, detail, ...rest }: ErrorParams): string =>
  reason === 'port.allocated' || reason === 'port.in-use'
    ? `Bind for ${address}:${port} failed: port is already allocated`
    : innerWords({ reason: String(reason), detail: String(detail), ...rest });

/** The driver of API 1.18 to 1.21 put its own error code before the system's words. */
const driverReason = (params: ErrorParams): string =>
  String(params['reason']).startsWith('runtime.')
    ? `[8] System error: ${params['detail']}`
    : startReason(params);

const MISSING = 'exec: "foo": executable file not found in $PATH';
const FAILED: ErrorParams = { reason: 'runtime.start', detail: MISSING };

/** Commands that the container's state does not allow. */
export const STATE_SENTENCES: readonly Sentence[] = [
  {
    code: 'container.already-running',
    in: '1.11',
    routes: ['container-start'],
    status: 500,
    text: ({ id }, name) => `Cannot start container ${name}: The container ${id} is already running.`,
    gives: 'Cannot start container web: The container <64> is already running.',
  },
  {
    code: 'container.not-running',
    in: '1.42',
    text: ({ id }) => `Container ${id} is not running`,
    gives: 'Container <64> is not running',
  },
  {
    code: 'container.not-running',
    in: '1.42',
    routes: ['container-kill'],
    text: ({ id }, name) => `Cannot kill container: ${name}: Container ${id} is not running`,
    gives: 'Cannot kill container: web: Container <64> is not running',
  },
  ...wrapped({
    code: 'container.not-running',
    route: 'container-kill',
    verb: 'kill',
    inner: notRunning,
    gives: 'Container <64> is not running',
  }),
  ...wrapped({
    code: 'container.not-running',
    route: 'container-pause',
    verb: 'pause',
    inner: notRunning,
    gives: 'Container <64> is not running',
  }),
  ...wrapped({
    code: 'container.not-running',
    route: 'container-unpause',
    verb: 'unpause',
    inner: notRunning,
    gives: 'Container <64> is not running',
  }),
  {
    code: 'container.not-running',
    in: '1.22',
    routes: ['container-resize'],
    status: 500,
    text: (_params, name) => `Container ${name} is not running`,
    gives: 'Container web is not running',
  },
  {
    code: 'container.not-running',
    in: '1.22',
    routes: ['container-top'],
    status: 500,
    text: (_params, name) => `Container ${name} is not running`,
    gives: 'Container web is not running',
  },
  {
    code: 'ps.failed',
    in: '1.22',
    text: ({ detail }) => `Error running ps: ${detail}`,
    params: { detail: 'exit status 1' },
    gives: 'Error running ps: exit status 1',
  },
  {
    code: 'container.paused',
    in: '1.22',
    routes: ['container-start'],
    status: 500,
    text: () => 'Cannot start a paused container, try unpause instead.',
    gives: 'Cannot start a paused container, try unpause instead.',
  },
  ...wrapped({
    code: 'container.paused',
    route: 'container-stop',
    verb: 'stop',
    inner: pausedLine,
    gives: `Container <64> ${PAUSED}\n`,
  }),
  ...wrapped({
    code: 'container.paused',
    route: 'container-restart',
    verb: 'restart',
    inner: paused,
    gives: `Container <64> ${PAUSED}`,
  }),
  ...wrapped({
    code: 'container.paused',
    route: 'container-kill',
    verb: 'kill',
    inner: paused,
    gives: `Container <64> ${PAUSED}`,
  }),
  {
    code: 'container.paused',
    in: '1.22',
    routes: ['container-remove'],
    status: 500,
    text: ({ id }) =>
      `Could not kill running container, cannot remove - unpausecontainer: Container ${id} ${PAUSED}`,
    gives: `Could not kill running container, cannot remove - unpausecontainer: Container <64> ${PAUSED}`,
  },
  ...wrapped({
    code: 'container.already-paused',
    route: 'container-pause',
    verb: 'pause',
    inner: alreadyPaused,
    gives: 'Container <64> is already paused',
  }),
  ...wrapped({
    code: 'container.not-paused',
    route: 'container-unpause',
    verb: 'unpause',
    inner: notPaused,
    gives: 'Container <64> is not paused',
  }),
  {
    code: 'container.dead',
    in: '1.22',
    routes: ['container-start'],
    status: 500,
    text: (_params, name) =>
      `Cannot start container ${name}: Container is marked for removal and cannot be started.`,
    gives: 'Cannot start container web: Container is marked for removal and cannot be started.',
  },
  {
    code: 'container.start-failed',
    in: '1.22',
    status: 500,
    text: (params, name) => `Cannot start container ${name}: ${driverReason(params)}`,
    params: FAILED,
    gives: `Cannot start container web: [8] System error: ${MISSING}`,
  },
  {
    code: 'container.start-failed',
    in: '1.22',
    routes: ['container-restart'],
    status: 500,
    text: (params, name) => `Cannot restart container ${name}: ${driverReason(params)}`,
    params: { reason: 'port.allocated', address: '0.0.0.0', port: 80, detail: '' },
    gives: 'Cannot restart container web: Bind for 0.0.0.0:80 failed: port is already allocated',
  },
  {
    code: 'container.start-failed',
    in: '1.18',
    status: 500,
    text: (params, name) => `Cannot start container ${name}: ${startReason(params)}`,
    params: FAILED,
    gives: `Cannot start container web: ${MISSING}`,
  },
  {
    code: 'mount.volumes-from-missing',
    in: '1.15',
    routes: ['container-start'],
    status: 406,
    text: ({ ref }, name) =>
      `Cannot start container ${name}: Container ${ref} not found. Impossible to mount its volumes`,
    params: { ref: 'data' },
    gives: 'Cannot start container web: Container data not found. Impossible to mount its volumes',
  },
  {
    code: 'signal.unknown',
    in: '1.42',
    text: ({ signal }) => `Invalid signal: ${signal}`,
    params: { signal: 'NOPE' },
    gives: 'Invalid signal: NOPE',
  },
  {
    code: 'signal.unknown',
    in: '1.24',
    status: 500,
    text: ({ signal }) => `Invalid signal: ${signal}`,
    params: { signal: 'NOPE' },
    gives: 'Invalid signal: NOPE',
  },
];
