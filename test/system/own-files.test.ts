import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readTar } from '#formats/tar/read-tar.ts';
import { writeTar } from '#formats/tar/write-tar.ts';
import { TestDaemon } from '#test/support/daemon.ts';

const ETC = ['hostname', 'hosts', 'resolv.conf'];
const GROUND = [
  '.dockerenv',
  'dev/console',
  'dev/pts',
  'dev/shm',
  'etc/hostname',
  'etc/hosts',
  'etc/mtab',
  'etc/resolv.conf',
  'proc',
  'sys',
];

/** The files that the engine puts into each container, before its first run and after its last. */
describe('files of the engine in a container that does not run', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const make = async (host: object = {}): Promise<string> => {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
      body: { Image: 'busybox', Cmd: ['true'], Hostname: 'mine', HostConfig: host },
    });
    return Id;
  };

  const ran = async (host: object = {}): Promise<string> => {
    const id = await make(host);
    await daemon.client.json('POST', `/containers/${id}/start`);
    await daemon.client.json('POST', `/containers/${id}/wait`);
    return id;
  };

  const open = (path: string, method = 'GET'): Promise<AsyncIterable<Uint8Array>> =>
    daemon.client.open(method, path);

  const contentOf = async (path: string): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    for await (const { path: name, content } of readTar(await open(path)))
      found[name.toString().replace(/\/$/, '')] = Buffer.concat(await Array.fromAsync(content)).toString();
    return found;
  };

  test('never started: all are there and empty, and no change', async () => {
    const id = await make();
    for (const path of GROUND) await open(`/containers/${id}/archive?path=/${path}`, 'HEAD');
    assert.deepEqual(await contentOf(`/containers/${id}/archive?path=/etc/hosts`), { hosts: '' });
    const exported = await contentOf(`/containers/${id}/export`);
    for (const path of GROUND) assert.equal(exported[path], '', path);
    assert.deepEqual((await daemon.client.json('GET', `/containers/${id}/changes`)) ?? [], []);
  });

  test('stopped: as they were in the last run, alone and with the whole directory', async () => {
    const id = await ran();
    const etc = await contentOf(`/containers/${id}/archive?path=/etc`);
    assert.equal(etc['etc/hostname'], 'mine\n');
    assert.match(etc['etc/hosts'] ?? '', /\tmine\n/);
    assert.match(etc['etc/resolv.conf'] ?? '', /nameserver/);
    for (const name of ETC)
      assert.deepEqual(await contentOf(`/containers/${id}/archive?path=/etc/${name}`), {
        [name]: etc[`etc/${name}`],
      });
    const exported = await contentOf(`/containers/${id}/export`);
    for (const name of ETC) assert.equal(exported[`etc/${name}`], '', name);
    assert.deepEqual((await daemon.client.json('GET', `/containers/${id}/changes`)) ?? [], []);
  });

  test('stopped: what is mounted over one of them is what shows', async () => {
    const id = await ran({ Binds: ['/etc/passwd:/etc/hosts:ro'] });
    const { hosts } = await contentOf(`/containers/${id}/archive?path=/etc/hosts`);
    assert.match(hosts ?? '', /^root:/);
  });

  test('stopped: a file copied onto one of them is written into it', async () => {
    const id = await ran();
    const header = { kind: 'file' as const, path: 'hosts', mode: 0o644 };
    const upload = writeTar([{ header, content: Buffer.from('new') }]);
    await daemon.client.open('PUT', `/containers/${id}/archive?path=/etc`, { upload });
    assert.deepEqual(await contentOf(`/containers/${id}/archive?path=/etc/hosts`), { hosts: 'new' });
  });

  test('committed: none of them is in the new layer', async () => {
    const id = await ran();
    const { Id } = await daemon.client.json<{ Id: string }>('POST', `/commit?container=${id}`);
    const { RootFS, Size } = await daemon.client.json<{ RootFS: { Layers: string[] }; Size: number }>(
      'GET',
      `/images/${Id}/json`,
    );
    const base = await daemon.client.json<{ RootFS: { Layers: string[] }; Size: number }>(
      'GET',
      '/images/busybox/json',
    );
    assert.equal(RootFS.Layers.length, base.RootFS.Layers.length + 1);
    assert.equal(Size, base.Size);
    const empty = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';
    assert.equal(RootFS.Layers.at(-1), empty, 'a tar of nothing');
  });
});
