import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask, connectWire, parseFrames } from '#test/support/versions/ask.ts';

/** docker-routes.md 3.1 and 3.10: how clients of API 1.0 to 1.21 reach the daemon and take connections over. */
describe('connections as clients of API 1.0 to 1.21 use them', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
    const body = { Image: 'busybox', Cmd: ['cat'], OpenStdin: true, StdinOnce: true };
    for (const name of ['cat', 'cat-again']) {
      const made = await ask(daemon.socket, 'POST', `/v1.12/containers/create?name=${name}`, { body });
      assert.equal(made.status, 201);
      const started = await ask(daemon.socket, 'POST', `/v1.12/containers/${name}/start`);
      assert.equal(started.status, 204);
    }
  });
  after(() => daemon[Symbol.asyncDispose]());

  const get = async (path: string): Promise<number> => (await ask(daemon.socket, 'GET', path)).status;

  it('paths with empty and dot segments are found, names may be empty', async () => {
    for (const path of ['//v1.4/version', '/v1.4//containers//json', '/v1.4/x/../version', '//version'])
      assert.equal(await get(path), 200, path);
    assert.equal(await get('//nowhere//at/all'), 404);
    assert.equal(await get('/v1.21/containers//json'), 500);
  });

  /** Everything that an attached connection says until its end. */
  const attached = async (name: string, headers: string): Promise<string> => {
    const wire = await connectWire(daemon.socket);
    await wire.send(
      `POST /v1.12/containers/${name}/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\n${headers}\r\nhi\n`,
    );
    wire.halfClose();
    return wire.rest();
  };
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n';
  const FRAME = '\u0001\0\0\0\0\0\0\u0003hi\n';

  it('a connection that is taken over is told so in these bytes and no others', async () => {
    assert.equal(await attached('cat', 'Host:\r\nContent-Type: plain/text\r\n'), `${HEAD}${FRAME}`);
  });

  /** Status and body of a request as clients of 0.11.1 to 1.2.0 sent streams: no version but in `Host`. */
  const streamed = async (line: string, host: string): Promise<{ status: number; text: string }> => {
    const [method = '', path = ''] = line.split(' ');
    const { status, text } = await ask(daemon.socket, method, path, { headers: { Host: host } });
    return { status, text };
  };

  it('a version that came as the host of a stream counts where the path has none', async () => {
    for (const host of ['v1.11', 'v1.12', 'v1.13', 'v1.14', 'v1.21', 'v1.12:2375']) {
      const missing = await streamed('GET /images/nothere/get', host);
      assert.ok(!missing.text.startsWith('{'), missing.text);
      const [event] = parseFrames((await streamed('GET /events?since=0&until=1', host)).text) as object[];
      assert.ok(event !== undefined && !('scope' in event), host);
      assert.equal('timeNano' in event, host === 'v1.21', host);
    }
    const asToday = (await streamed('GET /images/nothere/get', 'docker')).text;
    assert.ok(asToday.startsWith('{'));
    for (const host of ['v1.99', 'v1', 'x1.12', 'v1.12.example', ''])
      assert.equal((await streamed('GET /images/nothere/get', host)).text, asToday, host);
    assert.equal((await streamed('GET /v1.43/images/nothere/get', 'v1.12')).text, asToday);
  });

  it('an import and a load that were sent so tell in the words of that version', async () => {
    const body = Buffer.from('no archive');
    const told = async (path: string, host: string): Promise<string> => {
      const answer = await ask(daemon.socket, 'POST', path, { body, headers: { Host: host } });
      return `${answer.status} ${answer.text}`;
    };
    for (const path of ['images/create?fromSrc=-&repo=a', 'images/load', 'build'])
      for (const version of ['1.11', '1.12', '1.14'])
        assert.equal(await told(`/${path}`, `v${version}`), await told(`/v${version}/${path}`, 'x'), path);
  });

  it('terminal sizes are swapped up to API 1.2, and by the clients of 0.4', async () => {
    const body = { Image: 'busybox', Cmd: ['sleep', '1000'], Tty: true };
    const create = await ask(daemon.socket, 'POST', '/v1.12/containers/create?name=sized', { body });
    assert.equal(create.status, 201);
    await ask(daemon.socket, 'POST', '/v1.12/containers/sized/start');
    const sizeAfter = async (version: string, agent: string): Promise<string> => {
      const headers = { 'User-Agent': agent };
      const path = `/v${version}/containers/sized/resize?h=100&w=30`;
      assert.equal((await ask(daemon.socket, 'POST', path, { headers })).status, 200);
      const made = await ask(daemon.socket, 'POST', '/v1.21/containers/sized/exec', {
        body: { Cmd: ['sh', '-c', 'stty size </proc/1/fd/0'], AttachStdout: true, Tty: true },
      });
      const { Id } = JSON.parse(made.text) as { Id: string };
      const wire = await connectWire(daemon.socket);
      const start = '{"Tty":true}';
      await wire.send(
        `POST /v1.21/exec/${Id}/start HTTP/1.1\r\nHost:\r\nContent-Length: ${start.length}\r\n\r\n${start}`,
      );
      return (await wire.rest()).split('\r\n\r\n')[1]?.trim() ?? '';
    };
    for (const [version, agent, size] of [
      ['1.1', 'Docker-Client/0.3.4', '30 100'],
      ['1.2', 'Docker-Client/0.4.2', '30 100'],
      ['1.3', 'Docker-Client/0.4.8', '30 100'],
      ['1.3', 'Docker-Client/0.5.0', '100 30'],
      ['1.2', 'curl', '30 100'],
      ['1.4', 'Docker-Client/0.5.3', '100 30'],
      ['1.51', 'Docker-Client/28', '100 30'],
    ] as const)
      assert.equal(await sizeAfter(version, agent), size, `${version} ${agent}`);
  });

  it('flags of info are booleans up to API 1.8 and numbers up to 1.18', async () => {
    const typesAt = async (version: string): Promise<Set<string>> => {
      const { text } = await ask(daemon.socket, 'GET', `/v${version}/info`);
      const info = JSON.parse(text) as Record<string, unknown>;
      const told = ['MemoryLimit', 'SwapLimit', 'IPv4Forwarding', 'Debug'].filter((name) => name in info);
      return new Set(told.map((name) => typeof info[name]));
    };
    for (const version of ['1.0', '1.5', '1.7', '1.8', '1.19', '1.51'])
      assert.deepEqual(await typesAt(version), new Set(['boolean']), version);
    for (const version of ['1.9', '1.12', '1.18'])
      assert.deepEqual(await typesAt(version), new Set(['number']), version);
  });

  it('a client that waits to be told to go on is not told in the middle of the stream', async () => {
    const headers = 'Host:\r\nExpect: 100-continue\r\nContent-Length: 0\r\n';
    assert.equal(await attached('cat-again', headers), `${HEAD}${FRAME}`);
  });
});
