import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { randomIdOf } from '#test/support/hyper/answers.ts';
import { exitCode, idle, listed, podLine, removePod, runPod } from '#test/support/hyper/pod-client.ts';
import { assertRefused, DIALECTS, done, empty, json, tell } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const quick = (name: string): object => idle(name, { StopSignal: 'KILL' });
const ask = async (request: string): Promise<string> => tell(daemon, request);
const statusOf = async (pod: string): Promise<string | undefined> => (await podLine(daemon, pod))[3];

/** A container that does not hear the polite signal, and says when it would not. */
const stubborn = (name: string): object => ({
  name,
  image: 'busybox',
  command: ['sh', '-c', "trap '' TERM; echo up; while :; do sleep 0.05; done"],
});

describe('a paused pod', () => {
  const raise = async (): Promise<void> => {
    await runPod(daemon, { id: 'cold', containers: [quick('cold-c')] });
    assert.equal(await ask('POST /pod/pause?podId=cold'), empty(204));
  };

  it('cannot be started, in any dialect', async () => {
    await raise();
    for (const { age, at } of DIALECTS) {
      const [request, telling] = at('POST /pod/start?podId=cold');
      assertRefused(
        await tell(daemon, request, telling),
        age === 'modern' ? 412 : 500,
        /cold is (?:paused|already running)/u,
      );
    }
    assert.equal(await statusOf('cold'), 'paused');
    await removePod(daemon, 'cold');
  });

  it('takes no container and starts none', async () => {
    await raise();
    const body = { image: 'busybox' };
    assertRefused(
      await tell(daemon, 'POST /container/create?podId=cold', { body }),
      500,
      /^pod is not running/u,
    );
    assertRefused(await ask('POST /container/start?container=cold-c'), 500, /not ready for start p: 3/u);
    await removePod(daemon, 'cold');
  });

  it('can be stopped, killed and removed', async () => {
    for (const [request, answer] of [
      ['POST /pod/stop?podId=cold', done(200, 'cold')],
      ['POST /v0.7.0/pod/stop?podId=cold', done(200, 'cold', 2)],
      ['POST /pod/kill?podName=cold&signal=9', json(200, {})],
    ] as const) {
      await raise();
      assert.equal(await ask(request), answer);
      assert.equal(await statusOf('cold'), 'failed');
      assert.equal(await exitCode(daemon, 'cold-c'), 137);
      await removePod(daemon, 'cold');
    }
    await raise();
    assert.equal(await ask('DELETE /pod?podId=cold'), done(200, 'cold'));
    assert.deepEqual(await listed(daemon, 'container'), []);
  });
});

describe('a pod on its way down', () => {
  const stopping = async (): Promise<Promise<string>[]> => {
    await runPod(daemon, { id: 'slow', containers: [stubborn('slow-c')] });
    await until(
      async () => (await ask('GET /container/logs?container=slow-c&stdout=yes')).includes('up'),
      'it is up',
    );
    const stops = [ask('POST /pod/stop?podId=slow')];
    await until(async () => (await statusOf('slow')) === 'stopping', 'it is stopping');
    return stops;
  };

  it('is shown as such, and one kill ends all that wait for it', async () => {
    const stops = await stopping();
    assert.match(await ask('GET /pod/info?podName=slow'), /"status":\{"phase":"Running"/u);
    for (const request of ['POST /pod/pause?podId=slow', 'POST /pod/unpause?podId=slow'])
      assertRefused(await ask(request), 500, /pod state is not valid: 5/u);
    assertRefused(
      await tell(daemon, 'PUT /pod/slow/portmappings/add', { body: [{ containerPort: '80', hostPort: '' }] }),
      500,
      /stopping/u,
    );
    stops.push(ask('POST /pod/stop?podId=slow'));
    assert.equal(await ask('POST /pod/kill?podName=slow&signal=9'), json(200, {}));
    assert.deepEqual(await Promise.all(stops), [done(200, 'slow'), done(200, 'slow')]);
    assert.equal(await statusOf('slow'), 'failed');
    await removePod(daemon, 'slow');
  });

  it('starts again when it is down', async () => {
    const stops = await stopping();
    const start = ask('POST /pod/start?podId=slow');
    await ask('POST /pod/kill?podName=slow&signal=9');
    assert.deepEqual(await Promise.all(stops), [done(200, 'slow')]);
    assert.equal(await start, json(200, {}));
    assert.equal(await statusOf('slow'), 'running');
    await removePod(daemon, 'slow');
  });
});

describe('many at once', () => {
  it('stop, start and removal of one pod end well, whatever their order', async () => {
    await runPod(daemon, { id: 'busy', containers: [quick('busy-c')] });
    const answers = await Promise.all([
      ...Array.from({ length: 3 }, async () => ask('POST /pod/stop?podId=busy')),
      ...Array.from({ length: 3 }, async () => ask('POST /pod/start?podId=busy')),
    ]);
    for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 (?:200|412) /u);
    const removals = await Promise.all([1, 2].map(async () => ask('DELETE /pod?podId=busy')));
    assert.ok(removals.includes(done(200, 'busy')));
    assert.deepEqual(await listed(daemon, 'pod'), []);
    assert.deepEqual(await listed(daemon, 'vm'), []);
  });

  it('creates of one name make one pod', async () => {
    const body = { id: 'single', containers: [quick('single-c')] };
    const answers = await Promise.all(
      Array.from({ length: 6 }, async () => tell(daemon, 'POST /pod/create', { body })),
    );
    assert.equal(answers.filter((answer) => answer === done(201, 'single')).length, 1);
    for (const answer of answers) if (answer !== done(201, 'single')) assertRefused(answer, 500, /single/u);
    assert.equal((await listed(daemon, 'container')).length, 1);
    await removePod(daemon, 'single');
  });
});

describe('a container that cannot run', () => {
  it('fails the start of its pod, which stays as it was, and names the reason', async () => {
    const bad = { name: 'bad-c', image: 'busybox', command: ['/no/such/program'] };
    const body = { id: 'mixed', containers: [quick('good-c'), bad] };
    await tell(daemon, 'POST /pod/create', { body });
    assertRefused(await ask('POST /pod/start?podId=mixed'), 500, /\/no\/such\/program/u);
    assert.equal(await statusOf('mixed'), 'running');
    assert.equal(await ask('POST /container/remove?container=bad-c'), empty(204));
    assert.equal(await ask('POST /pod/start?podId=mixed'), json(200, {}));
    await removePod(daemon, 'mixed');
    // In a dialect that boots it at the start it has no sandbox afterwards.
    await tell(daemon, 'POST /v0.7.0/pod/create', { body });
    assertRefused(await ask('POST /v0.7.0/pod/start?podId=mixed'), 500, /\/no\/such\/program/u);
    assert.equal(await statusOf('mixed'), 'pending');
    assert.deepEqual(await listed(daemon, 'vm'), []);
    assert.equal(await ask('POST /v0.4.0/pod/remove?podId=mixed'), done(200, 'mixed'));
  });
});

describe('a pod of release 0.5', () => {
  it('goes with its last container where its create said so; later releases do not read it', async () => {
    const body = { id: 'leaves', containers: [{ name: 'leaves-c', image: 'busybox', command: ['true'] }] };
    randomIdOf(await tell(daemon, 'POST /v0.5.0/pod/create?remove=yes', { body }), 200);
    assert.equal(await ask('POST /v0.5.0/pod/start?podId=leaves'), done(200, ''));
    await until(async () => (await statusOf('leaves')) === undefined, 'it is gone');
    randomIdOf(await tell(daemon, 'POST /v0.7.0/pod/create?remove=yes', { body }), 201);
    assert.equal(await ask('POST /v0.7.0/pod/start?podId=leaves'), done(200, ''));
    await until(async () => (await statusOf('leaves')) === 'failed', 'it is over');
    await removePod(daemon, 'leaves');
  });
});
