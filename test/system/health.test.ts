import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';

type Health = {
  readonly Status: string;
  readonly FailingStreak: number;
  readonly Log: readonly {
    readonly ExitCode: number;
    readonly Output: string;
    readonly Start: string;
    readonly End: string;
  }[];
};
type State = { readonly Status: string; readonly Pid: number; readonly Health?: Health };
type Event = { readonly Action: string; readonly id: string };

const MS = 1e6;
const FAST = { Interval: 100 * MS, Timeout: 20_000 * MS };

const run = async (daemon: TestDaemon, check: object, command = 'exec sleep 600', host: object = {}) => {
  const body = {
    Image: 'busybox',
    Cmd: ['sh', '-c', command],
    Healthcheck: { ...FAST, ...check },
    HostConfig: host,
  };
  const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', { body });
  await daemon.client.json('POST', `/containers/${Id}/start`);
  return Id;
};

const stateOf = async (daemon: TestDaemon, id: string): Promise<State> =>
  (await daemon.client.json<{ State: State }>('GET', `/containers/${id}/json`)).State;

const healthOf = async (daemon: TestDaemon, id: string): Promise<Health> => {
  const { Health } = await stateOf(daemon, id);
  assert.ok(Health !== undefined);
  return Health;
};

const becomes = (daemon: TestDaemon, id: string, isSo: (health: Health) => boolean): Promise<Health> =>
  until(async () => {
    const health = await healthOf(daemon, id);
    return isSo(health) ? health : undefined;
  }, 'a state of health');

const status = async (daemon: TestDaemon, id: string): Promise<string> => {
  const [item] = await daemon.client.json<{ Status: string }[]>('GET', '/containers/json', {
    query: { filters: JSON.stringify({ id: [id] }) },
  });
  return item?.Status ?? '';
};

const exec = async (daemon: TestDaemon, id: string, ...Cmd: string[]): Promise<void> => {
  const { Id } = await daemon.client.json<{ Id: string }>('POST', `/containers/${id}/exec`, {
    body: { Cmd },
  });
  await daemon.client.json('POST', `/exec/${Id}/start`, { body: { Detach: true } });
};

/** Command lines of all processes of the machine that hold the mark. */
const processesWith = async (mark: string): Promise<string[]> => {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(mark)) found.push(line);
  }
  return found;
};

describe('health checks', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(() => daemon[Symbol.asyncDispose]());

  it('go from starting over healthy to unhealthy, with events, list status and filter', async () => {
    const since = Math.floor(Date.now() / 1000) - 1;
    const id = await run(daemon, { Test: ['CMD-SHELL', 'cat /ok && echo $((40 + 2))'], Retries: 2 });
    assert.equal((await healthOf(daemon, id)).Status, 'starting');
    await exec(daemon, id, 'touch', '/ok');
    const well = await becomes(daemon, id, (health) => health.Status === 'healthy');
    assert.equal(well.FailingStreak, 0);
    assert.deepEqual([well.Log.at(-1)?.ExitCode, well.Log.at(-1)?.Output], [0, '42\n']);
    assert.match(await status(daemon, id), / \(healthy\)$/u);
    await exec(daemon, id, 'rm', '/ok');
    const ill = await becomes(
      daemon,
      id,
      (health) => health.Status === 'unhealthy' && health.Log.length === 5,
    );
    assert.ok(ill.FailingStreak >= 2);
    assert.match(ill.Log.at(-1)?.Output ?? '', /can't open '\/ok'/u);
    const listed = await daemon.client.json<{ Id: string }[]>('GET', '/containers/json', {
      query: { filters: JSON.stringify({ health: ['unhealthy'] }) },
    });
    assert.deepEqual(
      listed.map(({ Id }) => Id),
      [id],
    );
    await daemon.client.json('DELETE', `/containers/${id}`, { query: { force: 1 } });
    const events: string[] = [];
    const query = {
      since,
      until: Math.floor(Date.now() / 1000) + 1,
      filters: JSON.stringify({ container: [id] }),
    };
    for await (const { Action } of daemon.client.frames<Event>('GET', '/events', { query }))
      events.push(Action);
    assert.deepEqual(
      events.filter((action) => action.startsWith('health_status')),
      ['health_status: healthy', 'health_status: unhealthy'],
    );
    assert.ok(events.includes('exec_create: /bin/sh -c cat /ok && echo $((40 + 2))'));
    assert.ok(events.includes('exec_die'));
  });

  it('that take too long are killed and do not pile up', async () => {
    const mark = `9${Date.now()}`;
    const check = { Test: ['CMD-SHELL', `echo slow; sleep ${mark}; true`], Timeout: 300 * MS, Retries: 1 };
    const id = await run(daemon, check);
    const ill = await becomes(daemon, id, (health) => health.Log.length >= 3);
    assert.equal(ill.Status, 'unhealthy');
    assert.equal(ill.Log.at(-1)?.ExitCode, -1);
    assert.equal(ill.Log.at(-1)?.Output, 'Health check exceeded timeout (300ms): slow\n');
    // At most the probe under way: a shell and its command.
    await until(async () => (await processesWith(mark)).length <= 2, 'killed probes');
    await daemon.client.json('POST', `/containers/${id}/stop`, { query: { t: 0 } });
    assert.equal((await healthOf(daemon, id)).Status, 'unhealthy');
    assert.deepEqual(await processesWith(mark), []);
  });

  it('leave nothing when the container goes during a probe', async () => {
    const mark = `8${Date.now()}`;
    const id = await run(daemon, { Test: ['CMD', 'sleep', mark] });
    await until(async () => ((await processesWith(mark)).length > 0 ? true : undefined), 'the probe');
    await daemon.client.json('DELETE', `/containers/${id}`, { query: { force: 1 } });
    assert.deepEqual(await processesWith(mark), []);
  });

  it('cut what a probe says, and say why one could not be run', async () => {
    const long = await run(daemon, { Test: ['CMD', 'seq', '100000'] });
    const missing = await run(daemon, { Test: ['CMD', '/no/such/probe'], Retries: 1 });
    const { Log } = await becomes(daemon, long, (health) => health.Log.length > 0);
    assert.equal(Log[0]?.ExitCode, 0);
    assert.equal(Log[0]?.Output.length, 4099);
    const ill = await becomes(daemon, missing, (health) => health.Log.length > 0);
    assert.equal(ill.Status, 'unhealthy');
    assert.equal(ill.Log[0]?.ExitCode, -1);
    assert.match(ill.Log[0]?.Output ?? '', /no such file/u);
  });

  it('do not count failures of the start period, and come at its own interval', async () => {
    const check = {
      Test: ['CMD', 'false'],
      Interval: 3_600_000 * MS,
      StartPeriod: 3_600_000 * MS,
      StartInterval: 50 * MS,
      Retries: 1,
    };
    const id = await run(daemon, check);
    const health = await becomes(daemon, id, ({ Log }) => Log.length === 5);
    assert.deepEqual([health.Status, health.FailingStreak], ['starting', 0]);
  });

  it('NONE and no test at all are no check', async () => {
    const none = await run(daemon, { Test: ['NONE'] });
    assert.equal((await stateOf(daemon, none)).Health, undefined);
    const listed = await daemon.client.json<{ Id: string }[]>('GET', '/containers/json', {
      query: { filters: JSON.stringify({ health: ['none'], id: [none] }) },
    });
    assert.equal(listed.length, 1);
  });

  it('rest while the container is paused', async () => {
    const id = await run(daemon, { Test: ['CMD', 'true'] });
    await becomes(daemon, id, (health) => health.Status === 'healthy');
    await daemon.client.json('POST', `/containers/${id}/pause`);
    assert.match(await status(daemon, id), /\(Paused\)$/u);
    await daemon.client.json('POST', `/containers/${id}/unpause`);
    await becomes(daemon, id, (health) => health.Status === 'healthy');
  });

  it('go on after a kill -9 of the daemon', async () => {
    const id = await run(daemon, { Test: ['CMD-SHELL', 'sleep 0.1; test -e /ok'], Retries: 1 });
    await becomes(daemon, id, (health) => health.Status === 'unhealthy');
    await daemon.kill();
    await daemon.boot();
    await exec(daemon, id, 'touch', '/ok');
    await becomes(daemon, id, (health) => health.Status === 'healthy');
  });
});
