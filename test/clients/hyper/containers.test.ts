import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import {
  containerLine,
  createPod,
  exitCode,
  idle,
  killPod,
  listed,
  removePod,
  runPod,
  startPod,
} from '#test/support/hyper/pod-client.ts';
import {
  assertRefused,
  bodyOf,
  DIALECTS,
  done,
  empty,
  json,
  plain,
  PAGE_NOT_FOUND,
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
const idOf = async (name: string): Promise<string> => (await lineOf(name))[0] ?? '';

const create = async (pod: string, body: object): Promise<string> =>
  tell(daemon, `POST /container/create?podId=${pod}`, { body });

type Info = {
  readonly container: { readonly name: string; readonly containerID: string };
  readonly podID: string;
};

/** Ends at once, also before its shell has heard of signals. */
const quick = (name: string): object => idle(name, { StopSignal: 'KILL' });

/** What each generation is told about one and the same life (hyperd-api 2.3). */
describe('the life of a container', () => {
  for (const [index, dialect] of DIALECTS.entries())
    it(`in the dialect ${dialect.name}`, async () => {
      const pod = `life-${index}`;
      const name = `${pod}-c`;
      await createPod(daemon, { id: pod, containers: [] });
      const created = await say(dialect, `POST /container/create?podId=${pod}`, { body: quick(name) });
      const { ID } = bodyOf(created, 201) as { ID: string };
      assert.equal(created, json(201, { ID }));
      assert.match(ID, /^[0-9a-f]{64}$/u);
      assert.deepEqual(await lineOf(name), [ID, name, pod, 'pending']);

      assert.equal(await say(dialect, `POST /container/start?container=${name}`), json(200, {}));
      assert.equal(await statusOf(name), 'running');
      assert.equal(await say(dialect, `POST /container/start?container=${name}`), json(200, {}));

      const info = await say(dialect, `GET /container/info?container=${name}`);
      const { container, podID } = bodyOf(info, dialect.age === 'legacy' ? 201 : 200) as Info;
      assert.deepEqual([container.name, container.containerID, podID], [`/${name}`, ID, pod]);

      const stopped = json(dialect.age === 'modern' ? 200 : 201, {});
      assert.equal(await say(dialect, `POST /container/stop?container=${name}`), stopped);
      assert.equal(await statusOf(name), 'failed');
      assert.equal(await say(dialect, `POST /container/stop?container=${name}`), stopped);

      assert.equal(await say(dialect, `POST /container/start?container=${name}`), json(200, {}));
      assert.equal(await say(dialect, `POST /container/kill?container=${name}&signal=9`), json(201, {}));
      assert.equal(await exitCode(daemon, name), 137);
      assert.equal(await statusOf(name), 'failed');
      assert.equal(await say(dialect, `POST /container/kill?container=${name}&signal=9`), json(201, {}));

      const rename = `POST /container/rename?oldName=${name}&newName=${name}.new`;
      assert.equal(await say(dialect, rename), done(200, `${name}.new`));
      assert.deepEqual(await lineOf(name), []);
      assert.deepEqual(await lineOf(`${name}.new`), [ID, `${name}.new`, pod, 'failed']);

      assert.equal(await say(dialect, `POST /container/remove?container=${ID}`), empty(204));
      assert.deepEqual(await lineOf(`${name}.new`), []);
      assertRefused(
        await say(dialect, `POST /container/remove?container=${ID}`),
        500,
        /cannot find container/u,
      );
      await removePod(daemon, pod);
    });
});

describe('a container', () => {
  it('is named by all the words of clients, in the query or a form', async () => {
    await runPod(daemon, { id: 'named', containers: [quick('named-c')] });
    const id = await idOf('named-c');
    for (const query of [
      'container=named-c',
      'container=%2Fnamed-c',
      `container=${id}`,
      `container=${id.slice(0, 12)}`,
      'container=',
      'container=',
      'value=named-c',
      'id=named-c',
    ]) {
      assert.equal(await ask(`POST /container/start?${query}`), json(200, {}), query);
      assert.equal(await ask(`POST /container/kill?${query}&signal=28`), json(201, {}), query);
      const info = await ask(`GET /container/info?${query}`);
      // Nothing at all is the beginning of every id, but to this route.
      if (query === 'container=') assert.equal(info, plain(500, 'Empty container name'));
      else assert.match(info, new RegExp(id, 'u'), query);
    }
    const form = { body: 'container=named-c', type: 'application/x-www-form-urlencoded' };
    // What the form says comes before what the query says.
    assert.equal(await tell(daemon, 'POST /container/remove?container=nobody', form), empty(204));
    await removePod(daemon, 'named');
  });

  it('that nobody knows is an internal error, and 404 for a stop, in every dialect', async () => {
    for (const dialect of DIALECTS)
      for (const container of ['nobody', '']) {
        for (const request of [
          'POST /container/start?',
          'POST /container/kill?signal=9&',
          'POST /container/remove?',
          'GET /container/info?',
        ])
          assertRefused(
            await say(dialect, `${request}container=${container}`),
            500,
            /can ?not (?:be )?(?:find|found)|(?:Empty|Null) container name/iu,
          );
        // The image engine's own, in whose words it is 404.
        const commit = await say(dialect, `POST /container/commit?container=${container}`);
        assertRefused(commit, 404, /^No such container/u);
        const rename = await say(dialect, 'POST /container/rename?newName=new&oldName=nobody');
        if (dialect.age === 'modern') assertRefused(rename, 500, /pod contains container nobody/u);
        else assertRefused(rename, 404, /^No such container/u);
        const stop = await say(dialect, `POST /container/stop?container=${container}`);
        assertRefused(stop, 404, /can not found container/u);
      }
  });

  it('is served by its own methods only', async () => {
    for (const request of [
      'GET /container/create',
      'GET /container/start',
      'DELETE /container/remove',
      'DELETE /container',
      'POST /container/info',
      'PUT /container/rename',
      'POST /container/pause',
      'GET /container/list',
      'GET /container/x/json',
    ])
      assert.equal(await ask(request), PAGE_NOT_FOUND, request);
  });
});

describe('in a pod at rest', () => {
  before(async () => {
    await runPod(daemon, { id: 'rest', containers: [idle('rest-a'), idle('rest-b')] });
    await killPod(daemon, 'rest');
  });
  after(async () => removePod(daemon, 'rest'));

  it('containers are neither started nor stopped, and a signal finds nobody', async () => {
    assertRefused(await ask('POST /container/start?container=rest-a'), 500, /not ready for start/u);
    assertRefused(await ask('POST /container/stop?container=rest-a'), 500, /^pod is not running/u);
    assert.equal(await ask('POST /container/kill?container=rest-a&signal=9'), json(201, {}));
  });

  it('they are renamed and removed, and the names are free at once', async () => {
    const rename = 'POST /container/rename?oldName=rest-a&newName=rest-c';
    assert.equal(await ask(rename), done(200, 'rest-c'));
    assert.equal(await ask('POST /container/remove?container=rest-b'), empty(204));
    await startPod(daemon, 'rest');
    const names = async (): Promise<(string | undefined)[]> =>
      (await listed(daemon, 'container')).map(([, name]) => name);
    assert.deepEqual(await names(), ['rest-c']);
    for (const name of ['rest-a', 'rest-b'])
      assert.match(await create('rest', quick(name)), /^HTTP\/1\.1 201 /u);
    assert.deepEqual(await names(), ['rest-c', 'rest-a', 'rest-b']);
  });
});

describe('the end of a container', () => {
  it('that does not want to is made after a while, by a stop and by a removal', async () => {
    const stubborn = (name: string): object => ({
      name,
      image: 'busybox',
      command: ['sh', '-c', "trap '' TERM; echo up; while :; do sleep 0.05; done"],
    });
    await runPod(daemon, { id: 'tough', containers: [stubborn('tough-a'), stubborn('tough-b')] });
    for (const name of ['tough-a', 'tough-b'])
      await until(
        async () => (await ask(`GET /container/logs?container=${name}&stdout=1`)).includes('up'),
        'it is up',
      );
    assert.deepEqual(
      await Promise.all([
        ask('POST /container/stop?container=tough-a'),
        ask('POST /container/remove?container=tough-b'),
      ]),
      [json(200, {}), empty(204)],
    );
    assert.equal(await exitCode(daemon, 'tough-a'), 137);
    // Nothing runs, nothing is lost: the pod goes on.
    assert.equal(await ask('POST /container/remove?container=tough-a'), empty(204));
    assert.match(await ask('GET /pod/info?podName=tough'), /"phase":"Running"/u);
    assert.deepEqual(await listed(daemon, 'container'), []);
    await removePod(daemon, 'tough');
  });

  it('comes by a signal, 15 where none can be read', async () => {
    const line =
      'for s in TERM USR1 INT; do trap "echo $s; exit" $s; done; echo up; while :; do sleep 0.05; done';
    const one = { name: 'told-c', image: 'busybox', command: ['sh', '-c', line] };
    let runs = 0;
    await createPod(daemon, { id: 'told', containers: [one] });
    for (const [query, name] of [
      ['&signal=15', 'TERM'],
      ['', 'TERM'],
      ['&signal=', 'TERM'],
      ['&signal=many', 'TERM'],
      ['&signal=10', 'USR1'],
      ['&signal=2', 'INT'],
    ] as const) {
      assert.equal(await ask('POST /container/start?container=told-c'), json(200, {}));
      runs += 1;
      const log = async (): Promise<string> => ask('GET /container/logs?container=told-c&stdout=1');
      await until(async () => (await log()).split('up').length > runs, 'it is up');
      assert.equal(await ask(`POST /container/kill?container=told-c${query}`), json(201, {}));
      assert.equal(await exitCode(daemon, 'told-c'), 137);
      assert.match(await log(), new RegExp(`${name}\n$`, 'u'), query);
    }
    await removePod(daemon, 'told');
  });
});

describe('a name', () => {
  before(async () => runPod(daemon, { id: 'named', containers: [idle('one'), idle('two')] }));
  after(async () => removePod(daemon, 'named'));

  it('is given under both spellings, with a slash or without', async () => {
    for (const [query, from, to] of [
      ['oldName=one&newName=uno', 'one', 'uno'],
      ['oleName=uno&newName=one', 'uno', 'one'],
      ['oldName=%2Fone&newName=uno', 'one', 'uno'],
    ] as const) {
      const id = await idOf(from);
      assert.equal(await ask(`POST /container/rename?${query}`), done(200, to));
      assert.equal(await idOf(to), id);
      assert.equal(await idOf(from), '');
    }
    const id = await idOf('uno');
    assert.equal(await ask(`POST /container/rename?oldName=${id}&newName=%2Fone`), done(200, '/one'));
    assert.equal(await idOf('one'), id);
    assert.match(await ask('GET /container/info?container=one'), /"name":"\/one"/u);
    assert.match(await ask('GET /pod/info?podName=named'), /"name":"one"/u);
  });

  it('that is none, or another’s, is refused: nothing changes', async () => {
    for (const [newName, words] of [
      ['', /newName/u],
      ['a%3Ab', /a:b/u],
      ['-x', /-x/u],
      ['x', /x/u],
      ['a%20b', /a b/u],
      ['two', /two/u],
      ['%2Ftwo', /two/u],
    ] as const) {
      const answer = await ask(`POST /container/rename?oldName=one&newName=${newName}`);
      assertRefused(answer, 500, words);
    }
    assertRefused(await ask('POST /container/rename?newName=three'), 500, /oldName/u);
    assert.deepEqual(await Promise.all(['one', 'two'].map(statusOf)), ['running', 'running']);
    assert.equal((await listed(daemon, 'container')).length, 2);
  });
});
