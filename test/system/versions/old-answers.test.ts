import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask, parseFrames } from '#test/support/versions/ask.ts';

type Json = Record<string, unknown>;

/** What clients of API 1.0 to 1.21 got in answers, and engines of today show otherwise. */
describe('answers as they were up to API 1.21', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(() => daemon[Symbol.asyncDispose]());

  const call = async (line: string, body?: object): Promise<{ status: number; text: string }> => {
    const [method = '', path = ''] = line.split(' ');
    return ask(daemon.socket, method, path, body === undefined ? {} : { body });
  };
  const get = async (path: string): Promise<Json & Json[]> =>
    JSON.parse((await call(`GET ${path}`)).text) as Json & Json[];

  it('a port open at all addresses is one entry, and its own IPC namespace has no word', async () => {
    await call('POST /v1.21/containers/create?name=published', {
      Image: 'busybox',
      Cmd: ['sleep', '1000'],
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{}] } },
    });
    assert.equal((await call('POST /v1.21/containers/published/start')).status, 204);
    const { NetworkSettings, HostConfig } = await get('/v1.21/containers/published/json');
    const ports = (NetworkSettings as { Ports: Record<string, { HostIp: string; HostPort: string }[]> })
      .Ports;
    const [binding] = ports['80/tcp'] ?? [];
    assert.deepEqual(ports, { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: binding?.HostPort }] });
    assert.equal((HostConfig as Json)['IpcMode'], '');
    const port = Number(binding?.HostPort);
    const [newest] = await get('/v1.21/containers/json');
    assert.deepEqual(newest?.['Ports'], [{ IP: '0.0.0.0', PrivatePort: 80, PublicPort: port, Type: 'tcp' }]);
    const [oldest] = await get('/v1.3/containers/json');
    assert.equal(oldest?.['Ports'], `${port}->80`);
  });

  it('events tell tags by name and other things of images by plain ids', async () => {
    const since = Math.floor(Date.now() / 1000);
    await call('POST /v1.21/images/busybox/tag?repo=told/by&tag=name');
    await call('DELETE /v1.21/images/told/by:name');
    const { text } = await call(`GET /v1.21/events?since=${since}&until=${since + 2}`);
    // The daemon's image may have been loaded in the same second.
    const told = (parseFrames(text) as Json[]).filter(
      ({ Type, status }) => Type === 'image' && status !== 'load',
    );
    const { Id } = await get('/v1.21/images/busybox/json');
    assert.deepEqual(
      told.map(({ status, id }) => [status, id]),
      [
        ['tag', 'told/by:name'],
        ['untag', Id],
      ],
    );
  });

  it('Size is that of the layer, VirtualSize of all', async () => {
    await call('POST /v1.21/containers/create?name=sized', {
      Image: 'busybox',
      Cmd: ['sh', '-c', 'head -c 5000 /dev/zero > /five'],
    });
    await call('POST /v1.21/containers/sized/start');
    await call('POST /v1.21/containers/sized/wait');
    await call('POST /v1.21/commit?container=sized&repo=sized');
    const base = await get('/v1.21/images/busybox/json');
    const image = await get('/v1.21/images/sized/json');
    const [listed] = await get('/v1.21/images/json?filter=sized');
    for (const { Size, VirtualSize } of [image, listed ?? {}])
      assert.deepEqual([Size, VirtualSize], [5000, Number(base['VirtualSize']) + 5000]);
    assert.equal((await get('/v1.22/images/sized/json'))['Size'], image['VirtualSize']);
  });

  it('an archive is in the form that engines before 1.10 load, and keeps its ids', async () => {
    const { Id } = await get('/v1.21/images/busybox/json');
    const id = String(Id).replace('sha256:', '');
    const folder = mkdtempSync(join(tmpdir(), 'gantry-save-'));
    try {
      const saved = await ask(daemon.socket, 'GET', '/v1.12/images/busybox/get');
      assert.equal(saved.status, 200);
      execFileSync('tar', ['-xf', '-', '-C', folder], { input: saved.bytes });
      const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
      assert.deepEqual(JSON.parse(read('repositories')), { busybox: { latest: id } });
      assert.equal(read(`${id}/VERSION`), '1.0');
      const image = JSON.parse(read(`${id}/json`)) as Json;
      assert.deepEqual([image['id'], image['os']], [id, 'linux']);
      assert.match(
        execFileSync('tar', ['-tf', `${folder}/${id}/layer.tar`], { encoding: 'utf8' }),
        /bin\/busybox/u,
      );
      // Both forms lie in it: what only knows the old one finds all it needs.
      for (const name of ['manifest.json', 'index.json', 'oci-layout']) rmSync(join(folder, name));
      const old = execFileSync('tar', ['-cf', '-', '-C', folder, '.'], { maxBuffer: 1e9 });
      await call('POST /v1.21/images/busybox/tag?repo=kept&tag=it');
      assert.equal((await ask(daemon.socket, 'POST', '/v1.12/images/load', { body: old })).status, 200);
      assert.equal(
        (await ask(daemon.socket, 'POST', '/v1.12/images/load', { body: saved.bytes })).status,
        200,
      );
      assert.equal((await get('/v1.21/images/busybox/json'))['Id'], Id);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const newest = await ask(daemon.socket, 'GET', '/v1.51/images/busybox/get');
    assert.equal(newest.bytes.includes(`${id}/layer.tar`), false);
  });

  it('a list by tag has no parents', async () => {
    await call('POST /v1.6/commit?container=published&repo=with/parent');
    const images = await get('/v1.6/images/json?all=1');
    assert.deepEqual(
      images.filter((image) => 'ParentId' in image),
      [],
    );
    assert.ok((await get('/v1.7/images/json?all=1')).some((image) => image['ParentId'] !== undefined));
  });
});
