import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask, connectWire } from '#test/support/versions/ask.ts';

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

  it('a client that waits to be told to go on is not told in the middle of the stream', async () => {
    const headers = 'Host:\r\nExpect: 100-continue\r\nContent-Length: 0\r\n';
    assert.equal(await attached('cat-again', headers), `${HEAD}${FRAME}`);
  });
});
