import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

type Volume = { Name: string; Labels: Record<string, string> | null; CreatedAt: string };

/** Volumes of containers that run. */
describe('volumes on the wire', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const send = async (method: string, path: string, body?: object) =>
    ask(daemon.socket, method, path, body === undefined ? {} : { body });
  const json = async <T>(method: string, path: string, body?: object): Promise<T> =>
    JSON.parse((await send(method, path, body)).text) as T;
  const create = async (body: object): Promise<string> => {
    const { Id } = await json<{ Id: string }>('POST', '/v1.51/containers/create', {
      Image: 'busybox',
      ...body,
    });
    return Id;
  };
  const names = async (filters: object): Promise<string[]> => {
    const query = encodeURIComponent(JSON.stringify(filters));
    const { Volumes } = await json<{ Volumes: Volume[] }>('GET', `/v1.51/volumes?filters=${query}`);
    return Volumes.map(({ Name }) => Name);
  };

  it('are in use while a container has them; anonymous ones go with -v', async () => {
    await send('POST', '/v1.51/volumes/create', { Name: 'named', Labels: { a: 'b' } });
    const id = await create({ Volumes: { '/anon': {} }, HostConfig: { Binds: ['named:/named'] } });
    assert.deepEqual(await names({ dangling: ['true'] }), []);
    const [anonymous = ''] = await names({ label: ['com.docker.volume.anonymous'] });
    assert.match(anonymous, /^[0-9a-f]{64}$/u);
    const refused = await send('DELETE', '/v1.51/volumes/named?force=1');
    assert.equal(refused.status, 409);
    assert.deepEqual(JSON.parse(refused.text), { message: `remove named: volume is in use - [${id}]` });
    assert.equal((await send('DELETE', '/v1.21/volumes/named')).text, 'Conflict: volume is in use\n');
    assert.equal((await send('DELETE', `/v1.51/containers/${id}?v=1`)).status, 204);
    assert.deepEqual(await names({}), ['named']);
    assert.equal((await send('DELETE', '/v1.51/volumes/named')).status, 204);
    assert.equal((await send('DELETE', '/v1.51/volumes/named')).status, 404);
    assert.equal((await send('DELETE', '/v1.51/volumes/named?force=1')).status, 204);
  });

  it('are pruned if anonymous, all of them by older clients', async () => {
    for (const name of ['one', 'two']) await send('POST', '/v1.51/volumes/create', { Name: name });
    const { Name: anonymous } = await json<Volume>('POST', '/v1.51/volumes/create', {});
    type Pruned = { VolumesDeleted: string[] };
    const now = await json<Pruned>('POST', '/v1.51/volumes/prune');
    assert.deepEqual(now.VolumesDeleted, [anonymous]);
    const older = await json<Pruned>('POST', '/v1.41/volumes/prune');
    assert.deepEqual(older.VolumesDeleted.toSorted(), ['one', 'two']);
    assert.equal((await send('POST', '/v1.51/volumes/prune?filters={"until":["1h"]}')).status, 400);
  });

  it('look as each version knew them, and outlive the daemon', async () => {
    assert.equal((await send('GET', '/v1.21/volumes')).text.trim(), '{"Volumes":null}');
    await send('POST', '/v1.51/volumes/create', { Name: 'kept' });
    await daemon.restart();
    assert.deepEqual(await names({}), ['kept']);
    const first = await json<object>('GET', '/v1.21/volumes/kept');
    assert.deepEqual(Object.keys(first).toSorted(), ['Driver', 'Mountpoint', 'Name']);
    const { CreatedAt } = await json<Volume>('GET', '/v1.51/volumes/kept');
    assert.match(CreatedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u);
    assert.equal((await send('GET', '/v1.21/volumes/nosuch')).text, 'no such volume\n');
    assert.equal((await send('POST', '/v1.51/volumes/create', { Name: 'a b' })).status, 400);
    assert.equal((await send('POST', '/v1.51/volumes/create', { Driver: 'nosuch' })).status, 404);
  });

  it('count in the disk usage, with images and containers', async () => {
    await send('POST', '/v1.51/volumes/create', { Name: 'held' });
    const id = await create({
      Cmd: ['sh', '-c', 'echo abc > /held/file'],
      HostConfig: { Binds: ['held:/held'] },
    });
    await send('POST', `/v1.51/containers/${id}/start`);
    await send('POST', `/v1.51/containers/${id}/wait`);
    type Usage = {
      LayersSize: number;
      Images: { Containers: number; SharedSize: number }[] | null;
      Containers: { Id: string; SizeRootFs: number }[] | null;
      Volumes: { Name: string; UsageData: object }[];
    };
    const all = await json<Usage>('GET', '/v1.51/system/df');
    const held = all.Volumes.find(({ Name }) => Name === 'held');
    assert.deepEqual(held?.UsageData, { RefCount: 1, Size: 4 });
    assert.equal(all.Images?.[0]?.Containers, 1);
    assert.ok((all.Containers?.find(({ Id }) => Id === id)?.SizeRootFs ?? 0) > 0);
    assert.ok(all.LayersSize > 0);
    const one = await json<Usage>('GET', '/v1.51/system/df?type=volume');
    assert.deepEqual([one.Images, one.Containers, one.LayersSize], [null, null, 0]);
    assert.equal((await send('GET', '/v1.51/system/df?type=nosuch')).status, 400);
    await send('DELETE', `/v1.51/containers/${id}`);
  });
});
