import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ClientRun, HYPERCTL_1_1 } from '#test/support/hyper/client-run.ts';
import { ImageBench } from '#test/support/hyper/image-bench.ts';
import { outputOf } from '#test/support/hyper/one-shot.ts';
import { idle, removePod, runPod } from '#test/support/hyper/pod-client.ts';
import { assertRefused, bodyOf, DIALECTS, json, plain, tell } from '#test/support/hyper/transcript.ts';
import type { Telling } from '#test/support/hyper/transcript.ts';
import { ACCOUNT } from '#test/support/registry.ts';

let bench: ImageBench;
before(async () => (bench = await ImageBench.start()));
after(async () => bench[Symbol.asyncDispose]());

describe('a removal', () => {
  const layer = (): string => bench.image.layers[0]?.diffId ?? '';
  const load = async (): Promise<void> => {
    await bench.pull(`${bench.open.host}/some/tool:v1`);
    await bench.tag('one');
    await bench.remove(`${bench.open.host}/some/tool:v1`);
  };

  it('is spelled as it always was', async () => {
    for (const path of ['/image', '/images'])
      for (const { at } of DIALECTS) {
        await load();
        await bench.tag('two');
        const say = async (name: string): Promise<string> => {
          const [request, telling] = at(`DELETE ${path}?imageId=${name}&force=no&noprune=no`);
          return tell(bench.daemon, request, telling);
        };
        assert.equal(await say('one:v1'), json(200, { imagesList: [{ untaged: 'one:v1' }] }));
        const { imagesList } = bodyOf(await say('two:v1')) as { imagesList: object[] };
        assert.deepEqual(imagesList[0], { untaged: 'two:v1' });
        assert.deepEqual(imagesList.slice(-2), [{ deleted: bench.image.id }, { deleted: layer() }]);
        assertRefused(await say('two:v1'), 404, /^No such image: two:v1/u);
      }
  });

  it('is by name, id, or the beginning of one', async () => {
    for (const ref of [
      'one:v1',
      bench.image.id,
      bench.image.id.slice(7),
      bench.image.id.slice(7, 19),
      '%20one:v1%20',
    ]) {
      await load();
      assert.match(await bench.remove(decodeURIComponent(ref)), /"deleted":"sha256:/u);
      assert.deepEqual(await bench.names(), ['busybox:latest']);
    }
    for (const query of ['', '?imageId=', '?imageId=%20'])
      assertRefused(await tell(bench.daemon, `DELETE /image${query}`), 500, /image name cannot be blank/u);
  });

  it('of what has several names needs force when it goes by id', async () => {
    await load();
    await bench.tag('two');
    assertRefused(await bench.remove(bench.image.id), 409, /must be forced|is referenced|multiple/u);
    assert.match(
      await bench.remove(bench.image.id, '&force=yes'),
      /\{"untaged":"one:v1"\},\{"untaged":"two:v1"\}/u,
    );
    assert.deepEqual(await bench.names(), ['busybox:latest']);
  });

  it('of what a container uses is 409', async () => {
    await runPod(bench.daemon, { id: 'user', containers: [idle('user-c')] });
    const { Id } = await bench.daemon.client.json<{ Id: string }>('GET', '/images/busybox/json');
    assertRefused(await bench.remove('busybox', '&force=no'), 409, /is using its referenced image/u);
    for (const force of ['no', 'yes'])
      assertRefused(
        await bench.remove(Id, `&force=${force}`),
        409,
        /is being used by running container|using/u,
      );
    await removePod(bench.daemon, 'user');
    assert.deepEqual(await bench.names(), ['busybox:latest']);
  });

  it('by the oldest clients forces, and tells nothing', async () => {
    await load();
    await bench.tag('two');
    const say = (query: string): Promise<string> => tell(bench.daemon, `POST /v0.4.0/images/remove?${query}`);
    assertRefused(await say(`imageId=${bench.image.id}&force=no&noprune=no`), 409, /\w/u);
    assert.equal(await say(`imageId=${bench.image.id}`), json(200, { imagesList: [] }));
    assert.deepEqual(await bench.names(), ['busybox:latest']);
    assertRefused(await say(`imageId=${bench.image.id}`), 404, /No such image/u);
    assertRefused(await say(''), 500, /image name cannot be blank/u);
  });
});

describe('a commit', () => {
  it('makes an image, instructions one by one or as hyperctl sends them', async () => {
    await runPod(bench.daemon, { id: 'source', containers: [idle('source-c')] });
    const list = encodeURIComponent(JSON.stringify(['ENV A=b', 'CMD ["sh","-c","echo $A"]']));
    const each = `${encodeURIComponent('ENV A=b')}&changes=${encodeURIComponent('CMD ["sh","-c","echo $A"]')}`;
    for (const more of [
      `author=me&change=${list}&container=source-c&message=why&pause=yes`,
      `author=me&changes=${list}&container=%2Fsource-c&comment=why&pause=no`,
      `author=me&changes=${each}&value=source-c&comment=why`,
    ]) {
      const answer = await bench.hyperctl(`POST /container/commit?${more}&repo=made&tag=v1`);
      const { ID } = bodyOf(answer) as { ID: string };
      assert.match(ID, /^sha256:[0-9a-f]{64}$/u);
      assert.equal(answer, json(200, { Cause: '', Code: 0, ID }));
      const made = await bench.daemon.client.json<{ Id: string; Author: string; Comment: string }>(
        'GET',
        '/images/made:v1/json',
      );
      assert.deepEqual([made.Id, made.Author, made.Comment], [ID, 'me', 'why']);
      assert.equal(
        await outputOf(bench.daemon, { line: '', container: { image: 'made:v1', command: [] } }),
        'b\n',
      );
      await bench.remove('made:v1');
    }
    await removePod(bench.daemon, 'source');
  });

  it('takes what the image runs from its body, and the rest from the container', async () => {
    await runPod(bench.daemon, { id: 'source', containers: [idle('source-c', { workdir: '/tmp' })] });
    // As the documents' example has it, an environment besides.
    const body = JSON.parse(
      `{"Hostname":"","User":"","Memory":0,"CpuShares":512,"Cpuset":"0,1","AttachStdout":true,"PortSpecs":null,
        "Tty":false,"Env":["A=b"],"Cmd":["date"],"Volumes":{"/tmp":{}},"WorkingDir":"","NetworkDisabled":false,
        "ExposedPorts":{"22/tcp":{}}}`,
    ) as object;
    const request = 'POST /container/commit?container=source-c&comment=message&repo=made&tag=v1';
    for (const [sent, cmd] of [
      [{ body }, ['date']],
      [{ body: { ...body, Env: null, Cmd: null } }, undefined],
      [{ body: '' }, undefined],
    ] as const) {
      assert.match(await tell(bench.daemon, request, sent), /^HTTP\/1\.1 200 OK\n/u);
      const { Config } = await bench.daemon.client.json<{ Config: Record<string, unknown> }>(
        'GET',
        '/images/made:v1/json',
      );
      assert.equal(Config['WorkingDir'], '/tmp');
      if (cmd === undefined) assert.match(JSON.stringify(Config['Cmd']), /^\["sh","-c",/u);
      else assert.deepEqual([Config['Cmd'], JSON.stringify(Config['Env']).includes('"A=b"')], [cmd, true]);
      if (sent.body !== '')
        assert.deepEqual([Config['Volumes'], Config['ExposedPorts']], [{ '/tmp': {} }, { '22/tcp': {} }]);
      await bench.remove('made:v1');
    }
    assertRefused(await tell(bench.daemon, request, { body: '{' }), 500, /EOF/u);
    const form = { body: 'container=source-c&repo=made&tag=v1', type: 'application/x-www-form-urlencoded' };
    assert.match(await tell(bench.daemon, 'POST /container/commit', form), /^HTTP\/1\.1 200 OK\n/u);
    await bench.remove('made:v1');
    await removePod(bench.daemon, 'source');
  });

  it('needs a container', async () => {
    assertRefused(
      await bench.hyperctl('POST /container/commit?container=nobody&repo=made'),
      404,
      /No such container: nobody/u,
    );
    assert.deepEqual(await bench.names(), ['busybox:latest']);
  });
});

describe('not there yet', () => {
  it('are push and build, in words', async () => {
    for (const { at } of DIALECTS)
      for (const [request, words] of [
        ['POST /image/push?remote=made&tag=v1', 'pushing'],
        ['POST /images/push?remote=made:v1', 'pushing'],
        ['POST /image/build?name=made', 'building'],
      ] as const) {
        const [text, telling] = at(request);
        const message = `not implemented: ${words} images is not supported yet`;
        assert.equal(await tell(bench.daemon, text, { body: 'x', ...telling }), plain(501, message));
      }
  });

  it('is a build whose context comes in chunks: it is read to its end, and the connection goes on', async () => {
    using run = new ClientRun(bench.daemon, HYPERCTL_1_1);
    const body = Buffer.alloc(300_000, 'x');
    const answer = await run.call('POST /image/build?name=made', { body, type: 'application/tar' });
    assertRefused(answer, 501, /building/u);
    assert.match(await run.call('GET /images/get?all=no'), /^HTTP\/1\.1 200 OK\n/u);
  });
});

describe('credentials', () => {
  const login = (body: object | string, more: Telling = {}): Promise<string> =>
    tell(bench.daemon, 'POST /auth', { body, ...more });
  const account = (): object => ({ ...ACCOUNT, email: 'a@example.org', serveraddress: bench.guarded.host });

  it('are checked with the registry they are for', async () => {
    for (const { at } of DIALECTS) {
      const [request, telling] = at('POST /auth');
      assert.equal(
        await tell(bench.daemon, request, { body: account(), ...telling }),
        json(200, { Status: 'Login Succeeded' }),
      );
      assertRefused(
        await tell(bench.daemon, request, { body: { ...account(), password: 'guessed' }, ...telling }),
        401,
        /unauthorized/u,
      );
    }
    // Nobody asks for a type, and names have any case.
    const text = JSON.stringify(account()).replace('username', 'Username');
    assert.equal(await login(text, { type: 'text/plain' }), json(200, { Status: 'Login Succeeded' }));
    assert.equal(await login(text, { type: '' }), json(200, { Status: 'Login Succeeded' }));
  });

  it('have to be JSON', async () => {
    for (const [body, words] of [
      ['', /EOF/u],
      ['{', /EOF/u],
      ['name=tester', /invalid character/u],
      ['{"username":1}', /username/u],
    ] as const)
      assertRefused(await login(body), 500, words);
    assertRefused(await login({ ...ACCOUNT, serveraddress: '127.0.0.1:1' }), 500, /ECONNREFUSED/u);
  });
});
