import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { idOf } from '#test/support/hyper/answers.ts';
import { clear } from '#test/support/hyper/cut-off.ts';
import { flagged, hyperctl, start } from '#test/support/hyper/hyperctl.ts';
import { ImageBench } from '#test/support/hyper/image-bench.ts';
import { progressOf } from '#test/support/hyper/progress.ts';
import { finish, readFrames } from '#test/support/hyper/taken.ts';
import { assertRefused, bodyOf, json } from '#test/support/hyper/transcript.ts';
import { ACCOUNT } from '#test/support/registry.ts';

/** Runs of hyperctl 1.1 about images and the daemon, call by call. */

let bench: ImageBench;
before(async () => (bench = await ImageBench.start()));
after(async () => bench[Symbol.asyncDispose]());
afterEach(async () => clear(bench.daemon));

describe('hyperctl info, images, pull, login, commit, save, load, rmi, build, push', () => {
  it('read the numbers of info, some of which are texts to it', async () => {
    const info = bodyOf(await hyperctl(bench.daemon, async (run) => run.call('GET /info'))) as Record<
      string,
      unknown
    >;
    for (const name of ['Images', 'Containers', 'Pods', 'MemTotal'])
      assert.equal(typeof info[name], 'number', name);
    for (const name of ['Driver', 'ExecutionDriver', 'Operating System', 'Name'])
      assert.equal(typeof info[name], 'string', name);
  });

  it('ask for a password where a pull is 401, check it, and try again', async () => {
    const name = `${bench.guarded.host}/some/tool:v1`;
    const request = `POST /image/create?imageName=${encodeURIComponent(name)}`;
    const account = { ...ACCOUNT, auth: '', email: '', serveraddress: bench.guarded.host };
    const header = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    await hyperctl(bench.daemon, async (run) => {
      const anonymous = { headers: { 'X-Registry-Auth': header({ auth: '', email: '' }) } };
      assertRefused(await run.call(request, anonymous), 401, /auth/u);
      assertRefused(await run.call('POST /auth', { body: { ...account, password: 'x' } }), 401, /auth/u);
      assert.equal(await run.call('POST /auth', { body: account }), json(200, { Status: 'Login Succeeded' }));
      progressOf(await run.call(request, { headers: { 'X-Registry-Auth': header(account) } }));
      const [line = ''] = (
        bodyOf(await run.call('GET /images/get?all=no&quiet=no')) as { imagesList: string[] }
      ).imagesList;
      assert.deepEqual(line.split(':').slice(0, -3).join(':'), name);
      const gone = await run.call(`DELETE /image?force=no&imageId=${encodeURIComponent(name)}&noprune=no`);
      assert.match(
        gone,
        /\n\n\{"imagesList":\[\{"untaged":"[^"]+:v1"\},.*\{"deleted":"sha256:[0-9a-f]+"\}\]\}\n$/u,
      );
    });
  });

  it('make an image of a container and run it', async () => {
    await hyperctl(bench.daemon, async (run) => {
      await run.call('POST /pod/create', { body: flagged('source', 'echo kept > /kept') });
      await start(run, 'source');
      await run.call('GET /exitcode?container=source&exec=');
    });
    await hyperctl(bench.daemon, async (run) => {
      const query = 'author=&change=null&container=source&message=&pause=no&repo=made&tag=v1';
      assert.match(idOf(await run.call(`POST /container/commit?${query}`), 200), /^sha256:/u);
      const body = flagged('copy', 'cat /kept', { image: 'made:v1' });
      await run.call('POST /pod/create', { body });
      const [attached] = await Promise.all([run.hijack('/attach?container=copy'), start(run, 'copy')]);
      assert.deepEqual(readFrames(await finish(attached)), [[1, 'kept\n']]);
    });
    await clear(bench.daemon);
    assert.match(await bench.remove('made:v1'), /"deleted"/u);
  });

  it('are told in words what is not there yet', async () => {
    await hyperctl(bench.daemon, async (run) => {
      const build = {
        body: Buffer.alloc(10_240),
        type: 'application/tar',
        headers: { 'X-Registry-Config': 'e30=' },
      };
      assertRefused(await run.call('POST /image/build?name=abcdefghij', build), 501, /building images/u);
      const push = { headers: { 'X-Registry-Auth': 'e30=' } };
      assertRefused(await run.call('POST /image/push?remote=me%2Fmade%3Av1', push), 501, /pushing images/u);
    });
  });
});
