import assert from 'node:assert/strict';
import type { TestDaemon } from '#test/support/daemon.ts';
import { ClientRun, HYPERCTL_1_1 } from './client-run.ts';
import { done, json } from './transcript.ts';

type Daemon = Pick<TestDaemon, 'hyperSocket'>;

/** A run of hyperctl 1.1; its connection goes with it. */
export const hyperctl = async <T>(daemon: Daemon, work: (run: ClientRun) => Promise<T>): Promise<T> => {
  using run = new ClientRun(daemon, HYPERCTL_1_1);
  return await work(run);
};

/** Runs until it is asked to end, and then ends at once. */
export const IDLE = "trap 'exit 0' TERM; while :; do sleep 0.1; done";

/** A container as the clients' flags make it. */
export const flaggedContainer = (name: string, line: string, more: object = {}): object => ({
  name,
  image: 'busybox',
  restartPolicy: 'never',
  command: ['sh', '-c', line],
  ...more,
});

/** A pod as the flags of `run` and `create` make it: one word for it and its container. */
export const flagged = (name: string, line: string, more: object = {}): object => ({
  id: name,
  resource: { vcpu: 1, memory: 128 },
  log: {},
  containers: [flaggedContainer(name, line, more)],
});

export const list = (run: ClientRun, item: 'pod' | 'container' | 'vm', more = ''): Promise<string> =>
  run.call(`GET /list?item=${item}${more}`);

export const start = async (run: ClientRun, name: string): Promise<void> => {
  assert.equal(await run.call(`POST /pod/start?podId=${name}&vmId=`), json(200, {}));
};

/** `hyperctl run -d`. */
export const runDetached = async (
  daemon: Daemon,
  name: string,
  line = IDLE,
  more: object = {},
): Promise<void> =>
  hyperctl(daemon, async (run) => {
    assert.equal(await run.call('POST /pod/create', { body: flagged(name, line, more) }), done(201, name));
    await start(run, name);
  });
