import type { ErrorCode } from '#domain/error/catalogue.ts';
import type { PodStatus } from './pod.ts';

export type PodCommand =
  | 'start'
  | 'stop'
  | 'kill'
  | 'pause'
  | 'unpause'
  | 'remove'
  | 'add-container'
  | 'change-ports';

/** Where a command leads from a state, or why it does not. */
export type PodVerdict = { readonly to: PodStatus } | { readonly refuse: ErrorCode };

type Row = Readonly<Record<PodCommand, PodVerdict>>;

const to = (status: PodStatus): PodVerdict => ({ to: status });
const refuse = (code: ErrorCode): PodVerdict => ({ refuse: code });

const everything = (verdict: PodVerdict): Row => ({
  start: verdict,
  stop: verdict,
  kill: verdict,
  pause: verdict,
  unpause: verdict,
  remove: verdict,
  'add-container': verdict,
  'change-ports': verdict,
});

const AT_REST: Row = {
  ...everything(refuse('pod.not-running')),
  start: to('running'),
  stop: refuse('pod.already-stopped'),
  remove: to('removing'),
};

const UP: Row = {
  start: to('running'),
  stop: to('stopped'),
  kill: to('running'),
  pause: to('paused'),
  unpause: refuse('pod.not-paused'),
  remove: to('removing'),
  'add-container': to('running'),
  'change-ports': to('running'),
};

/**
 * The life of a pod. It runs when its sandbox stands, whether or not any of its containers does: starting
 * a running pod starts those that do not run. A forced stop or removal of a paused pod thaws it first.
 */
export const POD_LIFECYCLE: Readonly<Record<PodStatus, Row>> = {
  creating: everything(refuse('pod.not-found')),
  created: AT_REST,
  stopped: AT_REST,
  starting: { ...UP, start: refuse('pod.busy'), pause: refuse('pod.busy') },
  running: UP,
  paused: {
    ...UP,
    start: refuse('pod.paused'),
    pause: refuse('pod.already-paused'),
    unpause: to('running'),
    'add-container': refuse('pod.paused'),
  },
  stopping: {
    ...everything(refuse('pod.busy')),
    // They wait for the end that is under way.
    stop: to('stopped'),
    kill: to('stopped'),
    remove: to('removing'),
  },
  removing: { ...everything(refuse('pod.busy')), remove: to('removing') },
  dead: { ...everything(refuse('pod.dead')), stop: refuse('pod.already-stopped'), remove: to('removing') },
};

/** States in which the pod has a sandbox, or may have one. */
export const isPodLive = (status: PodStatus): boolean =>
  status === 'starting' || status === 'running' || status === 'paused' || status === 'stopping';
