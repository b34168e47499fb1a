import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Program } from '#test/support/clients/program.ts';
import { until } from '#test/support/clients/until.ts';
import { imageArchive, TestDaemon } from '#test/support/daemon.ts';
import { pushImage, startRegistry } from '#test/support/registry.ts';
import type { TestRegistry } from '#test/support/registry.ts';
import { makeImage } from '#test/support/test-image.ts';

const BIN = fileURLToPath(new URL('../../bin/gantry.mjs', import.meta.url));
const PRIVATE = ['/var/lib/gantry/private', '/run/gantry/private'];

describe('the gantry command', { concurrency: 3 }, () => {
  let daemon: TestDaemon;
  let registry: TestRegistry;
  let gantry: Program;

  before(async () => {
    [daemon, registry] = await Promise.all([TestDaemon.start(), startRegistry()]);
    gantry = new Program([process.execPath, BIN], { GANTRY_HOST: `unix://${daemon.socket}` });
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });

  test('run: outputs, input, exit codes', async () => {
    const said = await gantry.run(['run', '--rm', 'busybox', 'sh', '-c', 'echo hi; echo oh >&2; exit 7']);
    assert.deepEqual(said, { code: 7, stdout: 'hi\n', stderr: 'oh\n' });
    assert.equal((await gantry.run(['run', '--rm', '-i', 'busybox', 'wc', '-c'], 'abc')).stdout.trim(), '3');
    assert.equal((await gantry.run(['run', '--rm', 'busybox', '/etc/passwd'])).code, 126);
    assert.equal((await gantry.run(['run', '--rm', 'busybox', '/none'])).code, 127);
    assert.equal(
      (await gantry.run(['run', '--rm', '--network', 'container:nobody', 'busybox', 'true'])).code,
      125,
    );
  });

  test('run -it on a terminal', async () => {
    const { code } = await gantry.onTerminal(
      ['run', '--rm', '-it', 'busybox', 'sh'],
      [
        { resize: [27, 93], send: 'stty size\n', expect: '27 93', again: true },
        { resize: [35, 101], send: 'stty size\n', expect: '35 101', again: true },
        { send: 'exit 9\n' },
      ],
    );
    assert.equal(code, 9);
  });

  test('a container from run -d to rm', async () => {
    const id = await gantry.says(
      'run',
      '-d',
      '--name',
      'long',
      '-e',
      'A=b',
      'busybox',
      'sh',
      '-c',
      'echo up; sleep 1000',
    );
    assert.match(id, /^[0-9a-f]{64}$/u);
    assert.match(await gantry.says('ps'), /long/u);
    assert.equal(await gantry.says('exec', 'long', 'sh', '-c', 'echo $A'), 'b');
    assert.equal((await gantry.run(['exec', 'long', 'false'])).code, 1);
    await until(async () => (await gantry.says('logs', 'long')) === 'up', 'the log');
    assert.match(await gantry.complains('rm', 'long'), /running/u);
    assert.equal(await gantry.says('stop', '-t', '0', 'long'), 'long');
    assert.equal(await gantry.says('rm', 'long'), 'long');
    assert.equal(await gantry.says('ps', '-aq', '-f', 'name=long'), '');
  });

  test('SIGINT to run reaches the container', async () => {
    await using running = gantry.start([
      'run',
      '--rm',
      'busybox',
      'sh',
      '-c',
      'trap "exit 33" INT; while :; do echo tick; sleep 0.1; done',
    ]);
    await running.shows(/tick/u);
    running.child.kill('SIGINT');
    assert.equal((await running.outcome).code, 33);
  });

  test('pull shows its progress in lines, and on a terminal in place', async () => {
    const push = async (repository: string): Promise<string> => {
      const image = await makeImage({ layers: [{ files: { mark: randomBytes(8).toString('hex') } }] });
      await pushImage({ url: registry.url, repository, tag: 'v1' }, image);
      return `${registry.host}/${repository}:v1`;
    };
    const plain = await gantry.run(['pull', await push('plain')]);
    assert.equal(plain.code, 0);
    assert.match(plain.stdout, /Pull complete|Downloaded newer image/u);
    assert.ok(!plain.stdout.includes('\u001B['));
    const drawn = await gantry.onTerminal(['pull', await push('drawn')], [{ resize: [24, 80] }]);
    assert.equal(drawn.code, 0);
    assert.ok(drawn.stdout.includes('\u001B['));
    const quiet = await push('quiet');
    assert.equal(await gantry.says('pull', '-q', quiet), quiet);
    assert.match(await gantry.complains('pull', `${registry.host}/plain:v2`), /not found|unknown/iu);
  });

  test('images and load', async () => {
    assert.match(await gantry.says('images'), /busybox/u);
    assert.match(await gantry.says('load', '-i', await imageArchive('busybox')), /busybox:latest/u);
  });

  test('info, and what the doctor says about this machine', async () => {
    assert.match(await gantry.says('info'), /^Containers: /mu);
    assert.ok(JSON.parse(await gantry.says('info', '--json')));
    const doctor = await gantry.run(['info', '--doctor']);
    assert.match(doctor.stdout, /^ok +/mu);
    assert.equal(doctor.code, doctor.stdout.includes('MISSING') ? 1 : 0);
  });

  test('nobody at the other end is said plainly', async () => {
    const alone = gantry.with({ GANTRY_HOST: 'unix:///run/nobody-here.sock' });
    assert.match(await alone.complains('ps'), /no daemon answers at unix:\/\/\/run\/nobody-here\.sock/u);
    assert.notEqual((await gantry.run(['no-such-command'])).code, 0);
    assert.match(await gantry.says('--help'), /Usage: gantry/u);
  });

  test('npx finds the command', async () => {
    const npx = new Program(['npx', '--no-install', 'gantry'], { GANTRY_HOST: `unix://${daemon.socket}` });
    assert.equal(await npx.says('run', '--rm', 'busybox', 'echo', 'by npx'), 'by npx');
  });
});

test('demo shows two containers that talk, with a daemon of its own', async () => {
  const wasThere = PRIVATE.map((folder) => existsSync(folder));
  const said = await new Program([process.execPath, BIN], { GANTRY_HOST: '', DOCKER_HOST: '' }).says('demo');
  assert.match(said, /my id: uid=0/u);
  assert.match(said, /the private daemon ends now/u);
  assert.doesNotMatch(readFileSync('/proc/mounts', 'utf8'), / \/run\/gantry\/private/u);
  for (const [at, folder] of PRIVATE.entries())
    if (wasThere[at] === false) await rm(folder, { recursive: true, force: true });
});
