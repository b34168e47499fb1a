import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { idOf, linesOf, podOf, randomIdOf } from '#test/support/hyper/answers.ts';
import { ClientRun, HYPERCTL_0_5, HYPERCTL_0_6 } from '#test/support/hyper/client-run.ts';
import type { ClientKind } from '#test/support/hyper/client-run.ts';
import { clear } from '#test/support/hyper/cut-off.ts';
import { flagged, IDLE } from '#test/support/hyper/hyperctl.ts';
import { byKind, finish, readFrames } from '#test/support/hyper/taken.ts';
import type { Frame } from '#test/support/hyper/taken.ts';
import { assertRefused, bodyOf, done, empty, json } from '#test/support/hyper/transcript.ts';

/**
 * Runs of the clients between the generations, call by call: 0.5 has the paths of the newer ones and the answers of the
 * older, raw output among them; 0.6 has frames, and commands under tags still.
 */

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());
afterEach(async () => clear(daemon));

const as = async <T>(kind: ClientKind, work: (run: ClientRun) => Promise<T>): Promise<T> => {
  using run = new ClientRun(daemon, kind);
  return await work(run);
};

const AT_ONCE = { StopSignal: 'KILL' };

/** Statuses of creates, and of lists; what output looks like. */
const AGES = [
  {
    name: '0.5',
    kind: HYPERCTL_0_5,
    status: 200,
    infoStatus: 201,
    item: 'Item',
    isRaw: true,
    join: 'tag=AbCdEfGh',
  },
  {
    name: '0.6',
    kind: HYPERCTL_0_6,
    status: 201,
    infoStatus: 200,
    item: 'item',
    isRaw: false,
    join: 'attach=yes',
  },
] as const;

type Age = (typeof AGES)[number];

const list = async (
  run: ClientRun,
  { status, item }: Age,
  of: 'pod' | 'container' | 'vm',
): Promise<string[]> => {
  const answer = await run.call(`GET /list?item=${of}&pod=&vm=`);
  assert.equal((bodyOf(answer, status) as Record<string, unknown>)[item], of);
  return linesOf(answer, status);
};

/** Without frames nobody can tell what came from where. */
const said = (bytes: string, { isRaw }: Age): string | Frame[] => (isRaw ? bytes : byKind(readFrames(bytes)));

for (const age of AGES)
  describe(`hyperctl ${age.name}`, () => {
    const { kind, status, infoStatus, isRaw, join } = age;
    const create = async (run: ClientRun, name: string, line: string, more: object = {}): Promise<string> => {
      const body = flagged(name, line, { ...AT_ONCE, ...more });
      return randomIdOf(await run.call('POST /pod/create?remove=no', { body }), status);
    };
    const untilOver = async (run: ClientRun, pod: string, name: string, word: string): Promise<void> => {
      const line = `${pod}:${name}::${word}`;
      await until(async () => (await list(run, age, 'pod')).includes(line), `${pod} has ${word}`);
    };

    it('runs a pod in a VM of its own, attached by the start', async () => {
      await as(kind, async (run) => {
        const vm = idOf(await run.call('POST /vm/create?async=yes&cpu=1&mem=128'), 200);
        const pod = await create(run, 'run', 'cat; exit 7');
        const wire = await run.hijack(`/pod/start?podId=${pod}&vmId=${vm}&${join}`, 'in\n');
        assert.deepEqual(said(await finish(wire), age), isRaw ? 'in\n' : [[1, 'in\n']]);
        assert.equal(await run.call('GET /exitcode?container=run&tag=AbCdEfGh'), json(200, 7));
        await untilOver(run, pod, 'run', 'failed');
        assert.equal(await run.call(`DELETE /vm?vm=${vm}`), done(200, vm));
        assert.equal(await run.call(`DELETE /pod?podId=${pod}`), done(200, pod));
        assert.deepEqual(await list(run, age, 'pod'), []);
      });
    });

    it('starts, looks, stops and removes', async () => {
      await as(kind, async (run) => {
        const pod = await create(run, 'life', IDLE);
        assert.deepEqual(await list(run, age, 'pod'), [`${pod}:life::pending`]);
        assert.equal(await run.call(`POST /pod/start?podId=${pod}&vmId=`), done(200, ''));
        const { status: now } = podOf(await run.call(`GET /pod/info?podName=${pod}`), infoStatus);
        assert.match(now.podIP?.[0] ?? '', /^\d+\.\d+\.\d+\.\d+$/u);
        assert.match(
          (await list(run, age, 'container'))[0] ?? '',
          new RegExp(`^[0-9a-f]{64}:/life:${pod}:running$`, 'u'),
        );
        assert.equal(await run.call(`POST /pod/pause?podId=${pod}`), empty(204));
        assert.equal(await run.call(`POST /pod/unpause?podId=${pod}`), empty(204));
        assert.equal(await run.call(`POST /pod/stop?podId=${pod}&stopVm=no`), done(200, pod, 4));
        const [vm = ''] = (await list(run, age, 'vm'))[0]?.split(':') ?? [];
        assert.equal(await run.call(`POST /pod/start?podId=${pod}&vmId=${vm}`), done(200, vm));
        assert.equal(await run.call(`POST /pod/stop?podId=${pod}&stopVm=yes`), done(200, pod, 2));
        assert.equal(await run.call(`DELETE /pod?podId=${pod}`), done(200, pod));
      });
    });

    it('executes under a tag of its own', async () => {
      await as(kind, async (run) => {
        const pod = await create(run, 'ex', IDLE);
        await run.call(`POST /pod/start?podId=${pod}&vmId=`);
        const exec = (line: string, tag: string, more = ''): string => {
          const words = encodeURIComponent(JSON.stringify(['sh', '-c', line]));
          return `/exec?command=${words}&tag=${tag}&type=container&value=ex${more}`;
        };
        const wire = await run.hijack(exec('cat; exit 37', 'TagOne00', '&tty=no'), 'in\n');
        assert.deepEqual(said(await finish(wire), age), isRaw ? 'in\n' : [[1, 'in\n']]);
        assert.equal(await run.call('GET /exitcode?container=ex&tag=TagOne00'), json(200, 37));
        const terminal = await run.hijack(exec('read go; stty size', 'TagTwo00', '&tty=yes'));
        await until(
          async () => (await run.call('POST /tty/resize?h=31&id=ex&tag=TagTwo00&w=97')) === empty(200),
          'it has a terminal',
        );
        await terminal.send('go\n');
        assert.equal(await terminal.rest(), 'go\r\n31 97\r\n');
        terminal.halfClose();
        assert.equal(await run.call('GET /exitcode?container=ex&tag=TagTwo00'), json(200, 0));
      });
    });

    it('attaches to a pod or a container, and is told the code by its tag', async () => {
      await as(kind, async (run) => {
        for (const target of ['type=pod&value=att', 'type=container&value=att']) {
          const pod = await create(run, 'att', 'read line; echo "<$line>"; exit 4');
          await run.call(`POST /pod/start?podId=${pod}&vmId=`);
          const wire = await run.hijack(`/attach?${target}&tag=AbCdEfGh&remove=no`, 'a\n');
          assert.deepEqual(said(await finish(wire), age), isRaw ? '<a>\n' : [[1, '<a>\n']]);
          assert.equal(await run.call('GET /exitcode?container=att&tag=AbCdEfGh'), json(200, 4));
          await untilOver(run, pod, 'att', 'failed');
          await run.call(`DELETE /pod?podId=${pod}`);
        }
      });
    });
  });

describe('hyperctl 0.5 run', () => {
  it('in one call, with the pod as the body; with remove it goes when it is over', async () => {
    await as(HYPERCTL_0_5, async (run) => {
      const [age] = AGES;
      const body = flagged('once', 'exit 0');
      const pod = randomIdOf(await run.call('POST /pod/run?remove=no', { body }), 200);
      await until(async () => (await list(run, age, 'pod'))[0] === `${pod}:once::succeeded`, 'it is over');
      assert.equal(await run.call(`DELETE /pod?podId=${pod}`), done(200, pod));
      for (const word of ['yes', 'true']) {
        randomIdOf(await run.call(`POST /pod/create?remove=${word}`, { body }), 200);
        assert.equal(await run.call('POST /pod/start?podId=once&vmId='), done(200, ''));
        await until(async () => (await list(run, age, 'pod')).length === 0, 'it is gone');
      }
      assertRefused(
        await run.call('POST /pod/create', { body: { id: 'none', containers: [] } }),
        500,
        /container section can not be null/u,
      );
    });
  });
});

describe('hyperctl 0.6 create', () => {
  it('takes the wish to remove, and leaves it to the client', async () => {
    await as(HYPERCTL_0_6, async (run) => {
      const [, age] = AGES;
      const body = flagged('stays', 'exit 0');
      const pod = randomIdOf(await run.call('POST /pod/create?remove=yes', { body }), 201);
      assert.equal(await run.call('POST /pod/start?podId=stays&vmId='), done(200, ''));
      await until(async () => (await list(run, age, 'pod'))[0] === `${pod}:stays::succeeded`, 'it is over');
      randomIdOf(await run.call('POST /pod/create', { body: { id: 'none', containers: [] } }), 201);
    });
  });
});
