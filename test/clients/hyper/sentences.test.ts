import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { idle, listed, removePod } from '#test/support/hyper/pod-client.ts';
import { bodyOf, plain, tell } from '#test/support/hyper/transcript.ts';
import type { Telling } from '#test/support/hyper/transcript.ts';

/**
 * Errors in hyperd's own words, its slips of the pen included: scripts of its users look for them. One column for each
 * generation; `same` is what the one before says, `-` what it did not say or had no route for.
 */

let daemon: TestDaemon;
const ids = new Map<string, string>();

before(async () => {
  daemon = await TestDaemon.start();
  const pods = [
    { id: 'up', labels: { a: 'b' }, containers: [idle('up-c', { StopSignal: 'KILL' })] },
    { id: 'rest', containers: [idle('rest-c', { StopSignal: 'KILL' })] },
    { id: 'cold', containers: [idle('cold-c', { StopSignal: 'KILL' })] },
  ];
  for (const body of pods) await tell(daemon, 'POST /pod/create', { body });
  for (const { id } of pods) await tell(daemon, `POST /pod/start?podId=${id}`);
  await tell(daemon, 'POST /pod/kill?podName=rest&signal=9');
  await tell(daemon, 'POST /pod/pause?podId=cold');
  for (const [id = '', name = ''] of await listed(daemon, 'container')) ids.set(name, id);
});
after(async () => {
  for (const id of ['up', 'rest', 'cold']) await removePod(daemon, id);
  await daemon[Symbol.asyncDispose]();
});

type Said = string | readonly [status: number, message: string];
type Row = readonly [request: string, modern: Said, middle: Said, legacy: Said];

const SERVICES = encodeURIComponent('[]');

const ROWS: readonly Row[] = [
  // Pods that nobody knows.
  [
    'GET /pod/info?podName=x',
    'Can not get Pod info with pod ID(x)',
    'Can not get Pod info with pod name(x)',
    'same',
  ],
  ['GET /pod/info?podName=pod-x', 'Can not get Pod info with pod ID(pod-x)', 'same', 'same'],
  ['GET /pod/info', 'Can not get Pod info with pod ID()', 'Can not get Pod info with pod name()', 'same'],
  [
    'GET /pod/stats?podId=x',
    'Can not get Pod stats with pod ID(x)',
    'Can not get Pod stats with pod name(x)',
    '-',
  ],
  ['POST /pod/start?podId=x', 'The pod(x) can not be found, please create it first', 'same', 'same'],
  ['POST /pod/stop?podId=x', 'Can not find pod(x)', 'same', 'same'],
  ['DELETE /pod?podId=x', 'Can not find that Pod(x)', 'same', '-'],
  ['POST /pod/remove?podId=x', 'Can not find that Pod(x)', 'same', 'same'],
  ['POST /pod/kill?podName=x', 'can not find pod x', 'same', '-'],
  ['POST /pod/pause?podId=x', 'Can not get Pod info with pod ID(x)', 'same', '-'],
  ['POST /pod/unpause?podId=x', 'Can not get Pod info with pod ID(x)', 'same', '-'],
  [
    'POST /pod/labels?podId=x&labels=%7B%7D',
    'Can not get Pod x info',
    'Can not get Pod info with pod name(x)',
    '-',
  ],
  ['GET /pod/x/portmappings', [404, 'Pod x not found'], '-', '-'],
  [
    'GET /service/list?podId=x',
    'The pod(x) can not be found, please create it first',
    'Cannot find Pod x',
    '-',
  ],
  [
    `POST /service/add?podId=x&services=${SERVICES}`,
    'The pod(x) can not be found, please create it first',
    'Cannot find Pod x',
    '-',
  ],
  [
    `DELETE /service?podId=x&services=${SERVICES}`,
    'The pod(x) can not be found, please create it first',
    'Cannot find Pod x',
    '-',
  ],
  ['GET /list?item=pods', 'Can not support pods list!', 'same', 'same'],
  ['GET /list?item=pod&pod=x', '-', 'Cannot find specified pod x', '-'],
  ['GET /list?item=pod&vm=x', '-', 'Cannot find specified vm x', '-'],
  // Containers that nobody knows.
  ['GET /container/info?container=x', 'Can not find container by name(x)', 'same', 'same'],
  ['GET /container/info?container=', 'Empty container name', 'Null container name', 'same'],
  ['GET /container/info', 'Empty container name', 'Null container name', 'same'],
  ['POST /container/start?container=x', 'The container (x) can not be found', '-', '-'],
  ['POST /container/stop?container=x', [404, 'can not found container x'], 'same', '-'],
  ['POST /container/kill?container=x', 'can not find container x', 'same', '-'],
  ['POST /container/remove?container=x', 'cannot find container x', '-', '-'],
  [
    'POST /container/rename?oldName=x&newName=yy',
    'caonnot find pod contains container x to rename',
    [404, 'No such container: x'],
    'same',
  ],
  ['POST /container/commit?container=x', [404, 'No such container: x'], 'same', 'same'],
  ['GET /exitcode?container=x', 'cannot find container x', 'same', '-'],
  ['GET /exitcode?container=x&exec=exec-a', 'cannot find container x', 'same', '-'],
  ['POST /exec/create?container=x&command=%5B%22a%22%5D', 'cannot find container x', 'same', '-'],
  ['POST /tty/resize?container=x&h=1&w=1', 'cannot find container x', 'Can not find that container!', 'same'],
  [
    'POST /pod/kill?podName=up&container=x',
    'can not get container x in pod up',
    'can not find container x',
    '-',
  ],
  // States.
  ['GET /pod/stats?podId=rest', 'Can not get pod stats for non-running pod (rest)', 'same', '-'],
  ['POST /pod/pause?podId=rest', 'pause: pod state is not valid: 4', 'Can not find VM whose Id is !', '-'],
  ['POST /pod/pause?podId=cold', 'pause: pod state is not valid: 3', 'same', '-'],
  ['POST /pod/unpause?podId=rest', 'unpause: pod state is not valid: 4', 'pod is not paused', '-'],
  ['POST /pod/unpause?podId=up', 'unpause: pod state is not valid: 2', 'pod is not paused', '-'],
  ['POST /pod/start?podId=up', '-', 'pod up is already running', 'same'],
  ['POST /pod/kill?podName=rest&signal=15', '-', 'container  is stopped', '-'],
  ['POST /container/start?container=rest-c', 'not ready for start p: 4, c: 2', '-', '-'],
  [
    'POST /container/stop?container=rest-c',
    'pod is not running, cannot stop container',
    'pod is not started yet',
    '-',
  ],
  [
    'POST /pod/labels?podId=up&labels=%7B%22a%22%3A%22c%22%7D',
    "Can't update label a without override flag",
    "Can't update label a without override",
    '-',
  ],
  ['POST /pod/labels?podId=up', 'unexpected end of JSON input', 'same', '-'],
  // What is missing or none.
  [
    'GET /container/logs?container=up-c',
    [400, 'Bad parameters: you must choose at least one stream'],
    'same',
    '-',
  ],
  ['DELETE /image?imageId=', 'image name cannot be blank', 'same', '-'],
  ['DELETE /image?imageId=nobody', [404, 'No such image: nobody:latest'], 'same', '-'],
  ['POST /vm/kill?vm=vm-x', '-', '-', 'Can not find the VM(vm-x)'],
  ['POST /pod/start?podId=rest&vmId=vm-x', '-', "The VM vm-x doesn't exist", 'same'],
];

const GENERATIONS = [
  { name: '1.1', prefix: '/v1.1.0', column: 1 },
  { name: '0.7', prefix: '/v0.7.0', column: 2 },
  { name: '0.4', prefix: '/v0.4.0', column: 3 },
] as const;

const saidIn = (row: Row, column: 1 | 2 | 3): Said | undefined => {
  const said = row[column];
  if (said === '-') return undefined;
  return said === 'same' && column > 1 ? saidIn(row, (column - 1) as 1 | 2) : said;
};

for (const { name, prefix, column } of GENERATIONS)
  describe(`hyperd ${name} says of`, () => {
    for (const row of ROWS) {
      const said = saidIn(row, column);
      if (said === undefined) continue;
      const [status, message] = typeof said === 'string' ? ([500, said] as const) : said;
      it(row[0], async () =>
        assert.equal(await tell(daemon, row[0].replace(' ', ` ${prefix}`)), plain(status, message)),
      );
    }
  });

type Spec = Record<string, unknown>;

const container = (more: Spec = {}): Spec => ({ name: 'bad-c', image: 'busybox', ...more });
const two = (one: unknown): unknown[] => [one, one];
const withContainer = (more: Spec): Spec => ({
  containers: [container(), { ...container(more), name: 'bad-d' }],
});
const mapping = (containerPort: string, hostPort: string, protocol = 'tcp'): Spec => ({
  portmappings: [{ containerPort, hostPort, protocol }],
});
const service = { serviceIP: '10.254.0.1', servicePort: 80, protocol: 'tcp', hosts: [] };

/** Of specifications all generations say the same, where they have the member. */
const SPECS: readonly (readonly [spec: Spec, message: string])[] = [
  [{ hostname: 'a'.repeat(64) }, 'Hostname exceeds the maximum length 63, len: 64'],
  [
    { hostname: 'Web' },
    'Hostname should fullfil the pattern: [a-z0-9]([-a-z0-9]*[a-z0-9])?, input hostname: Web',
  ],
  [
    { interfaces: two({ gateway: '10.0.0.1' }) },
    'in interface 1, Other interface already configured Gateway',
  ],
  [{ interfaces: [{ bridge: 'br0' }] }, 'if configured a bridge, must specify the IP address'],
  [{ volumes: two({ name: 'v' }) }, 'Volumes name does not unique'],
  [{ files: two({ name: 'f' }) }, 'Files name does not unique'],
  [{ services: two(service) }, 'Services IP:Port@Protocol combination does not unique'],
  [{ services: [{ ...service, protocol: 'sctp' }] }, 'unsupported service protocol type: sctp'],
  [{ services: [{ ...service, servicePort: 0 }] }, 'invlide service format, missing service IP or Port'],
  [
    { volumes: [{ name: 'v' }], ...withContainer({ volumes: two({ path: '/a', volume: 'v' }) }) },
    'in container 1, volume source are not unique',
  ],
  [withContainer({ envs: two({ env: 'A', value: '1' }) }), 'in container 1, environment name are not unique'],
  [
    withContainer({ files: [{ path: '/a', filename: 'no' }] }),
    'in container 1, file no does not exist in file list.',
  ],
  [
    { files: [{ name: 'f' }], ...withContainer({ files: [{ path: '/a', filename: 'f', perm: '9' }] }) },
    'in container 1, the permission 9 only accept Octal digital in string',
  ],
  [
    withContainer({ volumes: [{ path: '/a', volume: 'no' }] }),
    'in container 1, volume no does not exist in volume list.',
  ],
  [withContainer({ cache: 'fast' }), 'in volume 1, does not support cache fast.'],
  [
    { volumes: [{ name: 'u' }, { name: 'v', format: 'zip' }] },
    'in volume 1, volume does not support driver zip.',
  ],
  [
    { volumes: [{ name: 'u' }, { name: 'v', cache: 'fast' }] },
    'in volume 1, volume does not support cache fast.',
  ],
  [{ dns: ['192.0.2.1', 'no'] }, 'incorrect dns no.'],
  [mapping('20-22', '10-11'), 'port range mismatch: 10-11 vs 20-22'],
  [mapping('90-80', '90'), 'max 80 is smaller than min 90'],
  [mapping('http', '80'), 'strconv.ParseUint: parsing "http": invalid syntax'],
  [mapping('80', '70000'), 'strconv.ParseUint: parsing "70000": value out of range'],
  [mapping('80', '8-x'), 'strconv.ParseUint: parsing "x": invalid syntax'],
  [mapping('80', '80', 'sctp'), 'unrecongnized protocol sctp'],
  [
    { containers: [container({ name: 'a:b' })] },
    'Invalid container name (a:b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
  ],
];

describe('of a pod that cannot be, it says', () => {
  for (const [spec, message] of SPECS)
    it(message, async () => {
      const body = { id: 'bad', containers: [container()], ...spec };
      for (const prefix of ['/v1.1.0', '/v0.7.0'])
        assert.equal(await tell(daemon, `POST ${prefix}/pod/create`, { body }), plain(500, message), prefix);
      const args = encodeURIComponent(JSON.stringify(body));
      assert.equal(await tell(daemon, `POST /v0.4.0/pod/create?podArgs=${args}`), plain(500, message));
    });
});

describe('of creates it says', () => {
  const create = (prefix: string, telling: Telling): Promise<string> =>
    tell(daemon, `POST ${prefix}/pod/create`, telling);

  it('whose a taken name is', async () => {
    assert.equal(
      await create('', { body: { id: 'up', containers: [] } }),
      plain(500, 'pod name up has already in use'),
    );
    const body = { id: 'other', containers: [container({ name: 'up-c' })] };
    const taken = plain(500, 'the container name up-c has already taken by pod up');
    assert.equal(await create('', { body }), taken);
    const more = { body: container({ name: 'up-c' }) };
    assert.equal(await tell(daemon, 'POST /container/create?podId=up', more), taken);
    const conflict = `Conflict. The name "/up-c" is already in use by container ${ids.get('up-c')}. You have to remove (or rename) that container to be able to reuse that name.`;
    assert.equal(await create('/v0.7.0', { body }), plain(409, conflict));
  });

  it('which image is missing, to the oldest in the words for which they pull', async () => {
    const body = { id: 'other', containers: [container({ image: 'nobody/has' })] };
    const words = 'No such image: nobody/has:latest';
    for (const prefix of ['', '/v0.7.0']) assert.equal(await create(prefix, { body }), plain(404, words));
    const args = encodeURIComponent(JSON.stringify(body));
    assert.equal(
      await tell(daemon, `POST /v0.4.0/pod/create?podArgs=${args}`),
      plain(404, `${words}: could not find image: no such id`),
    );
  });

  it('what is missing', async () => {
    const type = 'application/json';
    const nothing = plain(500, 'unexpected end of JSON input');
    assert.equal(await create('', { type }), nothing);
    assert.equal(await tell(daemon, 'POST /container/create?podId=up', { type }), nothing);
    assert.equal(
      await tell(daemon, 'POST /container/create', { body: container() }),
      plain(500, 'podId is required to create a new container'),
    );
    assert.equal(
      await tell(daemon, 'POST /container/create?podId=x', { body: container() }),
      plain(500, 'The pod(x) can not be found'),
    );
    assert.equal(
      await tell(daemon, 'POST /container/create?podId=rest', { body: container() }),
      plain(500, 'pod is not running'),
    );
    const empty = { body: { id: 'none', containers: [] } };
    assert.equal(
      await create('/v0.5.0', empty),
      plain(500, 'Please correct your POD file, the container section can not be null!'),
    );
    const bare = { body: { id: 'none', containers: [{ name: 'bad-c' }] } };
    assert.equal(
      await create('/v0.7.0', bare),
      plain(500, 'Please specific your image for your container, it can not be null!'),
    );
  });
});

describe('of ports and services it says', () => {
  it('what of them cannot be', async () => {
    const put = (action: string, telling: Telling): Promise<string> =>
      tell(daemon, `PUT /pod/up/portmappings/${action}`, telling);
    assert.equal(await put('change', { body: [] }), plain(400, 'Only add or delete operation are permitted'));
    assert.match(
      await put('add', { body: '{', type: 'application/json' }),
      /^HTTP\/1\.1 400 .*\n.*\n\nfailed to parse json: /u,
    );
    assert.equal(
      await put('add', { body: [{ containerPort: '20-22', hostPort: '10-11' }] }),
      plain(500, 'port range mismatch: 10-11 vs 20-22'),
    );
    const words = encodeURIComponent(JSON.stringify([service]));
    bodyOf(await tell(daemon, `POST /service/add?podId=up&services=${words}`));
    assert.equal(
      await tell(daemon, `POST /service/add?podId=up&services=${words}`),
      plain(409, 'service 10.254.0.1:80@tcp conflicts with existing ones'),
    );
    const twice = encodeURIComponent(JSON.stringify([service, service]));
    assert.equal(
      await tell(daemon, `POST /service/update?podId=up&services=${twice}`),
      plain(409, 'given service list conflict: 10.254.0.1:80@tcp'),
    );
  });

  it('and of logs, in the stream', async () => {
    const answer = await tell(daemon, 'GET /container/logs?container=x&stdout=yes');
    assert.equal(answer, plain(200, 'Error running logs job: cannot find container x'));
  });

  it('and of commands that nobody has made', async () => {
    const id = ids.get('up-c');
    assert.equal(
      await tell(daemon, 'GET /exitcode?container=up-c&exec=exec-a'),
      plain(500, `no exec exec-a exists for container ${id}`),
    );
    assert.equal(
      await tell(daemon, 'GET /v0.7.0/exitcode?container=up-c&exec=exec-a'),
      plain(500, 'cannot find exec exec-a'),
    );
  });
});
