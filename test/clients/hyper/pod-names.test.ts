import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { linesOf, podOf, randomIdOf } from '#test/support/hyper/answers.ts';
import { clear } from '#test/support/hyper/cut-off.ts';
import { idle } from '#test/support/hyper/pod-client.ts';
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
import type { Dialect } from '#test/support/hyper/transcript.ts';

/** Up to release 0.7 the id in a pod's spec was its name; by the `pod-` of ids clients tell pods from containers. */

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());
afterEach(async () => clear(daemon));

const OLDER = DIALECTS.filter(({ age }) => age !== 'modern');
const MODERN = DIALECTS.filter(({ age }) => age === 'modern');

const quick = (more: object = {}): object => {
  const { name: _name, ...rest } = idle('', { StopSignal: 'KILL', ...more }) as { name: string };
  return rest;
};

const create = (dialect: Dialect, pod: object): Promise<string> =>
  dialect.age === 'legacy'
    ? tellAs(daemon, dialect, `POST /pod/create?podArgs=${encodeURIComponent(JSON.stringify(pod))}`)
    : tellAs(daemon, dialect, 'POST /pod/create', { body: pod });

const make = async (dialect: Dialect, pod: object): Promise<string> =>
  randomIdOf(await create(dialect, pod), dialect.age === 'legacy' ? 200 : 201);

const podLines = async (dialect: Dialect): Promise<string[]> =>
  linesOf(await tellAs(daemon, dialect, 'GET /list?item=pod'), dialect.age === 'legacy' ? 200 : 201);

for (const dialect of OLDER)
  describe(`a pod of ${dialect.name}`, () => {
    const ask = (request: string): Promise<string> => tellAs(daemon, dialect, request);
    const info = async (ref: string) =>
      podOf(
        await ask(`GET /pod/info?podName=${encodeURIComponent(ref)}`),
        dialect.age === 'legacy' ? 201 : 200,
      );

    it('has a random id, and may be there twice', async () => {
      const spec = { id: 'twin', containers: [quick()] };
      const ids = [await make(dialect, spec), await make(dialect, spec)];
      assert.notEqual(ids[0], ids[1]);
      assert.deepEqual(
        await podLines(dialect),
        ids.map((id) => `${id}:twin::pending`),
      );
      for (const id of ids) {
        const { podID, podName } = await info(id);
        assert.deepEqual([podID, podName], [id, 'twin']);
      }
      // By name the older one is found.
      assert.equal((await info('twin')).podID, ids[0]);
    });

    it('has a name that is any text without colons, or a random one', async () => {
      for (const name of ['registry/image-123', 'two words', 'Ünïcode', '-x', '.', 'a'.repeat(200)]) {
        const id = await make(dialect, { id: name, containers: [quick()] });
        assert.deepEqual((await podLines(dialect)).at(-1), `${id}:${name}::pending`);
        assert.equal((await info(name)).podID, id);
      }
      const id = await make(dialect, { containers: [quick()] });
      assert.match((await info(id)).podName, /^[0-9a-z]{10}$/u);
      for (const name of ['a:b', ':', 'x:'])
        assertRefused(await create(dialect, { id: name, containers: [quick()] }), 500, new RegExp(name, 'u'));
    });

    it('is found by its name wherever it is found by its id', async () => {
      const id = await make(dialect, { id: 'some/name', containers: [{ ...quick(), name: 'named-c' }] });
      const name = 'some%2Fname';
      assert.equal(await ask(`POST /pod/start?podId=${name}`), done(200, ''));
      const lines = linesOf(
        await ask(`GET /list?item=container&pod=${name}`),
        dialect.age === 'legacy' ? 200 : 201,
      );
      assert.match(lines.join(), new RegExp(`^[0-9a-f]{64}:/named-c:${id}:running$`, 'u'));
      const vms = linesOf(await ask(`GET /list?item=vm&pod=${name}`), dialect.age === 'legacy' ? 200 : 201);
      assert.match(vms.join(), new RegExp(`^vm-[A-Za-z]{10}:${id}:associated$`, 'u'));
      assert.equal(await ask(`POST /pod/pause?podId=${name}`), empty(204));
      assert.equal(await ask(`POST /pod/unpause?podId=${name}`), empty(204));
      assert.equal(await ask(`POST /pod/stop?podId=${name}&stopVm=yes`), done(200, 'some/name', 2));
      assert.equal(
        await ask(dialect.age === 'legacy' ? `POST /pod/remove?podId=${name}` : `DELETE /pod?podId=${name}`),
        done(200, 'some/name'),
      );
      assert.deepEqual(await podLines(dialect), []);
    });

    it('calls itself by its name', async () => {
      const spec = { id: 'host/name', containers: [{ ...quick(), name: 'host-c' }] };
      const id = await make(dialect, spec);
      await ask(`POST /pod/start?podId=${id}`);
      const command = encodeURIComponent(JSON.stringify(['hostname']));
      const exec = String(
        bodyOf(await tell(daemon, `POST /exec/create?container=host-c&command=${command}`), 201),
      );
      const { stream } = await daemon.pods.hijack('/exec/start', { query: { container: 'host-c', exec } });
      stream.end();
      assert.match(Buffer.concat((await stream.toArray()) as Buffer[]).toString(), /host-name\n$/u);
    });
  });

describe('a pod of a newer client', () => {
  for (const [index, dialect] of MODERN.entries())
    it(`has the id that it was given, once: ${dialect.name}`, async () => {
      const id = `own-${index}`;
      const spec = { id, containers: [quick()] };
      assert.equal(await create(dialect, spec), done(201, id));
      assertRefused(await create(dialect, spec), 500, new RegExp(id, 'u'));
      assertRefused(await create(dialect, { ...spec, id: 'a/b' }), 500, /a\/b/u);
      // Older clients find it by that, under the same id before and after a restart of the daemon.
      for (const { name, age, at } of OLDER) {
        const answer = await tellAs(daemon, { at }, `GET /pod/info?podName=${id}`);
        assert.equal(podOf(answer, age === 'legacy' ? 201 : 200).podID, id, name);
      }
    });

  it('is found before an older one with its id for a name, which does not take that from it', async () => {
    const [older] = OLDER;
    assert.ok(older !== undefined);
    const random = await make(older, { id: 'both', containers: [quick()] });
    assert.equal(podOf(await tell(daemon, 'GET /pod/info?podName=both')).podID, random);
    const body = { id: 'both', containers: [quick()] };
    assert.equal(await tell(daemon, 'POST /pod/create', { body }), done(201, 'both'));
    assert.equal(podOf(await tell(daemon, 'GET /pod/info?podName=both')).podID, 'both');
    assert.equal(await tell(daemon, 'DELETE /pod?podId=both'), done(200, 'both'));
    assert.equal(podOf(await tell(daemon, 'GET /pod/info?podName=both')).podID, random);
  });
});

describe('a daemon that begins again', () => {
  it('knows pods of both kinds by id and name, and starts them', async () => {
    const [older] = OLDER;
    assert.ok(older !== undefined);
    const random = await make(older, { id: 'some/older', containers: [quick()] });
    await tell(daemon, 'POST /pod/create', { body: { id: 'newer', containers: [quick()] } });
    await daemon.restart();
    for (const [ref, id] of [
      ['some%2Folder', random],
      [random, random],
      ['newer', 'newer'],
    ] as const) {
      assert.equal(podOf(await tell(daemon, `GET /pod/info?podName=${ref}`)).podID, id);
      assert.equal(await tell(daemon, `POST /pod/start?podId=${ref}`), json(200, {}));
    }
  });
});
