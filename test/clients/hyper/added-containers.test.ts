import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import {
  containerLine,
  createPod,
  idle,
  killPod,
  listed,
  removePod,
  runPod,
  shell,
} from '#test/support/hyper/pod-client.ts';
import {
  assertRefused,
  bodyOf,
  DIALECTS,
  empty,
  json,
  plain,
  tell,
  tellAs,
} from '#test/support/hyper/transcript.ts';
import type { Dialect, Telling } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const ask = async (request: string): Promise<string> => tell(daemon, request);

const say = async (dialect: Dialect, request: string, telling: Telling = {}): Promise<string> =>
  tellAs(daemon, dialect, request, telling);

const lineOf = async (name: string): Promise<readonly string[]> => containerLine(daemon, name);
const statusOf = async (name: string): Promise<string | undefined> => (await lineOf(name))[3];

const create = async (pod: string, body: object): Promise<string> =>
  tell(daemon, `POST /container/create?podId=${pod}`, { body });

/** Ends at once, also before its shell has heard of signals. */
const quick = (name: string): object => idle(name, { StopSignal: 'KILL' });

describe('a container that is added', () => {
  before(async () => {
    await runPod(daemon, { id: 'host', containers: [idle('host-c')], volumes: [{ name: 'data' }] });
  });
  after(async () => removePod(daemon, 'host'));

  it('needs a pod that runs', async () => {
    const body = idle('added-c');
    assertRefused(await tell(daemon, 'POST /container/create', { body }), 500, /podId/u);
    for (const word of ['podId', 'podName', 'pod'])
      assertRefused(
        await tell(daemon, `POST /container/create?${word}=nobody`, { body }),
        500,
        /The pod\(nobody\) can not be found/u,
      );
    await createPod(daemon, { id: 'rest', containers: [] });
    await killPod(daemon, 'rest');
    assertRefused(await create('rest', body), 500, /^pod is not running/u);
    assert.deepEqual(await lineOf('added-c'), []);
    await removePod(daemon, 'rest');
  });

  it('needs an image that is there: 404 else, in every dialect, and nothing stays', async () => {
    const body = { ...idle('added-c'), image: 'nobody/has:this' };
    const words = 'No such image: nobody/has:this';
    for (const dialect of DIALECTS) {
      const more = dialect.age === 'legacy' ? ': could not find image: no such id' : '';
      const answer = await say(dialect, 'POST /container/create?podId=host', { body });
      assert.equal(answer, plain(404, `${words}${more}`));
    }
    assert.equal((await listed(daemon, 'container')).length, 1);
  });

  it('is refused with a body that is none, or a name that is none or taken', async () => {
    for (const [body, words] of [
      ['{"image":', /unexpected end of JSON input/u],
      ['[]', /array/u],
      ['{"image":7}', /number/u],
      ['{"image":"busybox","name":"host-c"}', /host-c/u],
      ['{"image":"busybox","name":"/host-c"}', /host-c/u],
      ['{"image":"busybox","name":"a:b"}', /a:b/u],
      ['{"image":"busybox","name":"-a"}', /-a/u],
      ['{"image":"busybox","volumes":[{"path":"/v","volume":"none"}]}', /none/u],
      ['{}', /image/iu],
      ['', /image|end of JSON/iu],
    ] as const) {
      const telling = { body, type: 'application/json' };
      assertRefused(await tell(daemon, 'POST /container/create?podId=host', telling), 500, words);
    }
    assert.equal((await listed(daemon, 'container')).length, 1);
  });

  it('has a name of its pod, its image and ten letters', async () => {
    for (const [image, name] of [
      ['busybox', /^host-busybox-[A-Za-z]{10}$/u],
      ['busybox:latest', /^host-busybox-[A-Za-z]{10}$/u],
    ] as const) {
      const { ID } = bodyOf(await create('host', { image }), 201) as { ID: string };
      const [, found = ''] = (await listed(daemon, 'container')).find(([id]) => id === ID) ?? [];
      assert.match(found, name);
      assert.equal(await ask(`POST /container/remove?container=${ID}`), empty(204));
    }
  });

  it('shares what the pod has, and publishes nothing', async () => {
    const body = shell('shares-c', 'hostname; mount | grep -c " /data "; ip -o link | wc -l', {
      volumes: [{ path: '/data', volume: 'data' }],
      ports: [{ containerPort: 80, hostPort: 45_872 }],
    });
    assert.match(await create('host', body), /^HTTP\/1\.1 201 /u);
    assert.equal(await ask('POST /container/start?container=shares-c'), json(200, {}));
    assert.equal(await ask('GET /exitcode?container=shares-c'), json(200, 0));
    const log = await ask('GET /container/logs?container=shares-c&stdout=yes');
    assert.match(log, /host\n[^]*1\n[^]*2\n$/u);
    assert.equal(await ask('GET /pod/host/portmappings'), json(200, { portMappings: [] }));
    assert.equal(await ask('POST /container/remove?container=shares-c'), empty(204));
  });

  it('waits, until it or its pod is started', async () => {
    for (const start of ['POST /container/start?container=waits-c', 'POST /pod/start?podId=host']) {
      await create('host', quick('waits-c'));
      assert.equal(await statusOf('waits-c'), 'pending');
      assert.equal(await ask(start), json(200, {}));
      assert.equal(await statusOf('waits-c'), 'running');
      assert.equal(await ask('POST /container/remove?container=waits-c'), empty(204));
    }
  });

  it('may be started and ended with others at once', async () => {
    const names = Array.from({ length: 5 }, (_, index) => `crowd-${index}`);
    const made = await Promise.all(names.map(async (name) => create('host', quick(name))));
    for (const answer of made) assert.match(answer, /^HTTP\/1\.1 201 /u);
    for (const [request, answer] of [
      ['start', json(200, {})],
      ['kill', json(201, {})],
      ['remove', empty(204)],
    ] as const) {
      const answers = await Promise.all(
        names.map(async (name) => ask(`POST /container/${request}?container=${name}`)),
      );
      assert.deepEqual(new Set(answers), new Set([answer]));
    }
    assert.equal((await listed(daemon, 'container')).length, 1);
  });
});

describe('a start that fails', () => {
  it('says why, and the container stays as it was', async () => {
    await createPod(daemon, { id: 'bad', containers: [] });
    await create('bad', { name: 'bad-c', image: 'busybox', command: ['/no/such/program'] });
    assertRefused(await ask('POST /container/start?container=bad-c'), 500, /\/no\/such\/program/u);
    assert.equal(await statusOf('bad-c'), 'pending');
    assert.equal(await ask('POST /container/remove?container=bad-c'), empty(204));
    await removePod(daemon, 'bad');
  });
});
