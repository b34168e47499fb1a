import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { randomIdOf } from '#test/support/hyper/answers.ts';
import { containerLine, idle, listed, podLine, removePod, runExec } from '#test/support/hyper/pod-client.ts';
import {
  assertRefused,
  bodyOf,
  DIALECTS,
  done,
  empty,
  json,
  tell,
  tellAs,
} from '#test/support/hyper/transcript.ts';
import type { Dialect, Telling } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const say = async (dialect: Dialect, request: string, telling: Telling = {}): Promise<string> =>
  tellAs(daemon, dialect, request, telling);

const statusOf = async (pod: string): Promise<string | undefined> => (await podLine(daemon, pod))[3];

const containerStatus = async (name: string): Promise<string | undefined> =>
  (await containerLine(daemon, name))[3];

const vmOf = async (pod: string): Promise<string> => (await podLine(daemon, pod))[2] ?? '';

const text = (pod: object): string => encodeURIComponent(JSON.stringify(pod));

/** Asks for its end and gets it. */
const short = (name: string): object => ({ name, image: 'busybox', command: ['true'] });

/** What each generation is told about one and the same life (hyperd-api 2.1). */
describe('the life of a pod', () => {
  for (const [index, dialect] of DIALECTS.entries()) {
    const { age } = dialect;
    const isModern = age === 'modern';
    it(`in the dialect ${dialect.name}`, async () => {
      const name = `life-${index}`;
      const pod = { id: name, containers: [idle(`${name}-c`, { StopSignal: 'KILL' })] };
      const created = isModern ? 201 : age === 'middle' ? 201 : 200;
      const creation =
        age === 'legacy'
          ? await say(dialect, `POST /pod/create?podArgs=${text(pod)}`)
          : await say(dialect, 'POST /pod/create', { body: pod });
      const id = isModern ? name : randomIdOf(creation, created);
      assert.equal(creation, done(created, id));
      assert.equal(await statusOf(id), isModern ? 'running' : 'pending');
      assert.equal(await containerStatus(`${name}-c`), 'pending');

      const started = isModern ? json(200, {}) : done(200, '');
      assert.equal(await say(dialect, `POST /pod/start?podId=${id}`), started);
      assert.equal(await containerStatus(`${name}-c`), 'running');
      const again = await say(dialect, `POST /pod/start?podId=${id}`);
      if (isModern) assert.equal(again, json(200, {}));
      else assertRefused(again, 500, /is already running/u);

      assert.equal(await say(dialect, `POST /pod/pause?podId=${id}`), empty(204));
      assert.equal(await statusOf(id), 'paused');
      assertRefused(
        await say(dialect, `POST /pod/pause?podId=${id}`),
        500,
        /pause: pod state is not valid: 3/u,
      );
      assert.equal(await say(dialect, `POST /pod/unpause?podId=${id}`), empty(204));
      assertRefused(await say(dialect, `POST /pod/unpause?podId=${id}`), 500, /not (?:paused|valid)/u);

      const stopped = done(200, id, isModern ? 0 : 2);
      assert.equal(await say(dialect, `POST /pod/stop?podId=${id}&stopVm=yes`), stopped);
      assert.equal(await statusOf(id), 'failed');
      assert.equal(await vmOf(id), '');
      assert.equal(await say(dialect, `POST /pod/stop?podId=${id}&stopVM=yes`), stopped);
      assertRefused(await say(dialect, `POST /pod/pause?podId=${id}`), 500, /not valid: 4|find VM/u);
      assertRefused(await say(dialect, `POST /pod/unpause?podId=${id}`), 500, /not (?:paused|valid)/u);

      const removal = age === 'legacy' ? 'POST /pod/remove' : 'DELETE /pod';
      assert.equal(await say(dialect, `${removal}?podId=${id}`), done(200, id));
      assert.equal(await statusOf(id), undefined);
      assertRefused(await say(dialect, `${removal}?podId=${id}`), 500, /Can not find that Pod\(/u);
    });
  }
});

describe('pods', () => {
  it('are named by podId, podName or pod, in the query or a form', async () => {
    await tell(daemon, 'POST /pod/create', { body: { id: 'named', containers: [] } });
    for (const word of ['podId', 'podName', 'pod']) {
      assert.equal(await tell(daemon, `POST /pod/start?${word}=named`), json(200, {}));
      assert.equal(
        await tell(daemon, 'POST /pod/stop', {
          body: `${word}=named`,
          type: 'application/x-www-form-urlencoded',
        }),
        done(200, 'named'),
      );
    }
    const form = { body: 'podId=named', type: 'application/x-www-form-urlencoded' };
    // What the form says comes before what the query says.
    assert.equal(await tell(daemon, 'POST /pod/stop?podId=other', form), done(200, 'named'));
    assert.equal(await tell(daemon, 'DELETE /pod?podName=named'), done(200, 'named'));
  });

  it('that nobody knows are an internal error, with words', async () => {
    for (const request of [
      'POST /pod/start?podId=nobody',
      'POST /pod/stop?podId=nobody',
      'DELETE /pod?podId=nobody',
      'POST /pod/remove?podId=nobody',
      'POST /pod/kill?podName=nobody',
      'POST /pod/pause?podId=nobody',
      'POST /pod/unpause?podId=nobody',
      'POST /pod/labels?podId=nobody&labels=%7B%7D',
      'GET /pod/info?podName=nobody',
      'GET /pod/stats?podId=nobody',
    ])
      assertRefused(await tell(daemon, request), 500, /nobody/u);
    for (const request of ['POST /pod/start', 'POST /pod/stop', 'DELETE /pod', 'GET /pod/info'])
      assertRefused(await tell(daemon, request), 500, /\(\)|pod $|Pod  info/mu);
  });

  it('without an id get one of ten letters', async () => {
    const answer = await tell(daemon, 'POST /pod/create', { body: { containers: [] } });
    const { ID } = bodyOf(answer, 201) as { ID: string };
    assert.match(ID, /^pod-[A-Za-z]{10}$/u);
    await removePod(daemon, ID);
  });

  it('are made of podArgs by every generation', async () => {
    for (const { at } of DIALECTS) {
      const [request, telling] = at(
        `POST /pod/create?podArgs=${text({ id: 'args', containers: [short('args-c')] })}`,
      );
      assert.match(await tell(daemon, request, telling), /"ID":"(?:args|pod-[A-Za-z]{10})"/u);
      await removePod(daemon, 'args');
    }
    assertRefused(await tell(daemon, 'POST /pod/create?podArgs=%7B'), 500, /EOF|JSON|invalid/iu);
  });

  it('start again with the same containers, roots and a VM of their own', async () => {
    const body = {
      id: 'again',
      containers: [{ name: 'again-c', image: 'busybox', command: ['sh', '-c', 'echo x >> /seen; exec cat'] }],
    };
    await tell(daemon, 'POST /pod/create', { body });
    const seen = (lines: string): Promise<unknown> =>
      until(
        async () => (await runExec(daemon, 'again-c', ['cat', '/seen'])).text === lines,
        JSON.stringify(lines),
      );
    await tell(daemon, 'POST /pod/start?podId=again');
    await seen('x\n');
    const [first] = (await listed(daemon, 'container')).filter(([, , pod]) => pod === 'again');
    const vm = await vmOf('again');
    assert.equal(await tell(daemon, 'POST /pod/kill?podName=again&signal=9'), json(200, {}));
    await tell(daemon, 'POST /pod/start?podId=again');
    await seen('x\nx\n');
    const [now] = (await listed(daemon, 'container')).filter(([, , pod]) => pod === 'again');
    assert.deepEqual(now, first);
    assert.notEqual(await vmOf('again'), vm);
    await removePod(daemon, 'again');
  });
});

describe('signals', () => {
  /** Whatever the process makes of the signal. */
  const KILLED = json(200, 137);
  const line =
    "trap 'echo TERM; exit 3' TERM; trap 'echo USR1; exit 4' USR1; echo up; while :; do sleep 0.05; done";
  const member = (name: string): object => ({ name, image: 'busybox', command: ['sh', '-c', line] });
  let runs = 0;

  const log = (name: string): Promise<string> =>
    tell(daemon, `GET /container/logs?container=${name}&stdout=yes`);

  /** Both are past their traps: a signal before them is lost on a first process. */
  const start = async (): Promise<void> => {
    assert.equal(await tell(daemon, 'POST /pod/start?podId=kill'), json(200, {}));
    runs += 1;
    for (const name of ['kill-a', 'kill-b'])
      await until(async () => {
        const { length } = (await log(name)).split('up');
        return length > runs;
      }, `${name} is up`);
  };

  const exitCodes = async (): Promise<string[]> =>
    Promise.all(['kill-a', 'kill-b'].map(async (name) => tell(daemon, `GET /exitcode?container=${name}`)));

  before(async () => {
    const containers = [member('kill-a'), member('kill-b')];
    await tell(daemon, 'POST /pod/create', { body: { id: 'kill', containers } });
  });
  after(async () => removePod(daemon, 'kill'));

  it('reach every container that runs', async () => {
    await start();
    assert.equal(await tell(daemon, 'POST /pod/kill?podName=kill&signal=10'), json(200, {}));
    assert.deepEqual(await exitCodes(), [KILLED, KILLED]);
    for (const name of ['kill-a', 'kill-b']) assert.match(await log(name), /USR1\n$/u);
    assert.equal(await statusOf('kill'), 'running');
    // Nobody is left to hear it.
    assert.equal(await tell(daemon, 'POST /pod/kill?podName=kill&signal=10'), json(200, {}));
  });

  it('are 15 where there is none to be read', async () => {
    for (const signal of ['', '&signal=', '&signal=many']) {
      await start();
      assert.equal(await tell(daemon, `POST /pod/kill?podName=kill${signal}`), json(200, {}));
      assert.deepEqual(await exitCodes(), [KILLED, KILLED]);
      assert.match(await log('kill-a'), /TERM\n$/u);
    }
  });

  it('reach one container, by name or the beginning of its id', async () => {
    await start();
    const [id = ''] = (await listed(daemon, 'container')).find(([, name]) => name === 'kill-b') ?? [];
    assert.equal(await tell(daemon, 'POST /pod/kill?podName=kill&container=kill-a&signal=10'), json(200, {}));
    assert.equal(await tell(daemon, 'GET /exitcode?container=kill-a'), KILLED);
    assert.equal(await containerStatus('kill-b'), 'running');
    const part = `POST /pod/kill?podName=kill&container=${id.slice(0, 20)}&signal=9`;
    assert.equal(await tell(daemon, part), json(200, {}));
    assert.equal(await tell(daemon, 'GET /exitcode?container=kill-b'), KILLED);
    assert.equal(await statusOf('kill'), 'running');
  });

  it('9 without a container takes the sandbox away', async () => {
    await start();
    assert.equal(await tell(daemon, 'POST /pod/kill?podName=kill&signal=9'), json(200, {}));
    assert.equal(await statusOf('kill'), 'failed');
    assert.equal(await vmOf('kill'), '');
    assert.deepEqual(await exitCodes(), [KILLED, KILLED]);
  });

  it('find nothing in another pod', async () => {
    await tell(daemon, 'POST /pod/create', { body: { id: 'other', containers: [] } });
    for (const container of ['kill-a', 'nobody'])
      assertRefused(
        await tell(daemon, `POST /pod/kill?podName=other&container=${container}&signal=9`),
        500,
        new RegExp(container, 'u'),
      );
    await removePod(daemon, 'other');
  });
});

describe('older clients', () => {
  it('run a pod with one call, which ends with its containers', async () => {
    const pod = { id: 'ran', containers: [short('ran-c')] };
    const id = randomIdOf(await tell(daemon, `POST /v0.4.0/pod/run?podArgs=${text(pod)}&remove=no`), 200);
    await until(
      async () => (await tell(daemon, 'GET /v0.4.0/list?item=pod')).includes(`${id}:ran::succeeded`),
      'it has succeeded',
    );
    await removePod(daemon, 'ran');
    // The client of 0.5 sends it in the body.
    randomIdOf(await tell(daemon, 'POST /v0.5.0/pod/run', { body: pod }), 200);
    await removePod(daemon, 'ran');
  });

  it('run a pod that goes when it is over', async () => {
    const pod = { id: 'gone', containers: [short('gone-c')] };
    randomIdOf(await tell(daemon, `POST /v0.4.0/pod/run?podArgs=${text(pod)}&remove=yes`), 200);
    await until(async () => (await statusOf('gone')) === undefined, 'it is gone');
  });

  it('leave nothing of a run that fails', async () => {
    const pod = { id: 'half', containers: [{ name: 'half-c', image: 'busybox', command: ['/nowhere'] }] };
    assertRefused(await tell(daemon, `POST /v0.4.0/pod/run?podArgs=${text(pod)}`), 500, /nowhere/u);
    assert.equal(await statusOf('half'), undefined);
    assert.equal(await containerStatus('half-c'), undefined);
  });

  it('have their pods over when the last container is; newer ones do not', async () => {
    for (const [prefix, word] of [
      ['/v0.7.0', 'failed'],
      ['/v1.1.0', 'running'],
    ] as const) {
      const bad = { name: 'over-c', image: 'busybox', command: ['sh', '-c', 'exit 7'] };
      await tell(daemon, `POST ${prefix}/pod/create`, { body: { id: 'over', containers: [bad] } });
      await tell(daemon, `POST ${prefix}/pod/start?podId=over`);
      assert.equal(await tell(daemon, 'GET /exitcode?container=over-c'), json(200, 7));
      await until(async () => (await statusOf('over')) === word, `it is ${word}`);
      await removePod(daemon, 'over');
    }
  });

  it('are echoed the VM they asked for', async () => {
    const { ID: vm } = bodyOf(await tell(daemon, 'POST /v0.7.0/vm/create?cpu=1&mem=128&async=yes')) as {
      ID: string;
    };
    await tell(daemon, 'POST /v0.7.0/pod/create', { body: { id: 'echo', containers: [idle('echo-c')] } });
    assert.equal(await tell(daemon, `POST /v0.7.0/pod/start?podId=echo&vmId=${vm}`), done(200, vm));
    assert.equal(await vmOf('echo'), vm);
    await removePod(daemon, 'echo');
    await tell(daemon, `DELETE /v0.7.0/vm?vm=${vm}`);
  });
});
