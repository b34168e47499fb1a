import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask, parseFrames } from '#test/support/versions/ask.ts';

/** What only the oldest clients ask of images. */
describe('images as the first clients knew them', () => {
  let daemon: TestDaemon;
  let web: Server;
  let url: string;
  before(async () => {
    daemon = await TestDaemon.start();
    web = createServer((request, response) => {
      if (request.url === '/file') response.end('from the web\n');
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(web, 'listening');
    url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  });
  after(async () => {
    web.close();
    await daemon[Symbol.asyncDispose]();
  });

  const post = async (path: string, body?: object) => {
    const answer = await ask(daemon.socket, 'POST', path, body === undefined ? {} : { body });
    return { ...answer, json: () => JSON.parse(answer.text) as Record<string, string> };
  };

  it('insert puts a file of the web into a child image', async () => {
    const answer = await post(`/v1.5/images/busybox/insert?url=${url}/file&path=/opt/a/file`);
    assert.equal(answer.status, 200);
    const frames = parseFrames(answer.text) as { Id?: string; status?: string }[];
    const id = frames.at(-1)?.Id ?? '';
    assert.match(id, /^[0-9a-f]{12}$/u);
    assert.equal(frames.at(-2)?.status, id);
    const made = await post('/v1.5/containers/create', { Image: id, Cmd: ['cat', '/opt/a/file'] });
    const { Id: container = '' } = made.json();
    await post(`/v1.5/containers/${container}/start`);
    await post(`/v1.5/containers/${container}/wait`);
    const logs = await ask(daemon.socket, 'POST', `/v1.5/containers/${container}/attach?logs=1&stdout=1`, {});
    assert.match(logs.text, /from the web\n$/u);
    const text = await post(`/v1.0/images/busybox/insert?url=${url}/file&path=/b`);
    assert.match(text.text, /(?:^|[\r\n])[0-9a-f]{12}\n$/u);
  });

  it('insert refuses what is not there, and paths that lead out', async () => {
    assert.equal((await post(`/v1.5/images/nosuch/insert?url=${url}/file&path=/b`)).status, 404);
    assert.ok((await post(`/v1.5/images/busybox/insert?url=${url}/nothing&path=/b`)).status >= 400);
    assert.ok((await post(`/v1.5/images/busybox/insert?url=${url}/file&path=/../b`)).status >= 400);
    assert.equal((await post(`/v1.12/images/busybox/insert?url=${url}/file&path=/b`)).status, 404);
  });

  it('getCache finds what a commit of the same configuration made', async () => {
    const step = { Image: 'busybox', Cmd: ['sh', '-c', 'echo step > /step'], Env: ['A=b'] };
    const wanted = { Id: 'busybox', ...step };
    assert.equal((await post('/v1.1/images/getCache', wanted)).status, 404);
    const { Id: container = '' } = (await post('/v1.1/containers/create', step)).json();
    await post(`/v1.1/containers/${container}/start`);
    await post(`/v1.1/containers/${container}/wait`);
    const { Id: image = '' } = (await post(`/v1.1/commit?container=${container}`)).json();
    const found = await post('/v1.1/images/getCache', wanted);
    assert.equal(found.status, 200);
    assert.equal(found.json()['Id'], image.slice(0, 12));
    const other = await post('/v1.1/images/getCache', { ...wanted, Env: ['A=c'] });
    assert.deepEqual([other.status, other.text], [404, '']);
  });

  it('viz draws a graph; from 1.7 on it sends people to their client', async () => {
    const { text, status } = await ask(daemon.socket, 'GET', '/v1.6/images/viz', {});
    assert.equal(status, 200);
    assert.match(text, /^digraph docker \{\n/u);
    assert.match(text, /^ base -> "[0-9a-f]{12}" \[style=invis\]$/mu);
    assert.match(text, /^ "([0-9a-f]{12})" \[label="\1\\nbusybox:latest",shape=box,/mu);
    assert.match(text, / base \[style=invisible\]\n\}\n$/u);
    const gone = await ask(daemon.socket, 'GET', '/v1.7/images/viz', {});
    assert.deepEqual([gone.status, gone.text], [404, 'This is now implemented in the client.\n']);
  });

  describe('a committed image tells how its container was made, and by which engine', () => {
    const inspect = async (version: string, ref: string): Promise<Record<string, unknown>> =>
      JSON.parse((await ask(daemon.socket, 'GET', `/v${version}/images/${ref}/json`)).text) as Record<
        string,
        unknown
      >;
    const made = {
      Image: 'busybox',
      Hostname: 'maker',
      Cmd: ['echo', 'made'],
      Env: ['A=b'],
      OpenStdin: true,
    };
    let container: string;
    let engine: string;
    before(async () => {
      ({ Version: engine } = await daemon.client.json<{ Version: string }>('GET', '/version'));
      ({ Id: container } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
        body: made,
      }));
      const changes = encodeURIComponent('CMD ["true"]');
      await post(`/v1.41/commit?container=${container}&repo=told&changes=${changes}`, {});
    });

    const TODAY = ['ContainerConfig', 'DockerVersion', 'Container', 'Config'] as const;
    const ONCE = ['container_config', 'docker_version', 'container', 'config'] as const;
    for (const [version, names] of [
      ...['1.44', '1.41', '1.24', '1.21', '1.12'].map((each) => [each, TODAY] as const),
      ...['1.11', '1.7', '1.0'].map((each) => [each, ONCE] as const),
    ])
      it(version, async () => {
        const image = await inspect(version, 'told');
        const [own, by, from, config] = names.map((name) => image[name]);
        const { Hostname, Cmd, Image, OpenStdin } = made;
        assert.partialDeepStrictEqual(own, { Hostname, Cmd, Image, OpenStdin });
        assert.deepEqual([by, from], [engine, container]);
        assert.partialDeepStrictEqual(config, { Cmd: ['true'] });
      });

    it('also after it was saved and loaded', async () => {
      const { bytes } = await ask(daemon.socket, 'GET', '/v1.41/images/told/get');
      await daemon.client.json('DELETE', '/images/told');
      await ask(daemon.socket, 'POST', '/v1.41/images/load', { body: bytes });
      const { ContainerConfig: config, DockerVersion: by } = await inspect('1.41', 'told');
      assert.partialDeepStrictEqual(config, { Hostname: 'maker', Cmd: made.Cmd });
      assert.equal(by, engine);
    });
  });
});
