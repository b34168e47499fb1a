import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { create } from '#test/support/faults/containers.ts';
import { assertNoLeaks, assertRecordsMatch, listFolder } from '#test/support/faults/machine.ts';
import {
  addressOf,
  createPod,
  herald,
  idle,
  listed,
  refusalOf,
  removePod,
  runPod,
} from '#test/support/hyper/pod-client.ts';
import { ask } from '#test/support/versions/ask.ts';
import { toTag } from '#tools/leaks/records.mjs';

/** A create that fails half-way leaves nothing, and its names are free at once. */
const base = 14_000 + (process.pid % 900);
const MEGABYTE = 1024 * 1024;

let daemon: TestDaemon;
let folder: string;
let disk: string;
let server: Server;
let neighbour: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-half-'));
  disk = join(folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'gantry-half', disk]);
  daemon = await TestDaemon.start({ dataRoot: join(disk, 'data') });
  server = createServer().listen(base, '0.0.0.0');
  await once(server, 'listening');
  await runPod(daemon, {
    id: 'neighbour',
    portmappings: [{ containerPort: '80', hostPort: String(base + 1) }],
    containers: [herald('neighbour-web', 80)],
  });
  neighbour = await addressOf(daemon, 'neighbour');
  await create(daemon, 'true', {}, 'docker-one');
});
after(async () => {
  server.close();
  free();
  try {
    await daemon[Symbol.asyncDispose]();
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmSync(folder, { recursive: true });
  }
});

/** To the last block. */
const fill = (): void => {
  const { bavail, bsize } = statfsSync(disk);
  execFileSync('fallocate', ['-l', String(bavail * bsize), join(disk, 'filling')]);
};

const free = (): void => rmSync(join(disk, 'filling'), { force: true });

const volumes = { volumes: [{ path: '/data', volume: 'data' }] };
const inFirst = (rest: object): object => ({
  containers: [idle('half-one', { ...volumes, ...rest }), idle('half-two')],
});
const port = (hostPort: number): object => ({
  portmappings: [
    { containerPort: '80', hostPort: String(base + 5) },
    { containerPort: '81', hostPort: String(hostPort) },
  ],
});

/** A pod that could be made. */
const WHOLE = { id: 'half', volumes: [{ name: 'data' }], ...port(base + 6), ...inFirst({}) };

const second = (two: object): object => ({ containers: [idle('half-one', volumes), two] });

/** What is wrong with it, how that is told, and what must be wrong with the machine for it. */
const FAULTS: readonly (readonly [what: string, status: number, words: RegExp, change: () => object])[] = [
  [
    'a directory of the host that is not there',
    500,
    /\/nowhere\/at-all/u,
    () => ({ volumes: [{ name: 'data' }, { name: 'far', format: 'vfs', source: '/nowhere/at-all' }] }),
  ],
  [
    'one that only a container names',
    500,
    /\/nowhere\/at-all/u,
    () =>
      second(
        idle('half-two', {
          volumes: [{ path: '/far', detail: { name: 'far', format: 'vfs', source: '/nowhere/at-all' } }],
        }),
      ),
  ],
  ['a port that another program has', 500, new RegExp(String(base), 'u'), () => port(base)],
  ['a port that another pod has', 500, new RegExp(String(base + 1), 'u'), () => port(base + 1)],
  [
    'an image that is not there',
    404,
    /[Nn]o such image/u,
    () => second({ image: 'nowhere/none', name: 'half-two' }),
  ],
  ['a name that a container has', 409, /[Cc]onflict/u, () => second(idle('docker-one'))],
  ['a name that a container of another pod has', 500, /neighbour-web/u, () => second(idle('neighbour-web'))],
  ['two containers of one name', 500, /half-one/u, () => second(idle('half-one'))],
  [
    'an address that another pod has',
    500,
    /in use/u,
    () => ({ interfaces: [{}, { bridge: 'hyper0', ip: `${neighbour}/24`, ifname: 'eth1' }] }),
  ],
  [
    'a kernel setting that is none',
    500,
    /net\.nonsense/u,
    () => inFirst({ sysctl: { 'net.nonsense.at_all': '1' } }),
  ],
];

/** Tables, links and groups of pods; folders of containers and volumes. */
const nothingOfIt = async (): Promise<void> => {
  assert.deepEqual(
    (await listed(daemon, 'pod')).map(([id]) => id),
    ['neighbour'],
  );
  assert.deepEqual(
    (await listed(daemon, 'container')).map(([, name]) => name),
    ['neighbour-web'],
  );
  const [vm, ...others] = await listed(daemon, 'vm');
  assert.deepEqual([vm?.[1], others], ['neighbour', []]);
  assert.deepEqual(listFolder(`${daemon.dataRoot}/pods`), []);
  assert.equal(listFolder(`${daemon.execRoot}/sandboxes`).length, 1);
  const { Volumes } = await daemon.client.json<{ Volumes: object[] | null }>('GET', '/volumes');
  assert.deepEqual(Volumes ?? [], []);
  const table = execFileSync('nft', ['list', 'table', 'inet', `gantry_${toTag(daemon.dataRoot)}`], {
    encoding: 'utf8',
  });
  for (const one of [base, base + 5, base + 6]) assert.ok(!table.includes(` ${one} `), table);
  await assertRecordsMatch(daemon, ['neighbour']);
};

describe('a pod that cannot be made is not there', () => {
  for (const [what, status, words, change] of FAULTS) {
    it(what, async () => {
      const wrong = { ...WHOLE, ...change() };
      const refusal = await refusalOf(createPod(daemon, wrong));
      assert.deepEqual([refusal.status, words.test(refusal.message)], [status, true], refusal.message);
      // At once.
      await createPod(daemon, WHOLE);
      await removePod(daemon, 'half');
      await nothingOfIt();
      const args = encodeURIComponent(JSON.stringify(wrong));
      const old = await ask(daemon.hyperSocket, 'POST', `/v0.4.0/pod/run?podArgs=${args}`);
      // Names were the image engine's to those clients, and a taken one its conflict.
      const oldStatus = what === 'a name that a container of another pod has' ? 409 : status;
      assert.deepEqual([old.status, words.test(old.text)], [oldStatus, true], old.text);
      await nothingOfIt();
    });
  }

  for (const [what, rest, words] of [
    ['a command that is not there', { command: ['/none'] }, /\/none/u],
    ['a user that its image does not know', { user: { name: 'nobody-here' } }, /nobody-here/u],
  ] as const) {
    it(`${what}, where it is made and started in one`, async () => {
      const wrong = { ...WHOLE, ...second({ ...idle('half-two'), ...rest }) };
      const args = encodeURIComponent(JSON.stringify(wrong));
      const { status, text } = await ask(daemon.hyperSocket, 'POST', `/v0.4.0/pod/run?podArgs=${args}`);
      assert.deepEqual([status, words.test(text)], [500, true], text);
      await nothingOfIt();
      // Made alone it is there, and can be looked at when its start has failed.
      await createPod(daemon, wrong);
      const refusal = await refusalOf(daemon.pods.json('POST', '/pod/start', { query: { podId: 'half' } }));
      assert.deepEqual([refusal.status, words.test(refusal.message)], [500, true], refusal.message);
      await removePod(daemon, 'half');
      await nothingOfIt();
    });
  }

  it('a disk that is full', async () => {
    const content = Buffer.alloc(2 * MEGABYTE, 'x').toString();
    const big = {
      ...WHOLE,
      files: [{ name: 'big', encoding: 'raw', content }],
      ...inFirst({ files: [{ path: '/big', filename: 'big', perm: '0644' }] }),
    };
    fill();
    const { message } = await refusalOf(createPod(daemon, big));
    assert.match(message, /no space left on device|full|cannot be written/iu);
    free();
    await createPod(daemon, big);
    await removePod(daemon, 'half');
    await nothingOfIt();
  });

  it('nor is a container that cannot be added to one', async () => {
    const add = (body: object): Promise<unknown> =>
      daemon.pods.json('POST', '/container/create', { query: { podId: 'neighbour' }, body });
    for (const [body, status] of [
      [{ name: 'guest', image: 'nowhere/none' }, 404],
      [
        idle('guest', {
          volumes: [
            { path: '/mine', detail: { name: 'mine' } },
            { path: '/far', detail: { name: 'far', format: 'vfs', source: '/nowhere/at-all' } },
          ],
        }),
        500,
      ],
      [idle('guest', { volumes: [{ path: '/x', volume: 'unknown' }] }), 500],
      [idle('docker-one'), 409],
    ] as const) {
      assert.equal((await refusalOf(add(body))).status, status, JSON.stringify(body));
      await nothingOfIt();
      await add(idle('guest'));
      await daemon.pods.json('POST', '/container/remove', { query: { container: 'guest' } });
    }
    await nothingOfIt();
  });

  it('and nothing is left on the machine', async () => assertNoLeaks(daemon));
});
