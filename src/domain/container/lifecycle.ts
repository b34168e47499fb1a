import type { ErrorCode } from '#domain/error/catalogue.ts';
import type { ContainerStatus } from './config.ts';

export type LifeCommand =
  | 'start'
  | 'stop'
  | 'restart'
  | 'kill'
  | 'pause'
  | 'unpause'
  | 'remove'
  | 'force-remove'
  | 'exec'
  | 'resize';

/** Where a command leads from a state, or why it does not. */
export type Verdict = { readonly to: ContainerStatus } | { readonly refuse: ErrorCode };

const to = (status: ContainerStatus): Verdict => ({ to: status });
const refuse = (code: ErrorCode): Verdict => ({ refuse: code });

const everything = (verdict: Verdict): Readonly<Record<LifeCommand, Verdict>> => ({
  start: verdict,
  stop: verdict,
  restart: verdict,
  kill: verdict,
  pause: verdict,
  unpause: verdict,
  remove: verdict,
  'force-remove': verdict,
  exec: verdict,
  resize: verdict,
});

const AT_REST: Readonly<Record<LifeCommand, Verdict>> = {
  ...everything(refuse('container.not-running')),
  start: to('running'),
  stop: refuse('container.already-stopped'),
  restart: to('running'),
  remove: to('removing'),
  'force-remove': to('removing'),
};

/**
 * The life of a container (docker-semantics.md 3), as today's engines lead it: stop, kill, restart
 * and forced removal of a paused container thaw it first. A dialect whose engine refused that
 * (before API 1.22) refuses by itself.
 */
export const LIFECYCLE: Readonly<Record<ContainerStatus, Readonly<Record<LifeCommand, Verdict>>>> = {
  creating: everything(refuse('container.not-found')),
  created: AT_REST,
  exited: AT_REST,
  running: {
    start: refuse('container.already-running'),
    stop: to('exited'),
    restart: to('running'),
    kill: to('exited'),
    pause: to('paused'),
    unpause: refuse('container.not-paused'),
    remove: refuse('container.running'),
    'force-remove': to('removing'),
    exec: to('running'),
    resize: to('running'),
  },
  paused: {
    start: refuse('container.paused'),
    stop: to('exited'),
    restart: to('running'),
    kill: to('exited'),
    pause: refuse('container.already-paused'),
    unpause: to('running'),
    remove: refuse('container.running'),
    'force-remove': to('removing'),
    exec: refuse('container.paused'),
    resize: to('paused'),
  },
  restarting: {
    start: refuse('container.already-running'),
    stop: to('exited'),
    restart: to('running'),
    kill: to('exited'),
    pause: refuse('container.restarting'),
    unpause: refuse('container.not-paused'),
    remove: refuse('container.running'),
    'force-remove': to('removing'),
    exec: refuse('container.restarting'),
    resize: refuse('container.not-running'),
  },
  removing: {
    ...everything(refuse('container.not-running')),
    start: refuse('container.dead'),
    stop: refuse('container.already-stopped'),
    restart: refuse('container.dead'),
    remove: refuse('container.removal-in-progress'),
    'force-remove': refuse('container.removal-in-progress'),
  },
  dead: {
    ...everything(refuse('container.not-running')),
    start: refuse('container.dead'),
    stop: refuse('container.already-stopped'),
    restart: refuse('container.dead'),
    remove: to('removing'),
    'force-remove': to('removing'),
  },
};

/** States in which a process of the container exists. */
export const hasProcess = (status: ContainerStatus): boolean => status === 'running' || status === 'paused';

/** States that the wire calls running: a wait for the end blocks. */
export const isLive = (status: ContainerStatus): boolean => hasProcess(status) || status === 'restarting';
