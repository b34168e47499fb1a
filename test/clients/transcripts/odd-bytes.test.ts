import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { connectWire } from '#test/support/versions/ask.ts';
import { unframe } from '#test/support/versions/speaker.ts';
import { configOf, GENERATIONS, type Generation } from './generations.ts';
import { readAnswer, Teller, type Told } from './teller.ts';

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon?.[Symbol.asyncDispose]());

/** Bytes as they stand, lines ended as HTTP wants it. */
const say = async (lines: readonly string[], body = ''): Promise<Told> => {
  const wire = await connectWire(daemon.socket);
  await wire.send(`${lines.join('\r\n')}\r\n\r\n${body}`);
  const told = await readAnswer(wire);
  wire.socket.destroy();
  return told;
};

const post = (path: string, body: string, type = 'application/json'): Promise<Told> =>
  say(
    [
      `POST ${path} HTTP/1.1`,
      'Host: docker',
      `Content-Type: ${type}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ],
    body,
  );

const idOf = (told: Told): string => {
  assert.equal(told.status, 201, told.body);
  return (JSON.parse(told.body) as { Id: string }).Id;
};

const inspect = async (id: string): Promise<{ Config: Record<string, unknown>; HostConfig: object }> =>
  JSON.parse((await say([`GET /v1.12/containers/${id}/json HTTP/1.1`, 'Host: d'])).body);

const generation = (api: string): Generation => {
  const found = GENERATIONS.find((each) => each.api === api);
  assert.ok(found);
  return found;
};

test('a version is a number to the first clients and a text to later ones', async () => {
  const keys = async (prefix: string): Promise<string[]> => {
    const told = await say([`GET ${prefix}/version HTTP/1.1`, 'Host: d']);
    assert.equal(told.status, 200, told.body);
    return Object.keys(JSON.parse(told.body) as object).toSorted();
  };
  assert.deepEqual(await keys('/v1.000000'), await keys('/v1.0'));
  assert.deepEqual(await keys('/v1'), await keys('/v1.0'));
  // 1.12 tells the version of the API; 1.1 and 1.2 must not be taken for it.
  assert.ok((await keys('/v1.12')).includes('ApiVersion'));
  assert.ok(!(await keys('/v1.1')).includes('ApiVersion'));
  assert.ok(!(await keys('/v1.2')).includes('ApiVersion'));
});

test('no Host: HTTP/1.0 and 1.1', async () => {
  assert.equal((await say(['GET /v1.0/version HTTP/1.0'])).status, 200);
  assert.equal((await say(['GET /v1.000000/version HTTP/1.1'])).status, 200);
  assert.equal((await say(['GET /v1.12/version HTTP/1.1', 'Host: '])).status, 200);
});

test('names of members in any case, numbers as text, lists as one text', async () => {
  const body = '{"image":"busybox","CMD":["true"],"memory":"67108864","cpushares":"2","tTy":true}';
  const { Config } = await inspect(idOf(await post('/v1.3/containers/create', body)));
  assert.deepEqual(Config['Cmd'], ['true']);
  assert.deepEqual([Config['Memory'], Config['CpuShares'], Config['Tty']], [67_108_864, 2, true]);
  const text = '{"Image":"busybox","Cmd":"true","Entrypoint":"/bin/echo"}';
  const other = await inspect(idOf(await post('/v1.12/containers/create', text)));
  assert.deepEqual([other.Config['Cmd'], other.Config['Entrypoint']], [['true'], ['/bin/echo']]);
});

test('posts without a body say plain/text, with and without a length', async () => {
  const id = idOf(await post('/v1.0/containers/create', '{"Image":"busybox","Cmd":["sleep","1000"]}'));
  const head = (path: string, more: string[]) =>
    say([`POST ${path} HTTP/1.1`, 'Host: d', 'Content-Type: plain/text', ...more]);
  assert.equal((await head(`/v1.2/containers/${id}/start`, [])).status, 204);
  assert.equal((await head(`/v1.4/containers/${id}/kill`, ['Content-Length: 0'])).status, 204);
  assert.equal((await head(`/v1.12/containers/${id}/restart?t=0`, ['Content-Length: 0'])).status, 204);
  assert.equal((await head(`/v1.12/containers/${id}/stop?t=0`, [])).status, 204);
});

for (const api of ['1.0', '1.5', '1.6', '1.12'])
  test(`${api}: all of stdin in the bytes of the request, half-closed at once`, async () => {
    const teller = new Teller(daemon.socket, generation(api));
    const config = configOf(teller.generation, ['sha256sum']);
    const { Id: id } = await teller.json<{ Id: string }>('POST', '/containers/create', config);
    await teller.get('POST', `/containers/${id}/start`);
    const path = `/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`;
    const wire = await teller.hijack(path, 'x'.repeat(1_000_000));
    wire.halfClose();
    const heard = await wire.rest();
    const out = teller.since('1.6') ? unframe(heard).out : heard;
    assert.equal(out, `${hash('sha256', 'x'.repeat(1_000_000))}  -\n`);
  });

test('a client that closes its side at once still hears everything', async () => {
  const teller = new Teller(daemon.socket, generation('1.12'));
  const config = { ...configOf(teller.generation, ['sh', '-c', 'read x; echo done']), StdinOnce: false };
  const { Id: id } = await teller.json<{ Id: string }>('POST', '/containers/create', config);
  const wire = await teller.hijack(`/containers/${id}/attach?stream=1&stdout=1&stderr=1`);
  wire.halfClose();
  await teller.get('POST', `/containers/${id}/start`);
  const input = await teller.hijack(`/containers/${id}/attach?stream=1&stdin=1`);
  await input.send('go\n');
  assert.equal(unframe(await wire.rest()).out, 'done\n');
  input.socket.destroy();
});

test('a terminal of 0.3.3: raw bytes, resize since 1.1, the escape stays with the client', async () => {
  const teller = new Teller(daemon.socket, generation('1.1'));
  const config = { ...configOf(teller.generation, ['cat']), Tty: true };
  const { Id: id } = await teller.json<{ Id: string }>('POST', '/containers/create', config);
  await teller.get('POST', `/containers/${id}/start`);
  const wire = await teller.hijack(`/containers/${id}/attach?logs=1&stream=1&stdin=1&stdout=1&stderr=1`);
  await teller.get('POST', `/containers/${id}/resize?h=24&w=80`);
  await wire.send('hello\n');
  await wire.until('hello\r\nhello\r\n');
  await wire.send('\x04');
  await wire.rest();
  await until(async () => {
    const { State } = await teller.json<{ State: { Running: boolean } }>('GET', `/containers/${id}/json`);
    return !State.Running;
  }, 'the end of cat');
});
