import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ACCOUNT, pushImage, startRegistry, type TestRegistry } from '#test/support/registry.ts';
import { makeImage } from '#test/support/test-image.ts';
import { unframe } from '#test/support/versions/speaker.ts';
import { configOf, GENERATIONS, hostOf } from './generations.ts';
import { Teller } from './teller.ts';

let daemon: TestDaemon | undefined;
let registry: TestRegistry | undefined;
before(async () => {
  registry = await startRegistry({ auth: 'basic' });
  daemon = await TestDaemon.start();
  const authorization = `Basic ${btoa(`${ACCOUNT.username}:${ACCOUNT.password}`)}`;
  await pushImage({ url: registry.url, repository: 'old', tag: '1', authorization }, await makeImage());
});
after(async () => {
  await daemon?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
});

for (const generation of GENERATIONS)
  test(`docker ${generation.client}, API ${generation.api}`, async () => {
    assert.ok(daemon && registry);
    const teller = new Teller(daemon.socket, generation);
    await login(teller, registry.host);
    await runAfterPull(teller, `${registry.host}/old`);
    const id = await run(teller);
    await lookAt(teller, id);
    await takeOut(teller, id);
    await remove(teller, id);
  });

/** `docker login`: until 1.1 the daemon kept the account and told it. */
const login = async (teller: Teller, host: string): Promise<void> => {
  const account = { ...ACCOUNT, email: 'tester@example.org', serveraddress: host };
  await teller.get('POST', '/auth', account);
  if (teller.since('1.2')) return;
  const kept = await teller.json('GET', '/auth');
  assert.deepEqual(kept, { username: ACCOUNT.username, email: account.email });
};

/** `docker run` of an image that is not there: refused, pulled, created. */
const runAfterPull = async (teller: Teller, image: string): Promise<void> => {
  const config = configOf(teller.generation, ['/hello'], `${image}:1`);
  const refused = await teller.tell('POST', '/containers/create', config);
  assert.equal(refused.status, 404, refused.body);
  assert.match(refused.body, /No such image: .*old.*\n$/);
  const account = Buffer.from(JSON.stringify({ ...ACCOUNT, email: '' })).toString('base64url');
  const credentials = teller.since('1.2') ? [`X-Registry-Auth: ${account}`] : [];
  const path = `/images/create?fromImage=${encodeURIComponent(image)}&tag=1`;
  const pulled = await teller.tell('POST', path, undefined, credentials);
  assert.equal(pulled.status, 200, pulled.body);
  // Clients of 1.1 and later decode objects if and only if the type is this one, letter by letter.
  const isJson = /^Content-Type: application\/json\r$/m.test(pulled.head);
  assert.equal(isJson, teller.since('1.1'));
  if (isJson) for (const line of pulled.body.trim().split(/\r?\n|(?<=\})(?=\{)/)) JSON.parse(line);
  else assert.match(pulled.body, /^[^{]*\r?\n[^{]*$/);
  const { Id: id } = await teller.json<{ Id: string }>('POST', '/containers/create', config);
  await teller.get('DELETE', `/containers/${id}?v=1`);
  await teller.get('DELETE', `/images/${image}:1`);
};

/** `docker run -i`: the words leave with the request for the connection, then the input ends. */
const run = async (teller: Teller): Promise<string> => {
  const script = 'cat; echo new > /made; echo e >&2; exit 3';
  const config = configOf(teller.generation, ['sh', '-c', script]);
  const { Id: id, Warnings } = await teller.json<{ Id: string; Warnings?: unknown }>(
    'POST',
    '/containers/create',
    config,
  );
  assert.ok(Warnings === undefined || Warnings === null || Array.isArray(Warnings));
  const attach = `/containers/${id}/attach?stderr=1&stdin=1&stdout=1&stream=1`;
  const start = () => teller.get('POST', `/containers/${id}/start`, hostOf(teller.generation));
  // Until 0.6 it was started first, and what it had said by then was asked for as well.
  if (!teller.since('1.6')) await start();
  const wire = await teller.hijack(teller.since('1.6') ? attach : `${attach}&logs=1`, 'early ');
  if (teller.since('1.6')) await start();
  await wire.send('words\n');
  wire.halfClose();
  const heard = await wire.rest();
  if (teller.since('1.6')) assert.deepEqual(unframe(heard), { out: 'early words\n', err: 'e\n' });
  else assert.equal(heard, 'early words\ne\n');
  // The code must be there as soon as the stream has ended.
  const { State } = await teller.json<{ State: { Running: boolean; ExitCode: number } }>(
    'GET',
    `/containers/${id}/json`,
  );
  assert.deepEqual([State.Running, State.ExitCode], [false, 3]);
  assert.deepEqual(await teller.json('POST', `/containers/${id}/wait`), { StatusCode: 3 });
  return id;
};

/** ps, inspect, logs, diff, images, info, version. */
const lookAt = async (teller: Teller, id: string): Promise<void> => {
  const list = teller.since('1.1') ? '/containers/json?all=1' : '/containers/ps?all=1';
  const all = await teller.json<{ Id: string; Status: string; Ports: unknown }[]>('GET', list);
  const mine = all.find((each) => id.startsWith(each.Id) || each.Id.startsWith(id));
  assert.match(mine?.Status ?? '', teller.since('1.12') ? /^Exited \(3\) / : /^Exit(?:ed \()? ?3/);
  assert.equal(typeof mine?.Ports, teller.since('1.5') ? 'object' : 'string');
  // Clients of 1.2 to 1.11 looked for another name.
  const inspected = await teller.json<Record<string, unknown>>('GET', `/containers/${id}/json`);
  assert.ok(String(inspected[teller.since('1.2') && !teller.since('1.12') ? 'ID' : 'Id']).startsWith(id));
  const said = teller.since('1.11')
    ? unframe(await teller.get('GET', `/containers/${id}/logs?stderr=1&stdout=1`))
    : await oldLogs(teller, id);
  assert.deepEqual(said, { out: 'early words\n', err: 'e\n' });
  const changes = await teller.json<{ Path: string; Kind: number }[]>('GET', `/containers/${id}/changes`);
  assert.ok(changes.some(({ Path, Kind }) => Path === '/made' && Kind === 1));
  const images = await teller.json<Record<string, unknown>[]>('GET', '/images/json');
  assert.equal(
    teller.since('1.7'),
    images.every((image) => Array.isArray(image['RepoTags'])),
  );
  assert.equal(
    !teller.since('1.7'),
    images.some((image) => image['Repository'] === 'busybox'),
  );
  await teller.json('GET', '/info');
  await teller.json('GET', '/version');
};

/** Before there were logs they came over an attached connection, one stream after the other. */
const oldLogs = async (teller: Teller, id: string): Promise<{ out: string; err: string }> => {
  const wire = await teller.hijack(`/containers/${id}/attach?logs=1&stderr=1&stdout=1`);
  const heard = await wire.rest();
  if (teller.since('1.6')) return unframe(heard);
  assert.equal(heard, 'early words\ne\n');
  return { out: 'early words\n', err: 'e\n' };
};

/** cp, export, commit: what leaves a container. */
const takeOut = async (teller: Teller, id: string): Promise<void> => {
  const at = `/containers/${id}`;
  if (teller.since('1.4')) {
    const copied = await teller.get('POST', `${at}/copy`, { Resource: '/made', HostPath: '/tmp' });
    assert.ok(copied.includes('made\0'));
    assert.ok(copied.includes('new\n'));
  }
  const exported = await teller.get('GET', `${at}/export`);
  assert.equal(exported.length % 512, 0);
  assert.ok(exported.includes('made\0'));
  const repo = `old/from-${teller.generation.api.replace('.', '-')}`;
  const path = `/commit?author=me&comment=words&container=${id}&repo=${repo}&tag=`;
  const { Id: image } = await teller.json<{ Id: string }>('POST', path);
  assert.match(image, /^[0-9a-f]{12,64}$/);
  await teller.get('GET', `/images/${repo}/history`);
  await teller.get('DELETE', `/images/${repo}`);
};

/** `docker rm`, and words instead of an empty answer for what is gone. */
const remove = async (teller: Teller, id: string): Promise<void> => {
  assert.equal((await teller.tell('DELETE', `/containers/${id}?v=1`)).status, 204);
  const gone = await teller.tell('GET', `/containers/${id}/json`);
  assert.equal(gone.status, 404);
  assert.match(gone.body, /^No such container: [0-9a-f]+\n$/i);
};
