import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { ImageBench } from '#test/support/hyper/image-bench.ts';
import { messagesOf, progressOf } from '#test/support/hyper/progress.ts';
import type { Message } from '#test/support/hyper/progress.ts';
import { assertRefused, DIALECTS, json, tell } from '#test/support/hyper/transcript.ts';
import { ACCOUNT } from '#test/support/registry.ts';
import { makeTar } from '#test/support/test-image.ts';
import { ask } from '#test/support/versions/ask.ts';

let bench: ImageBench;
before(async () => (bench = await ImageBench.start()));
after(async () => bench[Symbol.asyncDispose]());

const last = (messages: readonly Message[]): string | undefined => messages.at(-1)?.status;

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a pull', () => {
  it('tells what it does, message by message', async () => {
    const name = `${bench.open.host}/some/tool:v1`;
    const messages = progressOf(await bench.pull(name));
    const layer = bench.image.layers[0]?.digest.slice(7, 19);
    assert.deepEqual(messages[0], { status: 'Pulling from some/tool', id: 'v1' });
    for (const status of ['Pulling fs layer', 'Download complete', 'Pull complete'])
      assert.deepEqual(
        messages.find((message) => message.status === status),
        { status, id: layer, progressDetail: {} },
      );
    const { length } = bench.image.layers[0]?.blob ?? '';
    const loading = messages.findLast(({ status }) => status === 'Downloading');
    assert.deepEqual(loading?.progressDetail, { current: length, total: length });
    assert.match(loading?.progress ?? '', /^\[=+>\] +\d+B\/\d+B$/u);
    assert.deepEqual(messages.slice(-2), [
      { status: `Digest: ${bench.image.manifestDigest}` },
      { status: `Status: Downloaded newer image for ${name}` },
    ]);
    assert.equal(
      await bench.pull(name),
      [
        'HTTP/1.1 200 OK\nContent-Type: application/json\n\n{"status":"Pulling from some/tool","id":"v1"}',
        `{"status":"Digest: ${bench.image.manifestDigest}"}`,
        `{"status":"Status: Image is up to date for ${name}"}`,
        '',
      ].join('\r\n'),
    );
    await bench.remove(name);
  });

  it('is of the tag, the digest, or the latest: never of all', async () => {
    const name = `${bench.open.host}/some/tool`;
    for (const [path, shown, asked] of [
      [name, `${name}:latest`, ''],
      [`${name}:`, `${name}:latest`, ''],
      [name, `${name}:v1`, '&tag=v1'],
      [`${name}:v1`, `${name}:v1`, '&tag=latest'],
      [`${name}@${bench.image.manifestDigest}`, `${name}:<none>`, ''],
      [name, `${name}:<none>`, `&tag=${bench.image.manifestDigest}`],
    ] as const) {
      assert.match(
        last(progressOf(await bench.pull(path, asked))) ?? '',
        /^Status: Downloaded newer image for /u,
      );
      assert.deepEqual(await bench.names(), [shown, 'busybox:latest'], path + asked);
      assert.match(await bench.remove(bench.image.id.slice(7), '&force=yes'), /"deleted"/u);
    }
  });

  it('of what is not there is 404, of what is no name 500, without a name 500', async () => {
    assertRefused(await bench.pull(`${bench.open.host}/some/tool:v9`), 404, /some\/tool:v9 not found/u);
    assertRefused(await bench.pull(`${bench.open.host}/no/body:v9`), 404, /no\/body:v9 not found/u);
    assertRefused(await bench.pull('Some/Tool:v1'), 500, /must be lowercase/u);
    assertRefused(await bench.pull('127.0.0.1:1/some/tool:v1'), 500, /ECONNREFUSED/u);
    // A form says it as well, and better than the address.
    const form = { body: 'imageName=127.0.0.1:1/form:v1', type: 'application/x-www-form-urlencoded' };
    for (const request of ['POST /image/create', 'POST /image/create?imageName=UPPER'])
      assertRefused(await tell(bench.daemon, request, form), 500, /ECONNREFUSED/u);
    for (const query of ['', '?imageName=', '?imageName=:', '?tag=v1'])
      assertRefused(await bench.hyperctl(`POST /image/create${query}`), 500, /imageName is required/u);
  });

  it('without the right password is 401, which clients ask for and try again', async () => {
    const name = `${bench.guarded.host}/some/tool:v1`;
    for (const header of [
      {},
      { 'X-Registry-Auth': base64url({ auth: '', email: '' }) },
      { 'X-Registry-Auth': 'no JSON' },
      { 'X-Registry-Auth': base64url({ ...ACCOUNT, password: 'guessed' }) },
    ])
      assertRefused(await bench.pull(name, '', header), 401, /auth/u);
    assert.deepEqual(await bench.names(), ['busybox:latest']);
    const auth = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
    for (const account of [
      { ...ACCOUNT, serveraddress: bench.guarded.host },
      { auth, email: 'a@example.org' },
    ]) {
      const answer = await bench.pull(name, '', { 'X-Registry-Auth': base64url(account) });
      assert.equal(last(progressOf(answer)), `Status: Downloaded newer image for ${name}`);
      await bench.remove(name);
    }
  });

  it('takes headers for the registry along', async () => {
    const heard: IncomingHttpHeaders[] = [];
    const server = createServer(({ headers }, response) => {
      heard.push(headers);
      response.writeHead(404).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    await bench.pull(`127.0.0.1:${address.port}/some/tool:v1`, '', {
      'X-Meta-Team': 'blue',
      'X-Other': 'no',
    });
    server.close();
    server.closeAllConnections();
    assert.ok(heard.some((headers) => headers['x-meta-team'] === 'blue'));
    assert.ok(heard.every((headers) => headers['x-other'] === undefined));
  });

  it('is the same in every dialect', async () => {
    const name = `${bench.open.host}/some/tool:v1`;
    await bench.pull(name);
    for (const { at } of DIALECTS) {
      const [request, telling] = at(`POST /image/create?imageName=${encodeURIComponent(name)}`);
      assert.deepEqual(
        progressOf(await tell(bench.daemon, request, telling)).map(({ status }) => status),
        [
          'Pulling from some/tool',
          `Digest: ${bench.image.manifestDigest}`,
          `Status: Image is up to date for ${name}`,
        ],
      );
    }
    await bench.remove(name);
  });
});

describe('an import', () => {
  it('makes an image of a tar', async () => {
    const body = await makeTar({ 'bin/': '', 'told.txt': 'imported\n' });
    const changes = '&changes=CMD%20%5B%22%2Fa%22%5D&changes=ENV%20A%3Db';
    const request = `POST /image/create?fromSrc=-&repo=made&tag=v1&message=by%20hand${changes}`;
    const messages = progressOf(await bench.hyperctl(request, { body, type: 'application/tar' }));
    assert.match(last(messages) ?? '', /^sha256:[0-9a-f]{64}$/u);
    assert.ok(messages.every(({ id }) => id !== ''));
    const [line = ''] = (await bench.lines()).filter((one) => one.startsWith('made:v1:'));
    assert.equal(line.split(':')[2], last(messages)?.slice(7));
    const { Config, Comment } = await bench.daemon.client.json<{
      Config: Record<string, unknown>;
      Comment: string;
    }>('GET', '/images/made:v1/json');
    assert.deepEqual([Config['Cmd'], Config['Env'], Comment], [['/a'], ['A=b'], 'by hand']);
    await bench.remove('made:v1');
  });

  it('that fails on its way says so in its last message', async () => {
    const request = 'POST /image/create?fromSrc=-&repo=made&tag=v1';
    const messages = messagesOf(await bench.hyperctl(request, { body: Buffer.from('no tar') }));
    assert.deepEqual(messages.at(-1), {
      errorDetail: { message: 'unexpected EOF' },
      error: 'unexpected EOF',
    });
    assert.deepEqual(await bench.names(), ['busybox:latest']);
  });
});

describe('the list of images', () => {
  const TOOL = 'host.example:5000/some/tool';

  before(async () => {
    await bench.pull(`${bench.open.host}/some/tool:v1`);
    for (const tag of ['v1', 'v2']) await bench.tag(TOOL, tag);
    await bench.tag('tool');
    await bench.remove(`${bench.open.host}/some/tool:v1`);
  });
  after(async () => bench.remove(bench.image.id, '&force=yes'));

  it('has five parts from the right: a line for each tag, the newest image first', async () => {
    const rest = (id: string, made: string): string => `${id.slice(7)}:${Date.parse(made) / 1000}`;
    const busybox = await bench.daemon.client.json<{ Id: string; Created: string; Size: number }>(
      'GET',
      '/images/busybox/json',
    );
    const size = bench.image.layers.length === 1 ? 'world\n'.length : 0;
    const own = `${rest(bench.image.id, '2026-01-02T03:04:05Z')}:${size}`;
    const list = {
      imagesList: [
        `${TOOL}:v1:${own}`,
        `${TOOL}:v2:${own}`,
        `tool:v1:${own}`,
        `busybox:latest:${rest(busybox.Id, busybox.Created)}:${busybox.Size}`,
      ],
    };
    for (const { at } of DIALECTS)
      for (const query of ['', '?all=no', '?all=yes&quiet=no', '?filter=&filters=%7B%7D']) {
        const [request, telling] = at(`GET /images/get${query}`);
        assert.equal(await tell(bench.daemon, request, telling), json(200, list));
      }
  });

  it('may be of some', async () => {
    const filters = (value: object): string => `?filters=${encodeURIComponent(JSON.stringify(value))}`;
    const all = [`${TOOL}:v1`, `${TOOL}:v2`, 'tool:v1', 'busybox:latest'];
    for (const [query, expected] of [
      ['?filter=busybox', ['busybox:latest']],
      ['?filter=busybox:latest', ['busybox:latest']],
      ['?filter=b*', ['busybox:latest']],
      ['?filter=tool', ['tool:v1']],
      [`?filter=${TOOL}`, all.slice(0, 2)],
      [`?filter=${TOOL}:v2`, [`${TOOL}:v2`]],
      ['?filter=host.example:5000/*/tool', all.slice(0, 2)],
      ['?filter=*', ['tool:v1', 'busybox:latest']],
      ['?filter=nobody', []],
      [filters({ dangling: ['true'] }), []],
      [filters({ dangling: ['false'] }), all],
      [filters({ dangling: { false: true } }), all],
      [filters({ label: ['no=such'] }), []],
    ] as const)
      assert.deepEqual(await bench.names(query), expected, query);
    for (const [query, words] of [
      [filters({ color: ['red'] }), /color/u],
      ['?filters=%7B', /EOF|JSON|invalid/iu],
    ] as const)
      assertRefused(await tell(bench.daemon, `GET /images/get${query}`), 500, words);
  });
});

describe('an archive of images', () => {
  it('is of one or several, of either format, and is taken back in', async () => {
    await bench.pull(`${bench.open.host}/some/tool:v1`);
    const query = `names=busybox&names=${encodeURIComponent(`${bench.open.host}/some/tool:v1`)}&refs=%7B%7D`;
    for (const format of ['', 'oci']) {
      const saved = await ask(
        bench.daemon.hyperSocket,
        'GET',
        `/v1.1.0/images/save?${query}&format=${format}`,
      );
      assert.equal(saved.status, 200);
      assert.equal(saved.headers['content-type'], 'application/x-tar');
      await bench.remove(`${bench.open.host}/some/tool:v1`);
      const answer = await bench.hyperctl('POST /image/load?name=&refs=%7B%7D', {
        body: saved.bytes,
        type: 'application/tar',
      });
      assert.deepEqual(
        progressOf(answer)
          .map(({ stream }) => stream)
          .filter((stream) => stream !== undefined)
          .toSorted(),
        [`Loaded image: ${bench.open.host}/some/tool:v1\n`, 'Loaded image: busybox:latest\n'],
      );
      assert.deepEqual(await bench.names(), [`${bench.open.host}/some/tool:v1`, 'busybox:latest']);
    }
    await bench.remove(`${bench.open.host}/some/tool:v1`);
  });

  it('needs names that are known', async () => {
    assertRefused(await tell(bench.daemon, 'GET /images/save'), 500, /names is required/u);
    assertRefused(await tell(bench.daemon, 'GET /images/save?names=nobody'), 404, /No such image: nobody/u);
    assertRefused(await tell(bench.daemon, 'GET /images/save?names=busybox&names=nobody'), 404, /nobody/u);
  });

  it('that is none is refused', async () => {
    for (const text of ['', 'no tar', 'x'.repeat(2000)])
      assertRefused(
        await bench.hyperctl('POST /image/load?name=&refs=%7B%7D', { body: Buffer.from(text) }),
        500,
        /\w/u,
      );
    assert.deepEqual(await bench.names(), ['busybox:latest']);
  });
});
