import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { linesOf, randomIdOf } from '#test/support/hyper/answers.ts';
import { clear } from '#test/support/hyper/cut-off.ts';
import { podLine } from '#test/support/hyper/pod-client.ts';
import { DIALECTS, done, json, tell, tellAs } from '#test/support/hyper/transcript.ts';
import type { Dialect } from '#test/support/hyper/transcript.ts';

/** Up to release 0.7 pods of type `kubernetes`, and no others, started again by their policy (hyperd-api 4.5). */

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());
afterEach(async () => clear(daemon));

const OLDER = DIALECTS.filter(({ name }) => name === '0.4 by path' || name === '0.7 by path');

type Asked = { readonly type?: string; readonly restartPolicy?: string; readonly line: string };

/** `/runs` has a line for each run. */
const start = async (dialect: Dialect, name: string, { line, ...rest }: Asked): Promise<string> => {
  const command = ['sh', '-c', `echo x >> /data/runs; ${line}`];
  const volumes = [{ path: '/data', volume: 'data' }];
  const containers = [{ name: `${name}-c`, image: 'busybox', command, volumes, StopSignal: 'KILL' }];
  const pod = { id: name, volumes: [{ name: 'data' }], containers, ...rest };
  const answer =
    dialect.age === 'legacy'
      ? await tellAs(daemon, dialect, `POST /pod/create?podArgs=${encodeURIComponent(JSON.stringify(pod))}`)
      : await tellAs(daemon, dialect, 'POST /pod/create', { body: pod });
  const id = randomIdOf(answer, dialect.age === 'legacy' ? 200 : 201);
  assert.equal(await tellAs(daemon, dialect, `POST /pod/start?podId=${id}`), done(200, ''));
  return id;
};

const word = async (dialect: Dialect, id: string): Promise<string> => {
  const answer = await tellAs(daemon, dialect, 'GET /list?item=pod');
  const lines = linesOf(answer, dialect.age === 'legacy' ? 200 : 201);
  return lines.find((line) => line.startsWith(`${id}:`))?.split(':')[3] ?? 'gone';
};

const vmOf = async (id: string): Promise<string> => (await podLine(daemon, id))[2] ?? '';

/** Another VM than these, one after the other. */
const untilAgain = async (id: string, seen: Set<string>): Promise<void> => {
  await until(async () => {
    const vm = await vmOf(id);
    return vm !== '' && !seen.has(vm);
  }, `${id} has a VM that is new`);
  seen.add(await vmOf(id));
};

for (const dialect of OLDER)
  describe(`a pod of type kubernetes, of ${dialect.name}`, () => {
    it('is over for good where it should never start again, or has succeeded', async () => {
      for (const [restartPolicy, code, outcome] of [
        ['never', 0, 'succeeded(kubernetes)'],
        ['never', 3, 'failed(kubernetes)'],
        ['onFailure', 0, 'succeeded(kubernetes)'],
      ] as const) {
        const id = await start(dialect, 'over', { type: 'kubernetes', restartPolicy, line: `exit ${code}` });
        await until(async () => (await word(dialect, id)) === outcome, outcome);
        // To newer clients it is one as any other.
        assert.equal((await podLine(daemon, id))[3], 'failed');
        await clear(daemon);
      }
    });

    it('starts again in a new VM as often as it ends, until it is stopped', async () => {
      for (const [restartPolicy, code] of [
        ['always', 0],
        ['always', 3],
        ['onFailure', 3],
      ] as const) {
        const line = `sleep 0.3; exit ${code}`;
        const id = await start(dialect, 'again', { type: 'kubernetes', restartPolicy, line });
        const seen = new Set([await vmOf(id)]);
        await untilAgain(id, seen);
        await untilAgain(id, seen);
        assert.equal(
          await tellAs(daemon, dialect, `POST /pod/stop?podId=${id}&stopVm=yes`),
          done(200, id, 2),
        );
        await until(
          async () => /^(?:failed|succeeded)\(kubernetes\)$/u.test(await word(dialect, id)),
          'its end',
        );
        await clear(daemon);
      }
    });

    it('is not stopped for a while only', async () => {
      const asked = { type: 'kubernetes', restartPolicy: 'always', line: 'exec sleep 1000' };
      const id = await start(dialect, 'stopped', asked);
      assert.equal(await tellAs(daemon, dialect, `POST /pod/stop?podId=${id}&stopVm=yes`), done(200, id, 2));
      assert.equal(await word(dialect, id), 'failed(kubernetes)');
      // Its policy is gone with the stop.
      assert.equal(await tell(daemon, `POST /pod/start?podId=${id}`), json(200, {}));
      assert.equal(await tell(daemon, 'POST /container/kill?container=stopped-c&signal=9'), json(201, {}));
      await until(async () => (await word(dialect, id)) === 'failed(kubernetes)', 'its end');
    });

    it('starts again when its containers were killed', async () => {
      const asked = { type: 'kubernetes', restartPolicy: 'onFailure', line: 'exec sleep 1000' };
      const id = await start(dialect, 'killed', asked);
      const seen = new Set([await vmOf(id)]);
      for (const request of [
        'POST /pod/kill?podName=killed&signal=9',
        'POST /container/kill?container=killed-c&signal=9',
      ]) {
        await tell(daemon, request);
        await untilAgain(id, seen);
        await until(async () => (await word(dialect, id)) === 'running', 'it runs again');
      }
    });

    it('alone has this: others are over when they are over', async () => {
      const id = await start(dialect, 'other', { restartPolicy: 'always', line: 'exit 3' });
      await until(async () => (await word(dialect, id)) === 'failed', 'its end');
    });
  });

describe('a pod that starts again, under a daemon that is killed', () => {
  it('goes on', async () => {
    const [, dialect] = OLDER;
    assert.ok(dialect !== undefined);
    const asked = { type: 'kubernetes', restartPolicy: 'always', line: 'sleep 0.2' };
    const id = await start(dialect, 'survivor', asked);
    const seen = new Set([await vmOf(id)]);
    for (let round = 0; round < 4; round += 1) {
      await daemon.kill();
      await daemon.boot();
      await untilAgain(id, seen);
    }
  });
});
