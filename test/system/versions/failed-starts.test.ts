import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask, connectWire } from '#test/support/versions/ask.ts';
import { unframe } from '#test/support/versions/speaker.ts';

/** What does not come to run, and how each version says so. */
describe('starts that fail', () => {
  let daemon: TestDaemon;
  let id = '';
  before(async () => {
    daemon = await TestDaemon.start();
    id = await made({ Cmd: ['sleep', '1000'] }, 'host');
    assert.equal((await post('/v1.51/containers/host/start')).status, 204);
  });
  after(() => daemon[Symbol.asyncDispose]());

  const post = (path: string, body?: object): Promise<{ status: number; text: string }> =>
    ask(daemon.socket, 'POST', path, body === undefined ? {} : { body });
  const made = async (settings: object, name: string, version = '1.51'): Promise<string> => {
    const { status, text } = await post(`/v${version}/containers/create?name=${name}`, {
      Image: 'busybox',
      Cmd: ['true'],
      ...settings,
    });
    assert.equal(status, 201, text);
    return (JSON.parse(text) as { Id: string }).Id;
  };
  const wordsOf = ({ text }: { text: string }): string =>
    text.startsWith('{') ? (JSON.parse(text) as { message: string }).message : text.trimEnd();
  const errorOf = async (name: string, version: string): Promise<string> => {
    const { text } = await ask(daemon.socket, 'GET', `/v${version}/containers/${name}/json`);
    return (JSON.parse(text) as { State: { Error: string } }).State.Error;
  };

  /** Status line and streams of an attached start. */
  const execStarted = async (version: string, exec: string): Promise<{ head: string; said: object }> => {
    const wire = await connectWire(daemon.socket);
    await wire.send(
      `POST /v${version}/exec/${exec}/start HTTP/1.1\r\nHost:\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
    );
    const [head = '', ...rest] = (await wire.rest()).split('\r\n\r\n');
    return { head: head.split('\r\n')[0] ?? '', said: unframe(rest.join('\r\n\r\n')) };
  };
  const execMade = async (command: readonly string[], user = ''): Promise<string> => {
    const body = { Cmd: command, AttachStdout: true, AttachStderr: true, User: user };
    return (JSON.parse((await post('/v1.21/containers/host/exec', body)).text) as { Id: string }).Id;
  };

  it('an exec says so on its stream, in the words of the engine', async () => {
    const missing = 'exec: "nothere": executable file not found in $PATH';
    for (const version of ['1.15', '1.18', '1.19', '1.21', '1.22', '1.51']) {
      const exec = await execMade(['nothere']);
      const byEngine = `Error starting exec command in container ${exec}: Cannot run exec command ${exec} in container ${id}: ${missing}\n`;
      const today = `OCI runtime exec failed: exec failed: unable to start container process: ${missing}\r\n`;
      const said =
        Number(version.slice(2)) < 19
          ? { out: byEngine, err: '' }
          : Number(version.slice(2)) < 22
            ? { out: '', err: `${missing}\n` }
            : { out: today, err: '' };
      assert.deepEqual(await execStarted(version, exec), { head: 'HTTP/1.1 200 OK', said }, version);
    }
  });

  it('an exec of nobody, or one that has run, says so as well', async () => {
    const nobody = await execStarted('1.18', await execMade(['true'], 'nobody-here'));
    assert.equal(nobody.head, 'HTTP/1.1 200 OK');
    assert.match(JSON.stringify(nobody.said), /Cannot run exec command .* in container .*nobody-here/);
    const exec = await execMade(['true']);
    await execStarted('1.18', exec);
    const again = `Error starting exec command in container ${exec}: Error: Exec command ${exec} is already running\n`;
    assert.deepEqual(await execStarted('1.18', exec), {
      head: 'HTTP/1.1 200 OK',
      said: { out: again, err: '' },
    });
    assert.deepEqual((await execStarted('1.21', exec)).said, { out: '', err: '' });
  });

  it('a container keeps the sentence that start answered with', async () => {
    await made({ Cmd: ['/no/such'] }, 'lost');
    const started = await post('/v1.51/containers/lost/start');
    assert.equal(started.status, 400);
    assert.equal(await errorOf('lost', '1.51'), wordsOf(started));
    assert.match(wordsOf(started), /^failed to create task for container: .*exec: "\/no\/such": /);
    const reason = 'exec: "/no/such": stat /no/such: no such file or directory';
    assert.equal(await errorOf('lost', '1.21'), `[8] System error: ${reason}`);
    assert.equal(await errorOf('lost', '1.16'), reason);
    const old = await post('/v1.21/containers/lost/start');
    assert.equal(wordsOf(old), `Cannot start container lost: [8] System error: ${reason}`);
  });

  it('an empty word is a command that is not found', async () => {
    for (const version of ['1.12', '1.21', '1.51']) {
      await made({ Cmd: [''] }, `empty-${version}`, version);
      const { status, text } = await post(`/v${version}/containers/empty-${version}/start`);
      assert.ok(status >= 400, text);
      assert.match(text, /exec: \\?"\\?": executable file not found in \$PATH/);
      const shown = await ask(daemon.socket, 'GET', `/v${version}/containers/empty-${version}/json`);
      assert.equal((JSON.parse(shown.text) as { State: { ExitCode: number } }).State.ExitCode, 127);
    }
    const none = await post('/v1.51/containers/create', { Image: 'busybox', Entrypoint: [''] });
    assert.deepEqual([none.status, wordsOf(none)], [400, 'no command specified']);
  });

  it('a working directory that is a file, a device that is none', async () => {
    await made({ WorkingDir: '/bin/cat' }, 'in-file');
    const words = 'Cannot mkdir: /bin/cat is not a directory';
    const inFile = await post('/v1.51/containers/in-file/start');
    assert.equal(wordsOf(inFile), words);
    assert.equal(await errorOf('in-file', '1.51'), words);
    const old = await post('/v1.21/containers/in-file/start');
    assert.deepEqual([old.status, wordsOf(old)], [500, `Cannot start container in-file: ${words}`]);
    for (const [name, path, why] of [
      ['folder', '/etc', 'not a device node'],
      ['file', '/etc/hostname', 'not a device node'],
      ['nothing', '/dev/nothing-here', 'no such file or directory'],
    ] as const) {
      const Devices = [{ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rwm' }];
      await made({ HostConfig: { Devices } }, name);
      const gathering = `error gathering device information while adding custom device "${path}": ${why}`;
      assert.equal(wordsOf(await post(`/v1.51/containers/${name}/start`)), gathering);
      const then = await post(`/v1.21/containers/${name}/start`);
      assert.equal(wordsOf(then), `Cannot start container ${name}: ${gathering}`);
    }
  });

  it("an empty HOME is the user's", async () => {
    for (const [name, user, home] of [
      ['of-root', '', '/root'],
      ['of-daemon', 'daemon', '/usr/sbin'],
    ] as const) {
      await made({ Env: ['HOME='], User: user, Cmd: ['sh', '-c', 'echo $HOME'], Tty: true }, name);
      await post(`/v1.51/containers/${name}/start`);
      await post(`/v1.51/containers/${name}/wait`);
      const { text } = await ask(daemon.socket, 'GET', `/v1.51/containers/${name}/logs?stdout=1`);
      assert.equal(text.trim(), home);
    }
  });
});
