import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

type Told = readonly [status: number, text: string];

describe('containers that another one needs', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(() => daemon[Symbol.asyncDispose]());

  const call = async (method: string, path: string, body?: object): Promise<Told> => {
    const { status, text } = await ask(daemon.socket, method, path, body === undefined ? {} : { body });
    return [status, text.trim()];
  };
  const create = (version: string, name: string, body: object): Promise<Told> =>
    call('POST', `/v${version}/containers/create?name=${name}`, {
      Image: 'busybox',
      Cmd: ['sleep', '600'],
      ...body,
    });
  const start = (version: string, name: string, body?: object): Promise<Told> =>
    call('POST', `/v${version}/containers/${name}/start`, body);
  const run = async (name: string, body: object = {}): Promise<void> => {
    assert.equal((await create('1.51', name, body))[0], 201);
    assert.equal((await start('1.51', name))[0], 204);
  };

  for (const [member, word] of [
    ['NetworkMode', 'network'],
    ['IpcMode', 'IPC'],
    ['PidMode', 'PID'],
  ] as const) {
    const joining = (name: string): object => ({ HostConfig: { [member]: `container:${name}` } });

    it(`is looked for at start up to API 1.21, at create later: ${member}`, async () => {
      const late = `late-${word}`.toLowerCase();
      assert.equal((await create('1.21', late, joining(`${late}-target`)))[0], 201);
      assert.deepEqual(await start('1.21', late), [
        500,
        `Cannot start container ${late}: no such container: ${late}-target`,
      ]);
      await run(`${late}-target`, { HostConfig: { IpcMode: 'shareable' } });
      assert.equal((await start('1.21', late))[0], 204);
      const [status, text] = await create('1.22', `${late}-22`, joining('nobody'));
      assert.equal(status, 400);
      assert.match(text, /[Nn]o such container: nobody/u);
    });

    it(`that is itself, or does not run, is refused in a sentence of its own: ${member}`, async () => {
      for (const version of ['1.18', '1.21', '1.22', '1.51']) {
        const name = `me-${word}-${version}`.toLowerCase();
        assert.equal((await create(version, name, joining(name)))[0], 201, version);
        const [status, text] = await start(version, name);
        assert.equal(status, 500, text);
        assert.match(text, new RegExp(`cannot join own ${word}`, 'u'), version);
      }
      const asleep = `asleep-${word}`.toLowerCase();
      await create('1.51', asleep, {});
      await create('1.51', `${asleep}-joining`, joining(asleep));
      const [status, text] = await start('1.51', `${asleep}-joining`);
      assert.equal(status, 409);
      assert.match(text, new RegExp(`cannot join ${word} of a non running container: [0-9a-f]{64}`, 'u'));
    });
  }

  it('for its namespaces, sent with start, is found out there', async () => {
    assert.equal((await create('1.14', 'old', {}))[0], 201);
    const [status, text] = await start('1.14', 'old', { NetworkMode: 'container:nobody' });
    assert.deepEqual([status, text], [500, 'Cannot start container old: no such container: nobody']);
    assert.equal((await start('1.14', 'old', { NetworkMode: 'bridge' }))[0], 204);
  });

  it('for its volumes is looked for at start up to API 1.14', async () => {
    const missing = 'Cannot start container v-old: Container data not found. Impossible to mount its volumes';
    assert.equal((await create('1.14', 'v-old', { VolumesFrom: 'data', Volumes: { '/own': {} } }))[0], 201);
    assert.deepEqual(await start('1.14', 'v-old'), [406, missing]);
    assert.deepEqual(await start('1.14', 'v-old', { VolumesFrom: ['data'] }), [406, missing]);
    await create('1.51', 'data', { Volumes: { '/shared': {} } });
    assert.equal((await start('1.14', 'v-old'))[0], 204);
    const { Volumes } = JSON.parse((await call('GET', '/v1.14/containers/v-old/json'))[1]) as {
      Volumes: Record<string, string>;
    };
    assert.deepEqual(Object.keys(Volumes).toSorted(), ['/own', '/shared']);
    for (const [version, refused] of [
      ['1.15', 404],
      ['1.21', 404],
      ['1.51', 400],
    ] as const) {
      const [status, text] = await create(version, `v-${version}`, {
        HostConfig: { VolumesFrom: ['nobody'] },
      });
      assert.equal(status, refused, text);
    }
    const [, { length }] = await call('GET', '/v1.51/volumes');
    assert.ok(length > 0);
  });
});
