import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { cutPower } from '#test/support/faults/cold-start.ts';
import { create, inspect, run } from '#test/support/faults/containers.ts';

type Event = { readonly Action: string; readonly timeNano: number };

describe('restart policies, ends and stops', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(() => daemon[Symbol.asyncDispose]());

  const policy = (Name: string, MaximumRetryCount = 0, more: object = {}): object => ({
    HostConfig: { RestartPolicy: { Name, MaximumRetryCount } },
    ...more,
  });
  const remove = (id: string): Promise<unknown> =>
    daemon.client.json('DELETE', `/containers/${id}`, { query: { force: 1, v: 1 } });
  const stop = (id: string, query: object = {}): Promise<unknown> =>
    daemon.client.json('POST', `/containers/${id}/stop`, { query: { ...query } });
  const eventsOf = async (id: string, since: number): Promise<Event[]> => {
    const query = {
      since,
      until: Math.floor(Date.now() / 1000) + 1,
      filters: JSON.stringify({ container: [id], type: ['container'] }),
    };
    return Array.fromAsync(daemon.client.frames<Event>('GET', '/events', { query }));
  };

  it('each wait is twice the one before', async () => {
    const since = Math.floor(Date.now() / 1000) - 1;
    const id = await run(daemon, 'exit 3', policy('on-failure', 4));
    await until(async () => {
      const { State, RestartCount } = await inspect(daemon, id);
      return State.Status === 'exited' && RestartCount === 4;
    }, 'the last retry');
    const events = await eventsOf(id, since);
    const timeOf = (action: string): number[] =>
      events.filter(({ Action }) => Action === action).map(({ timeNano }) => timeNano / 1e6);
    const [starts, ends] = [timeOf('start'), timeOf('die')];
    assert.deepEqual([starts.length, ends.length], [5, 5]);
    for (const [index, least] of [100, 200, 400, 800].entries())
      assert.ok((starts[index + 1] ?? 0) - (ends[index] ?? 0) >= least - 1, `wait ${index}`);
    assert.equal((await inspect(daemon, id)).State.ExitCode, 3);
    await daemon.client.json('POST', `/containers/${id}/start`);
    // By hand it counts anew.
    await until(async () => (await inspect(daemon, id)).RestartCount === 4, 'retries again');
    await remove(id);
  });

  it('a success ends on-failure, a stop or a kill ends always', async () => {
    const done = await run(daemon, 'exit 0', policy('on-failure'));
    const ids = await Promise.all(
      ['stop', 'kill'].map(() => run(daemon, 'exec sleep 600', policy('always'))),
    );
    const [stopped = '', killed = ''] = ids;
    await Promise.all([
      stop(stopped, { t: 0 }),
      daemon.client.json('POST', `/containers/${killed}/kill`),
      until(async () => (await inspect(daemon, done)).State.Status === 'exited', 'the end'),
    ]);
    for (const id of [done, ...ids]) {
      const { State, RestartCount } = await inspect(daemon, id);
      assert.deepEqual([State.Status, RestartCount], ['exited', 0]);
      await remove(id);
    }
  });

  it('a stop during the wait ends it', async () => {
    const id = await run(daemon, 'exit 1', policy('always'));
    await until(async () => {
      const { State, RestartCount } = await inspect(daemon, id);
      return State.Status === 'restarting' && RestartCount >= 2;
    }, 'a wait');
    await stop(id);
    const { State } = await inspect(daemon, id);
    assert.deepEqual([State.Status, State.Running], ['exited', false]);
    await remove(id);
  });

  it('a power cut brings back what is to come back', async () => {
    const hour = 'exec sleep 3600';
    const published = { HostConfig: { RestartPolicy: { Name: 'always' }, PortBindings: { '80/tcp': [{}] } } };
    const always = await run(daemon, hour, published);
    const unless = await run(daemon, hour, policy('unless-stopped'));
    const failed = await run(daemon, hour, policy('on-failure', 5));
    const plain = await run(daemon, hour);
    const alwaysStopped = await run(daemon, hour, policy('always'));
    const unlessStopped = await run(daemon, hour, policy('unless-stopped'));
    const forgotten = await run(daemon, hour, { HostConfig: { AutoRemove: true } });
    await Promise.all([alwaysStopped, unlessStopped].map((id) => stop(id, { t: 0 })));
    const running = [always, unless, failed, plain, forgotten];
    const pids = await Promise.all(running.map(async (id) => (await inspect(daemon, id)).State.Pid));
    await cutPower(daemon, pids);
    await daemon.boot();
    for (const id of [always, unless, failed, alwaysStopped]) {
      await until(async () => (await inspect(daemon, id)).State.Status === 'running', `the return of ${id}`);
    }
    for (const [id, code] of [
      [plain, 137],
      [unlessStopped, 137],
    ] as const) {
      const { State } = await inspect(daemon, id);
      assert.deepEqual([State.Status, State.ExitCode], ['exited', code]);
    }
    await assert.rejects(inspect(daemon, forgotten), /No such container/u);
    await Promise.all([always, unless, failed, plain, alwaysStopped, unlessStopped].map(remove));
  });

  it('auto-remove and a removal by hand do not get into each other’s way', async () => {
    await Promise.all(
      Array.from({ length: 6 }, async (_, number) => {
        const id = await run(daemon, number % 2 === 0 ? 'true' : 'exec sleep 600', {
          HostConfig: { AutoRemove: true },
        });
        const waiting = daemon.client.json('POST', `/containers/${id}/wait`, {
          query: { condition: 'removed' },
        });
        // Either it was there to be removed, or it is gone already.
        await remove(id).catch((error: unknown) =>
          assert.match(String(error), /No such container|in progress/u),
        );
        await waiting.catch((error: unknown) => assert.match(String(error), /No such container/u));
        await assert.rejects(inspect(daemon, id), /No such container/u);
      }),
    );
  });

  it('a stop sends the signal of the container or of the request, and kills after the timeout', async () => {
    const trap =
      'trap "exit 7" USR1; trap "exit 8" USR2; trap "" TERM; echo ready; while :; do sleep 0.05; done';
    const ready = (id: string): Promise<unknown> =>
      until(async () => {
        const answer = await daemon.client.open('GET', `/containers/${id}/logs`, { query: { stdout: 1 } });
        return (await text(answer)).includes('ready');
      }, 'the trap');
    const started = async (body: object): Promise<string> => {
      const id = await run(daemon, trap, body);
      await ready(id);
      return id;
    };
    const [own, asked, stubborn] = await Promise.all([
      started({ StopSignal: 'SIGUSR1' }),
      started({ StopSignal: 'SIGUSR1' }),
      started({ StopTimeout: 0 }),
    ]);
    await Promise.all([stop(own), stop(asked, { signal: 'USR2' }), stop(stubborn)]);
    const codes = await Promise.all([own, asked, stubborn].map((id) => inspect(daemon, id)));
    assert.deepEqual(
      codes.map(({ State }) => State.ExitCode),
      [7, 8, 137],
    );
    await Promise.all([own, asked, stubborn].map(remove));
  });

  it('a host config given at start by an old client is kept', async () => {
    const id = await create(daemon, 'exec sleep 600');
    const started = request({
      socketPath: daemon.socket,
      method: 'POST',
      path: `/v1.18/containers/${id}/start`,
      headers: { 'Content-Type': 'application/json' },
    }).end(
      JSON.stringify({ RestartPolicy: { Name: 'always' }, Binds: ['/tmp:/there'], CapAdd: ['SYS_TIME'] }),
    );
    const [answer] = (await once(started, 'response')) as [IncomingMessage];
    assert.equal(answer.resume().statusCode, 204);
    await daemon.kill();
    await daemon.boot();
    const { HostConfig } = await daemon.client.json<{
      HostConfig: { RestartPolicy: { Name: string }; Binds: string[]; CapAdd: string[] };
    }>('GET', `/containers/${id}/json`);
    assert.deepEqual(
      [
        HostConfig.RestartPolicy.Name,
        HostConfig.Binds,
        HostConfig.CapAdd.map((name) => name.replace('CAP_', '')),
      ],
      ['always', ['/tmp:/there'], ['SYS_TIME']],
    );
    await remove(id);
  });
});
