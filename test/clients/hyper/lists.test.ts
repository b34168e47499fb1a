import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { idle, killPod, removePod } from '#test/support/hyper/pod-client.ts';
import { assertRefused, bodyOf, DIALECTS, json, tell, tellAs } from '#test/support/hyper/transcript.ts';
import type { Dialect } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

type Lists = { readonly podData: string[]; readonly cData: string[]; readonly vmData: string[] };

const KEYS = { pod: 'podData', container: 'cData', vm: 'vmData' } as const;
type Item = keyof typeof KEYS;

const linesOf = async (item: Item, more = ''): Promise<string[]> => {
  const answer = bodyOf(await tell(daemon, `GET /list?item=${item}${more}`), 201) as Lists;
  return answer[KEYS[item]];
};

const say = async (dialect: Dialect, request: string): Promise<string> => tellAs(daemon, dialect, request);

/** Names of members in the order of the alphabet, capitals first. */
const listText = (age: Dialect['age'], item: Item, lines: readonly string[]): string => {
  const members = [[age === 'legacy' ? 'Item' : 'item', item] as const, [KEYS[item], lines] as const];
  const sorted = members.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return json(age === 'legacy' ? 200 : 201, Object.fromEntries(sorted));
};

describe('lists of nothing', () => {
  for (const dialect of DIALECTS)
    it(`are empty lists: ${dialect.name}`, async () => {
      for (const item of ['pod', 'container', 'vm'] as const)
        assert.equal(await say(dialect, `GET /list?item=${item}`), listText(dialect.age, item, []));
    });
});

describe('lists', () => {
  const IDS = { ended: 'ended', frozen: 'frozen', running: 'running', waiting: 'waiting' } as const;
  const vms = new Map<string, string>();
  const ids = new Map<string, string>();

  before(async () => {
    const ends = (name: string, code: number): object => ({
      name,
      image: 'busybox',
      command: ['sh', '-c', `exit ${code}`],
    });
    const pods = [
      { id: 'ended', containers: [idle('ended-c')] },
      { id: 'frozen', containers: [idle('frozen-c')] },
      { id: 'running', containers: [idle('running-c'), ends('good-c', 0), ends('ill-c', 3)] },
    ];
    for (const pod of pods) {
      await tell(daemon, 'POST /pod/create', { body: pod });
      await tell(daemon, `POST /pod/start?podId=${pod.id}`);
    }
    await tell(daemon, 'GET /exitcode?container=good-c');
    await tell(daemon, 'GET /exitcode?container=ill-c');
    await killPod(daemon, 'ended');
    await tell(daemon, 'POST /pod/pause?podId=frozen');
    await tell(daemon, 'POST /pod/create', { body: { id: 'waiting', containers: [idle('waiting-c')] } });
    for (const id of Object.values(IDS)) {
      const info = bodyOf(await tell(daemon, `GET /pod/info?podName=${id}`)) as {
        vm?: string;
        spec: { containers: { name: string; containerID: string }[] };
      };
      vms.set(id, info.vm ?? '');
      for (const { name, containerID } of info.spec.containers) ids.set(name.slice(1), containerID);
    }
  });
  after(async () => {
    await Promise.all(Object.values(IDS).map(async (id) => removePod(daemon, id)));
  });

  const podLines = (): string[] => [
    'ended:ended::failed',
    `frozen:frozen:${vms.get('frozen')}:paused`,
    `running:running:${vms.get('running')}:running`,
    `waiting:waiting:${vms.get('waiting')}:running`,
  ];

  const containerLines = (mark = ''): string[] => [
    `${ids.get('ended-c')}:${mark}ended-c:ended:failed`,
    `${ids.get('frozen-c')}:${mark}frozen-c:frozen:running`,
    `${ids.get('running-c')}:${mark}running-c:running:running`,
    `${ids.get('good-c')}:${mark}good-c:running:succeeded`,
    `${ids.get('ill-c')}:${mark}ill-c:running:failed`,
    `${ids.get('waiting-c')}:${mark}waiting-c:waiting:pending`,
  ];

  const vmLines = (): string[] => [
    `${vms.get('frozen')}:frozen:paused`,
    `${vms.get('running')}:running:associated`,
    `${vms.get('waiting')}:waiting:associated`,
  ];

  it('of VMs have ids of ten letters', () => {
    assert.equal(vms.get('ended'), '');
    for (const id of ['frozen', 'running', 'waiting']) assert.match(vms.get(id) ?? '', /^vm-[A-Za-z]{10}$/u);
  });

  for (const dialect of DIALECTS) {
    const { age } = dialect;
    it(`in the dialect ${dialect.name}`, async () => {
      const mark = age === 'modern' ? '' : '/';
      assert.equal(await say(dialect, 'GET /list?item=pod'), listText(age, 'pod', podLines()));
      assert.equal(
        await say(dialect, 'GET /list?item=container'),
        listText(age, 'container', containerLines(mark)),
      );
      assert.equal(await say(dialect, 'GET /list?item=vm'), listText(age, 'vm', vmLines()));
      // Helpers of service discovery: there are none.
      assert.equal(await say(dialect, 'GET /list?item=pod&auxiliary=yes'), listText(age, 'pod', podLines()));
    });
  }

  it('have slashes for kubelet, which says no release, and for whom says an older one: one slash', async () => {
    const agent = 'kubelet';
    const request = 'GET /list?item=container';
    const slashed = listText('modern', 'container', containerLines('/'));
    for (const name of [agent, 'kubelet/v1.1.0 (linux/amd64) kubernetes/aea7bbadd2'])
      assert.equal(await tell(daemon, request, { agent: name }), slashed);
    assert.equal(await tell(daemon, request.replace('/', '/v0.7.0/'), { agent }), slashed);
    assert.equal(
      await tell(daemon, request, { agent: 'not-kubelet' }),
      listText('modern', 'container', containerLines()),
    );
    assert.equal(await tell(daemon, 'GET /list?item=pod', { agent }), listText('modern', 'pod', podLines()));
  });

  it('are of pods where nothing is said, and of nothing else', async () => {
    for (const query of ['', '?item=', '?item=pod'])
      assert.equal(await tell(daemon, `GET /list${query}`), listText('modern', 'pod', podLines()));
    for (const item of ['pods', 'image', 'POD', 'toString'])
      assertRefused(
        await tell(daemon, `GET /list?item=${item}`),
        500,
        new RegExp(`support ${item} list`, 'u'),
      );
  });

  it('may be of one pod or one VM', async () => {
    const vm = vms.get('running') ?? '';
    assert.deepEqual(await linesOf('pod', '&pod=frozen'), [podLines()[1]]);
    assert.deepEqual(await linesOf('pod', `&vm=${vm}`), [podLines()[2]]);
    assert.deepEqual(await linesOf('pod', `&pod=frozen&vm=${vm}`), []);
    assert.deepEqual(await linesOf('container', '&pod=running'), containerLines().slice(2, 5));
    assert.deepEqual(await linesOf('container', `&vm=${vm}`), containerLines().slice(2, 5));
    assert.deepEqual(await linesOf('vm', '&pod=frozen'), [vmLines()[0]]);
    assert.deepEqual(await linesOf('vm', `&vm=${vm}`), [vmLines()[1]]);
    assert.deepEqual(await linesOf('vm', '&pod=ended'), []);
    assert.deepEqual(await linesOf('pod', '&pod=&vm='), podLines());
  });

  it('of a pod or a VM that nobody knows are empty, and an error to older clients', async () => {
    for (const item of ['pod', 'container', 'vm'] as const)
      for (const filter of ['pod=nobody', 'vm=vm-nobody']) {
        assert.deepEqual(await linesOf(item, `&${filter}`), []);
        for (const prefix of ['/v0.4.0', '/v0.7.0'])
          assertRefused(await tell(daemon, `GET ${prefix}/list?item=${item}&${filter}`), 500, /nobody/u);
      }
  });

  it('have containers of no pod only on request', async () => {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
      query: { name: 'outside' },
      body: { Image: 'busybox', Cmd: ['true'] },
    });
    assert.deepEqual(await linesOf('container'), containerLines());
    assert.deepEqual(await linesOf('container', '&all=no'), containerLines());
    assert.deepEqual(await linesOf('container', '&all=yes'), [...containerLines(), `${Id}:outside::pending`]);
    assert.deepEqual(await linesOf('container', '&all=yes&pod=frozen'), [containerLines()[1]]);
    assert.deepEqual(await linesOf('pod', '&all=yes'), podLines());
    await daemon.client.json('DELETE', `/containers/${Id}`);
  });
});
