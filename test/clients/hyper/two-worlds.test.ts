import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { idle, killPod, listed, removePod, runPod, startPod } from '#test/support/hyper/pod-client.ts';
import {
  assertRefused,
  bodyOf,
  done,
  empty,
  json,
  PAGE_NOT_FOUND,
  tell,
} from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

/** Ends at once, however it is asked to. */
const quick = (name: string, more: object = {}): object => idle(name, { StopSignal: 'KILL', ...more });

const hyper = async (request: string, body?: object): Promise<string> =>
  tell(daemon, request, body === undefined ? {} : { body });

const docker = async (request: string, body?: object): Promise<string> =>
  tell(daemon, request, { socket: daemon.socket, ...(body === undefined ? {} : { body }) });

/** Docker's errors are JSON. */
const assertConflict = (answer: string, words: RegExp): void =>
  assert.match((bodyOf(answer, 409) as { message: string }).message, words);

type Listed = {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly State: string;
  readonly HostConfig: { readonly NetworkMode: string };
};

const filters = (filter: object): string => encodeURIComponent(JSON.stringify(filter));

const containerWord = async (name: string): Promise<string | undefined> =>
  (await listed(daemon, 'container')).find(([, found]) => found === name)?.[3];

describe('both sockets', () => {
  it('serve at once, each its own dialect', async () => {
    const [pods, containers, ping, version] = await Promise.all([
      hyper('GET /list?item=pod'),
      docker('GET /containers/json'),
      hyper('GET /_ping'),
      docker('GET /v1.24/_ping'),
    ]);
    assert.equal(pods, json(201, { item: 'pod', podData: [] }));
    assert.equal(containers, json(200, []));
    for (const answer of [ping, version]) assert.match(answer, /^HTTP\/1\.1 200 OK\n[^]*\nOK$/u);
    assert.equal(await hyper('GET /containers/json'), PAGE_NOT_FOUND);
    assert.equal(await docker('GET /list?item=pod'), json(404, { message: 'page not found' }));
  });
});

describe('a pod’s containers to Docker’s clients', () => {
  before(async () => {
    await runPod(daemon, {
      id: 'shared',
      labels: { of: 'the pod' },
      containers: [quick('shared-a', { labels: { own: 'yes' } }), quick('shared-b')],
    });
  });
  after(async () => removePod(daemon, 'shared'));

  const list = async (query = ''): Promise<Listed[]> =>
    bodyOf(await docker(`GET /containers/json?${query}`)) as Listed[];

  it('are listed with the pod in a label and in their network', async () => {
    const found = (await list()).toSorted((one, other) =>
      (one.Names[0] ?? '').localeCompare(other.Names[0] ?? ''),
    );
    assert.deepEqual(
      found.map(({ Names, Labels, State, HostConfig }) => ({ Names, Labels, State, HostConfig })),
      [
        {
          Names: ['/shared-a'],
          Labels: { own: 'yes', 'io.gantry.pod': 'shared' },
          State: 'running',
          HostConfig: { NetworkMode: 'container:shared' },
        },
        {
          Names: ['/shared-b'],
          Labels: { 'io.gantry.pod': 'shared' },
          State: 'running',
          HostConfig: { NetworkMode: 'container:shared' },
        },
      ],
    );
    const ids = (await listed(daemon, 'container')).map(([id]) => id);
    assert.deepEqual(new Set(found.map(({ Id }) => Id)), new Set(ids));
    assert.equal((await list(`filters=${filters({ label: ['io.gantry.pod=shared'] })}`)).length, 2);
    assert.equal((await list(`filters=${filters({ label: ['io.gantry.pod=other'] })}`)).length, 0);
  });

  it('do not show Docker’s label in hyperd’s infos', async () => {
    const { container } = bodyOf(await hyper('GET /container/info?container=shared-a')) as {
      container: { labels: object };
    };
    assert.deepEqual(container.labels, { own: 'yes' });
  });

  it('cannot be removed while the pod runs', async () => {
    for (const query of ['', '?force=1', '?force=1&v=1'])
      assertConflict(
        await docker(`DELETE /containers/shared-a${query}`),
        /shared-a belongs to the running pod shared/u,
      );
    assert.equal(await docker('POST /containers/shared-a/stop?t=0'), empty(204));
    assert.equal(await containerWord('shared-a'), 'failed');
    assertConflict(await docker('DELETE /containers/shared-a'), /belongs to the running pod/u);
    const pruned = bodyOf(await docker('POST /containers/prune')) as { ContainersDeleted: unknown };
    assert.deepEqual(pruned.ContainersDeleted ?? [], []);
    assert.equal(await containerWord('shared-a'), 'failed');
  });

  it('can be stopped, started, restarted, paused and renamed', async () => {
    assert.equal(await docker('POST /containers/shared-a/start'), empty(204));
    assert.equal(await containerWord('shared-a'), 'running');
    assert.equal(await docker('POST /containers/shared-b/restart?t=0'), empty(204));
    assert.equal(await docker('POST /containers/shared-b/pause'), empty(204));
    assert.equal(await docker('POST /containers/shared-b/unpause'), empty(204));
    assert.equal(await docker('POST /containers/shared-b/rename?name=renamed'), empty(204));
    assert.equal(await containerWord('renamed'), 'running');
    assert.match(await hyper('GET /container/info?container=renamed'), /"name":"\/renamed"/u);
    assert.equal(
      await hyper('POST /container/rename?oldName=renamed&newName=shared-b'),
      done(200, 'shared-b'),
    );
    assert.equal((await list(`filters=${filters({ name: ['shared-b'] })}`)).length, 1);
  });

  it('lend their network to containers of their own', async () => {
    const body = {
      Image: 'busybox',
      Cmd: ['cat', '/proc/net/fib_trie'],
      HostConfig: { NetworkMode: 'container:shared-a' },
    };
    const { Id } = bodyOf(await docker('POST /containers/create', body), 201) as { Id: string };
    assert.equal(await docker(`POST /containers/${Id}/start`), empty(204));
    assert.equal(await docker(`POST /containers/${Id}/wait`), json(200, { StatusCode: 0 }));
    const { status } = bodyOf(await hyper('GET /pod/info?podName=shared')) as { status: { podIP: [string] } };
    const logs = await docker(`GET /containers/${Id}/logs?stdout=1`);
    assert.ok(logs.includes(status.podIP[0].split('/')[0] ?? '?'), logs);
    assert.equal(await docker(`DELETE /containers/${Id}`), empty(204));
  });

  it('hold their image', async () => {
    const answer = await docker('DELETE /images/busybox');
    assertConflict(answer, /in use|using/u);
    assertRefused(await hyper('DELETE /image?imageId=busybox'), 409, /in use|using/u);
  });

  it('have no ground to start on while the pod rests, and can be removed then', async () => {
    await killPod(daemon, 'shared');
    for (const request of ['start', 'restart'])
      assertConflict(await docker(`POST /containers/shared-a/${request}`), /pod shared is not running/u);
    assert.deepEqual(await list(), []);
    assert.equal((await list('all=1')).length, 2);
    assert.equal(await docker('DELETE /containers/shared-b'), empty(204));
    assert.deepEqual(
      (await listed(daemon, 'container')).map(([, name]) => name),
      ['shared-a'],
    );
    await startPod(daemon, 'shared');
    assert.equal(await containerWord('shared-a'), 'running');
  });
});

describe('Docker’s containers to hyperd’s clients', () => {
  it('are not there, but in the list where all are asked for', async () => {
    const body = { Image: 'busybox', Cmd: ['true'] };
    const { Id } = bodyOf(await docker('POST /containers/create?name=outside', body), 201) as { Id: string };
    assert.deepEqual(await listed(daemon, 'container'), []);
    assert.equal(
      await hyper('GET /list?item=container&all=yes'),
      json(201, { cData: [`${Id}:outside::pending`], item: 'container' }),
    );
    for (const request of [
      'GET /container/info?container=outside',
      `GET /container/info?container=${Id}`,
      'POST /container/start?container=outside',
      'POST /container/kill?container=outside',
      'POST /container/remove?container=outside',
      'POST /container/rename?oldName=outside&newName=inside',
      'GET /exitcode?container=outside',
    ])
      assertRefused(await hyper(request), 500, /outside|Can not find container by name\([0-9a-f]{64}\)/u);
    assertRefused(await hyper('POST /container/stop?container=outside'), 404, /outside/u);
    assert.equal(await docker('DELETE /containers/outside'), empty(204));
  });
});

describe('events of Docker’s API', () => {
  type Event = {
    readonly Type: string;
    readonly Action: string;
    readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  };

  const seconds = (at: number): string => (at / 1000).toFixed(3);
  let begin = 0;
  let end = 0;

  const events = async (query: string, prefix = ''): Promise<Event[]> => {
    const answer = await docker(
      `GET ${prefix}/events?since=${seconds(begin)}&until=${seconds(end)}&${query}`,
    );
    const [, body = ''] = answer.split(/\n\n([^]*)/u);
    return body
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Event);
  };

  before(async () => {
    begin = Date.now();
    const pod = { id: 'news', labels: { kind: 'test' }, containers: [quick('news-c')] };
    await hyper('POST /pod/create', pod);
    await hyper('POST /pod/start?podId=news');
    await hyper('POST /pod/pause?podId=news');
    await hyper('POST /pod/unpause?podId=news');
    await hyper('POST /pod/kill?podName=news&signal=10');
    await hyper('POST /pod/stop?podId=news');
    await hyper('DELETE /pod?podId=news');
    end = Date.now() + 1;
  });

  it('carry what is done to pods', async () => {
    const found = (await events('')).filter(({ Type }) => Type === 'pod');
    assert.deepEqual(
      found.map(({ Action, Actor }) => [Action, Actor.ID]),
      ['create', 'start', 'pause', 'unpause', 'kill', 'stop', 'destroy'].map((action) => [action, 'news']),
    );
    for (const { Actor } of found) {
      const { signal: _, ...attributes } = Actor.Attributes;
      assert.deepEqual(attributes, { kind: 'test', name: 'news' });
    }
    assert.equal(found[4]?.Actor.Attributes['signal'], '10');
  });

  it('can be asked for by their kind', async () => {
    assert.equal((await events(`filters=${filters({ type: ['pod'] })}`)).length, 7);
    assert.equal((await events(`filters=${filters({ type: ['pod'], event: ['pause'] })}`)).length, 1);
    assert.equal((await events(`filters=${filters({ type: ['pod'], label: ['kind=test'] })}`)).length, 7);
    const containers = await events(`filters=${filters({ type: ['container'] })}`);
    assert.ok(containers.every(({ Type }) => Type === 'container'));
    for (const action of ['create', 'start', 'die', 'destroy'])
      assert.ok(
        containers.some(({ Action, Actor }) => Action === action && Actor.Attributes['name'] === 'news-c'),
      );
    assert.equal(containers[0]?.Actor.Attributes['io.gantry.pod'], 'news');
  });

  it('are of containers alone to clients that know no other kinds', async () => {
    const old = (await events('', '/v1.21')) as unknown as { status: string; id: string }[];
    assert.ok(old.length > 0);
    assert.deepEqual(
      old.filter(({ id }) => id === 'news'),
      [],
    );
  });
});
