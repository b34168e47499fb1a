import type { Change } from '#api/dialect/change.ts';
import { defaulted, framing, status } from '#api/dialect/change.ts';
import {
  KillQuery,
  RemoveQuery,
  ResizeHeaders,
  StartQuery,
  StopQuery,
  WaitQuery,
} from '#api/docker/schema/container-query.ts';

const waitHeadAtOnce = framing({
  id: 'wait-head-at-the-end',
  in: '1.30',
  routes: ['container-wait'],
  why: 'nothing was sent before the container had ended',
  source: 'docker-modern.md 3.8',
  older: (reply) => (reply.kind === 'frames' ? { ...reply, start: 'with-first' } : reply),
  examples: [{ newer: { frames: [{ StatusCode: 0 }], start: 'at-once' }, older: { start: 'with-first' } }],
});

const anyCondition = defaulted({
  id: 'wait-takes-any-condition',
  in: '1.42',
  on: WaitQuery,
  why: 'a condition nobody knew meant the usual one',
  source: 'docker-modern.md 1',
  up: (query) => ({ ...query, ignoresUnknown: true }),
  examples: [{ older: { condition: 'x' }, newer: { condition: 'x', ignoresUnknown: true } }],
});

const stopRefusesPaused = defaulted({
  id: 'stop-refuses-paused',
  in: '1.22',
  on: StopQuery,
  why: 'a paused container could not be stopped',
  source: 'docker-semantics.md 3.5',
  up: (query) => ({ ...query, refusesPaused: true }),
  examples: [{ older: { t: 1 }, newer: { t: 1, refusesPaused: true } }],
});

const stopTenSeconds = defaulted({
  id: 'stop-without-time-waits-ten-seconds',
  in: '1.9',
  on: StopQuery,
  why: 'clients did not always send a time',
  source: 'docker-routes.md R12',
  up: (query) => ({ ...query, t: query.t === undefined || query.t < 0 ? 10 : query.t }),
  examples: [
    { older: {}, newer: { t: 10 } },
    { older: { t: -1 }, newer: { t: 10 } },
    { older: { t: 3 }, newer: { t: 3 } },
  ],
});

const killRefusesPaused = defaulted({
  id: 'kill-refuses-paused',
  in: '1.22',
  on: KillQuery,
  why: 'a paused container could not be killed',
  source: 'docker-routes.md R14',
  up: (query) => ({ ...query, refusesPaused: true }),
  examples: [{ older: {}, newer: { refusesPaused: true } }],
});

const signalZeroKills = defaulted({
  id: 'signal-zero-kills',
  in: '1.12',
  on: KillQuery,
  why: 'signal 0 was as none given: SIGKILL',
  source: 'docker, server.go of 0.11.1',
  up: (query) => (query.signal === '0' ? { ...query, signal: '' } : query),
  examples: [
    { older: { signal: '0' }, newer: { signal: '' } },
    { older: { signal: '15' }, newer: { signal: '15' } },
  ],
});

const killAcceptsStopped = defaulted({
  id: 'kill-accepts-stopped',
  in: '1.20',
  on: KillQuery,
  why: 'killing what does not run was fine',
  source: 'docker-routes.md R14',
  up: (query) => ({ ...query, acceptsStopped: true }),
  examples: [{ older: {}, newer: { acceptsStopped: true } }],
});

const removeRefusesPaused = defaulted({
  id: 'remove-refuses-paused',
  in: '1.22',
  on: RemoveQuery,
  why: 'a paused container could not be killed, so not removed by force',
  source: 'docker-routes.md R21',
  up: (query) => ({ ...query, refusesPaused: true }),
  examples: [{ older: { force: true }, newer: { force: true, refusesPaused: true } }],
});

const startTakesHost = defaulted({
  id: 'start-takes-host-config',
  in: '1.24',
  on: StartQuery,
  why: 'the host configuration came with start',
  source: 'docker-routes.md R11; docker-modern.md 1',
  up: (query) => ({ ...query, takesHost: true }),
  examples: [{ older: {}, newer: { takesHost: true } }],
});

/** Those up to 0.4.8 had the structure the wrong way round; of the clients of API 1.3 only 0.5.0 had it right. */
const swappedByClient = defaulted({
  id: 'resize-is-swapped-by-some-clients',
  in: '1.4',
  on: ResizeHeaders,
  why: 'clients of 0.4 sent the width as height and the height as width, the engine had the same mistake',
  source: 'docker, term/term.go of 0.4.8 and 0.5.0',
  up: (headers) =>
    /\bDocker-Client\/0\.4\./.test(headers['User-Agent'] ?? '') ? { ...headers, isSwapped: true } : headers,
  examples: [
    {
      older: { 'User-Agent': 'Docker-Client/0.4.8' },
      newer: { 'User-Agent': 'Docker-Client/0.4.8', isSwapped: true },
    },
    { older: { 'User-Agent': 'Docker-Client/0.5.0' }, newer: { 'User-Agent': 'Docker-Client/0.5.0' } },
  ],
});

const resizeSwapped = defaulted({
  id: 'resize-is-swapped',
  in: '1.3',
  on: ResizeHeaders,
  why: 'h was the width and w the height',
  source: 'docker, term/term.go up to 0.4.8',
  up: (headers) => ({ ...headers, isSwapped: true }),
  examples: [{ older: {}, newer: { isSwapped: true } }],
});

const unchangedIsDone = status({
  id: 'start-and-stop-are-never-unchanged',
  in: '1.13',
  routes: ['container-start', 'container-stop'],
  map: { 304: 204 },
  why: 'what was so already was a success like any other',
  source: 'docker-routes.md R11, R12',
  examples: [{ newer: 304, older: 204 }],
});

export const CONTAINER_LIFE_CHANGES: readonly Change[] = [
  anyCondition,
  waitHeadAtOnce,
  startTakesHost,
  stopRefusesPaused,
  killRefusesPaused,
  signalZeroKills,
  removeRefusesPaused,
  killAcceptsStopped,
  unchangedIsDone,
  stopTenSeconds,
  swappedByClient,
  resizeSwapped,
];
