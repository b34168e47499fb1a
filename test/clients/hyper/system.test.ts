import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { idle, removePod } from '#test/support/hyper/pod-client.ts';
import { bodyOf, DIALECTS, empty, json, PAGE_NOT_FOUND, tell } from '#test/support/hyper/transcript.ts';
import { connectWire } from '#test/support/versions/ask.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

type Info = {
  readonly Containers: number;
  readonly DriverStatus: readonly (readonly string[])[];
  readonly ID: number;
  readonly Images: number;
  readonly MemTotal: number;
  readonly Pods: number;
};

const infoOf = async (request = 'GET /info'): Promise<Info> => bodyOf(await tell(daemon, request)) as Info;

describe('the daemon says of itself', () => {
  it('who it is and where, in the order of the alphabet, in every dialect', async () => {
    const docker = await daemon.client.json<Record<string, unknown>>('GET', '/info');
    const { DriverStatus, ...counts } = await infoOf();
    assert.ok(DriverStatus.every((pair) => pair.length === 2));
    const expected = json(200, {
      Containers: 0,
      DockerRootDir: daemon.dataRoot,
      Driver: docker['Driver'],
      DriverStatus,
      ExecutionDriver: 'namespace',
      ID: daemon.pid,
      Images: 1,
      IndexServerAddress: 'https://index.docker.io/v1/',
      // In kilobytes, whatever clients make of it.
      MemTotal: Math.floor(Number(docker['MemTotal']) / 1024),
      Name: hostname(),
      'Operating System': docker['OperatingSystem'],
      Pods: 0,
    });
    assert.equal(counts.ID, daemon.pid);
    for (const { at } of DIALECTS) {
      const [request, telling] = at('GET /info');
      assert.equal(await tell(daemon, request, telling), expected);
    }
  });

  it('how many pods there are, at rest or not, and containers in them alone', async () => {
    const counts = async (): Promise<readonly number[]> => {
      const { Pods, Containers, Images } = await infoOf();
      return [Pods, Containers, Images];
    };
    await tell(daemon, 'POST /pod/create', { body: { id: 'up', containers: [idle('up-a'), idle('up-b')] } });
    assert.deepEqual(await counts(), [1, 2, 1]);
    await tell(daemon, 'POST /v0.7.0/pod/create', { body: { id: 'rest', containers: [idle('rest-a')] } });
    await daemon.client.json('POST', '/containers/create', {
      query: { name: 'outside' },
      body: { Image: 'busybox' },
    });
    assert.deepEqual(await counts(), [2, 3, 1]);
    await tell(daemon, 'POST /pod/start?podId=up');
    await tell(daemon, 'POST /pod/kill?podName=up&signal=9');
    assert.deepEqual(await counts(), [2, 3, 1]);
    await removePod(daemon, 'up');
    await removePod(daemon, 'rest');
    await daemon.client.json('DELETE', '/containers/outside');
    assert.deepEqual(await counts(), [0, 0, 1]);
  });

  it('which version it is, as a text', async () => {
    for (const { at } of DIALECTS) {
      const [request, telling] = at('GET /version');
      const answer = await tell(daemon, request, telling);
      const { Version } = bodyOf(answer) as { Version: unknown };
      assert.equal(typeof Version, 'string');
      assert.match(String(Version), /^1\.1\.0/u);
      assert.equal(answer, json(200, { ID: daemon.pid, Version }));
    }
  });

  it('that it is there, in two bytes', async () => {
    for (const { at } of DIALECTS) {
      const [request, telling] = at('GET /_ping');
      assert.equal(
        await tell(daemon, request, telling),
        'HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\n\nOK',
      );
    }
    assert.equal(await tell(daemon, 'GET /ping'), PAGE_NOT_FOUND);
  });
});

describe('addresses', () => {
  it('that end with a slash, or have the wrong method, are not there', async () => {
    for (const { at } of DIALECTS)
      for (const request of [
        'GET /info/',
        'GET /version/',
        'GET /_ping/',
        'GET //info',
        'POST /info',
        'POST /_ping',
        'GET /auth',
        'PUT /auth',
        'GET /image/create',
        'GET /images',
        'GET /image',
        'POST /images/get',
        'POST /images/save',
        'GET /image/load',
        'GET /images/remove',
        'DELETE /images/remove',
        'GET /exitcode/',
        'GET /attach',
        'GET /exec/start',
        'GET /debug/vars',
      ]) {
        const [text, telling] = at(request);
        assert.equal(await tell(daemon, text, telling), PAGE_NOT_FOUND, text);
      }
  });

  it('of any kind were fine to ask for OPTIONS, and are not any more', async () => {
    for (const { at, age } of DIALECTS)
      for (const path of ['/info', '/pod/create', '/nowhere', '/', '/pod/a/b']) {
        const [text, telling] = at(`OPTIONS ${path}`);
        assert.equal(await tell(daemon, text, telling), age === 'legacy' ? empty(200) : PAGE_NOT_FOUND, text);
      }
    assert.equal(await tell(daemon, 'OPTIONS /v0.5.0/info'), empty(200));
    assert.equal(await tell(daemon, 'OPTIONS /v0.6.0/info'), PAGE_NOT_FOUND);
  });

  it('have no head alone', async () => {
    for (const { at } of DIALECTS)
      for (const path of ['/info', '/_ping', '/list', '/nowhere']) {
        const [text, telling] = at(`HEAD ${path}`);
        assert.equal(
          await tell(daemon, text, telling),
          PAGE_NOT_FOUND.split('\n\n')[0]?.concat('\n\n'),
          text,
        );
      }
  });
});

describe('connections', () => {
  it('stay for as many requests as come, also all at once, and after errors', async () => {
    const wire = await connectWire(daemon.hyperSocket);
    const paths = ['/_ping', '/nowhere', '/v0.7.0/version', '/pod/info?podName=nobody', '/_ping'];
    await wire.send(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: \r\n\r\n`).join(''));
    const statuses: number[] = [];
    for (const _ of paths) statuses.push((await wire.reply()).status);
    assert.deepEqual(statuses, [200, 404, 200, 500, 200]);
    wire.halfClose();
    assert.equal(await wire.rest(), '');
  });

  it('may speak HTTP 1.0, or have any host', async () => {
    for (const [lines, keeps] of [
      [['GET /_ping HTTP/1.0'], false],
      [['GET /_ping HTTP/1.0', 'Host: x', 'User-Agent: curl'], false],
      [['GET /v0.4.0/_ping HTTP/1.1', 'Host: /var/run/hyper.sock'], true],
      [['GET /v1.1.0/_ping HTTP/1.1', 'Host: %2Fvar%2Frun%2Fhyper.sock'], true],
      [['GET /_ping HTTP/1.1', 'Host: 127.0.0.1:1246', 'Accept-Encoding: gzip'], true],
    ] as const) {
      const wire = await connectWire(daemon.hyperSocket);
      await wire.send([...lines, '', ''].join('\r\n'));
      const { head, status, body } = await wire.reply();
      assert.deepEqual([status, body], [200, 'OK'], lines.join());
      assert.equal(/^Content-Encoding:/imu.test(head), false);
      if (keeps) wire.halfClose();
      assert.equal(await wire.rest(), '');
      wire.halfClose();
    }
  });

  it('to an older release get errors as text too', async () => {
    for (const { at } of DIALECTS) {
      const [request, telling] = at('GET /pod/info?podName=nobody');
      assert.match(
        await tell(daemon, request, telling),
        /^HTTP\/1\.1 500 Internal Server Error\nContent-Type: text\/plain; charset=utf-8\n\n[^{\n]+\n$/u,
      );
    }
  });
});
