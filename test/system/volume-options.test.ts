import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { assertNoLeaks } from '#test/support/faults/machine.ts';
import { create, inspect, readLog, remove, removeAll, run, wait } from '#test/support/faults/containers.ts';
import { ask } from '#test/support/versions/ask.ts';

type Volume = { readonly Name: string; readonly Mountpoint: string; readonly Options: object | null };

const TMPFS = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,uid=1000,mode=0750' };

/** Options of the driver `local`: type, device and o, as mount(8) has them. */
describe('volumes with options', () => {
  let daemon: TestDaemon;
  let host: string;
  before(async () => {
    daemon = await TestDaemon.start();
    host = join(daemon.folder, 'host');
    mkdirSync(host);
  });
  after(async () => daemon[Symbol.asyncDispose]());
  afterEach(async () => {
    await removeAll(daemon);
    await until(() => mounted().length === 0, 'no volume is mounted any more');
    await assertNoLeaks(daemon);
  });

  const send = async (method: string, path: string, body?: object) =>
    ask(daemon.socket, method, path, body === undefined ? {} : { body });
  const make = async (Name: string, DriverOpts: object, version = '1.51'): Promise<Volume> => {
    const answer = await send('POST', `/v${version}/volumes/create`, { Name, DriverOpts });
    assert.equal(answer.status, 201, answer.text);
    return JSON.parse(answer.text) as Volume;
  };
  const drop = async (name: string): Promise<void> =>
    assert.equal((await send('DELETE', `/v1.51/volumes/${name}`)).status, 204);
  const mounted = (): string[] =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((point) => point.startsWith(`${daemon.dataRoot}/volumes/`));
  const at = (volume: string, path = '/data'): object => ({ HostConfig: { Binds: [`${volume}:${path}`] } });
  const output = async (command: string, body: object): Promise<string> => {
    const id = await run(daemon, command, body);
    await wait(daemon, id);
    const { stdout, stderr } = await readLog(daemon, id);
    await remove(daemon, id);
    return stdout + stderr;
  };

  it('are mounted while containers run that have them, and then no more', async () => {
    const { Mountpoint, Options } = await make('memory', TMPFS);
    assert.deepEqual(Options, TMPFS);
    assert.deepEqual(mounted(), []);
    const first = await run(daemon, 'echo one > /data/file; exec sleep 600', at('memory'));
    await until(() => existsSync(join(Mountpoint, 'file')), 'the file is written');
    assert.deepEqual(mounted(), [Mountpoint]);
    const looks =
      'cat /data/file; stat -c "%u %a" /data; df -k /data | tail -1; dd if=/dev/zero of=/data/big bs=1k';
    const text = await output(looks, at('memory'));
    assert.match(text, /^one\n1000 750\n[^\n]* 1024 .*No space left/su);
    assert.deepEqual(mounted(), [Mountpoint]);
    await send('POST', `/v1.51/containers/${first}/stop?t=0`);
    assert.deepEqual(mounted(), []);
    await send('POST', `/v1.51/containers/${first}/start`);
    // Memory that nobody had in between is new memory.
    assert.equal(await output('ls /data', at('memory')), 'file\n');
    await remove(daemon, first);
    await drop('memory');
    assert.equal(existsSync(Mountpoint), false);
  });

  it('show a directory of the host, whose files outlive the volume', async () => {
    const options = { type: 'none', device: host, o: 'bind' };
    await make('bound', options);
    writeFileSync(join(host, 'precious'), 'kept');
    assert.equal(await output('cat /data/precious; echo new > /data/new', at('bound')), 'kept');
    assert.equal(readFileSync(join(host, 'new'), 'utf8'), 'new\n');
    await make('still', { ...options, o: 'bind,ro' });
    assert.match(await output('echo > /data/x; cat /data/new', at('still')), /Read-only file system\n/u);
    assert.equal(existsSync(join(host, 'x')), false);
    await make('tame', { ...options, o: 'bind,noexec' });
    writeFileSync(join(host, 'script'), '#!/bin/sh\n', { mode: 0o755 });
    assert.match(await output('/data/script', at('tame')), /Permission denied/u);
    for (const name of ['bound', 'still', 'tame']) await drop(name);
    assert.equal(readFileSync(join(host, 'precious'), 'utf8'), 'kept');
  });

  it('are filled from the image where the source is empty', async () => {
    const empty = join(daemon.folder, 'empty');
    mkdirSync(empty);
    await make('filled', { type: 'none', device: empty, o: 'bind' });
    const id = await create(daemon, 'true', at('filled', '/etc'));
    assert.ok(existsSync(join(empty, 'passwd')));
    assert.deepEqual(mounted(), []);
    await remove(daemon, id);
    await drop('filled');
    assert.ok(existsSync(join(empty, 'passwd')));
  });

  it('are seen by archives of containers that do not run', async () => {
    await make('copied', { type: 'none', device: host, o: 'bind' });
    const id = await create(daemon, 'true', at('copied'));
    writeFileSync(join(host, 'from-host'), 'x');
    const found = await send('GET', `/v1.51/containers/${id}/archive?path=/data/from-host`);
    assert.equal(found.status, 200);
    assert.ok(found.text.includes('from-host'));
    assert.equal((await send('HEAD', `/v1.51/containers/${id}/archive?path=/data/from-host`)).status, 200);
    await until(() => mounted().length === 0, 'it is unmounted');
    await remove(daemon, id);
    await drop('copied');
  });

  it('are refused with the words of Docker', async () => {
    const refused = async (DriverOpts: object, message: string): Promise<void> => {
      const answer = await send('POST', '/v1.51/volumes/create', { Name: 'bad', DriverOpts });
      assert.deepEqual(
        [answer.status, JSON.parse(answer.text)],
        [400, { message: `create bad: ${message}` }],
      );
    };
    await refused({ type: 'tmpfs' }, 'missing required option: "device"');
    await refused({ device: '/srv' }, 'missing required option: "type"');
    await refused({ o: 'bind' }, 'missing required option: "device"');
    await refused({ colour: 'red' }, 'invalid option: "colour"');
    await refused({ size: '10m' }, 'quota size requested but no quota support');
    await refused({ size: 'x' }, "invalid size: 'x'");
    const mount = { Type: 'volume', Source: 'bad', Target: '/data' };
    const VolumeOptions = { DriverConfig: { Name: 'local', Options: { type: 'tmpfs' } } };
    const body = { Image: 'busybox', HostConfig: { Mounts: [{ ...mount, VolumeOptions }] } };
    assert.equal((await send('POST', '/v1.51/containers/create', body)).status, 400);
    assert.equal((await send('GET', '/v1.51/volumes/bad')).status, 404);
    // What is there already is given back.
    await make('plain', {});
    assert.equal((await make('plain', TMPFS)).Options, null);
    await drop('plain');
    // Docker 1.9 and 1.10 ignored them.
    assert.equal((await make('older', TMPFS, '1.22')).Options, undefined);
    const { text } = await send('GET', '/v1.51/volumes/older');
    assert.equal((JSON.parse(text) as Volume).Options, null);
    await drop('older');
  });

  it('make a start fail that cannot mount them, and leave nothing behind', async () => {
    const { Mountpoint } = await make('broken', { type: 'none', device: join(host, 'nosuch'), o: 'bind' });
    await make('whole', TMPFS);
    const Binds = ['whole:/one', 'broken:/two'];
    const id = await create(daemon, 'true', { HostConfig: { Binds } });
    const words = `error while mounting volume '${Mountpoint}': failed to mount local volume: mount ${host}/nosuch:${Mountpoint}, flags: 0x1000: no such file or directory`;
    const answer = await send('POST', `/v1.51/containers/${id}/start`);
    assert.deepEqual([answer.status, JSON.parse(answer.text)], [500, { message: words }]);
    assert.deepEqual(mounted(), []);
    assert.equal((await inspect(daemon, id)).State.Error, words);
    const over = { Image: 'busybox', ...at('broken', '/etc') };
    const populate = await send('POST', '/v1.51/containers/create', over);
    assert.equal(populate.status, 500);
    assert.deepEqual(JSON.parse(populate.text), { message: `failed to populate volume: ${words}` });
    mkdirSync(join(host, 'nosuch'));
    assert.equal((await send('POST', `/v1.51/containers/${id}/start`)).status, 204);
    assert.equal(await wait(daemon, id), 0);
    await make('network', { type: 'nfs', device: ':/export', o: 'addr=127.0.0.1,nolock,soft' });
    const far = await create(daemon, 'true', at('network'));
    const nfs = await send('POST', `/v1.51/containers/${far}/start`);
    assert.equal(nfs.status, 500);
    assert.match(
      nfs.text,
      /failed to mount local volume: mount :\/export:[^ ]*, data: addr=127\.0\.0\.1,nolock,soft: /u,
    );
    for (const each of [id, far]) await remove(daemon, each);
    for (const name of ['broken', 'whole', 'network']) await drop(name);
  });

  it('survive the daemon as long as a container runs, and are not left behind otherwise', async () => {
    await make('memory', TMPFS);
    await make('other', TMPFS);
    const runs = await run(daemon, 'echo one > /data/file; exec sleep 600', at('memory'));
    const ends = await run(daemon, 'exec sleep 600', at('other'));
    await until(async () => (await output('ls /data', at('memory'))) === 'file\n', 'it has begun');
    const { State } = await inspect(daemon, ends);
    await daemon.kill();
    process.kill(State.Pid, 'SIGKILL');
    await daemon.boot();
    assert.deepEqual(
      mounted().filter((point) => point.includes('/other/')),
      [],
    );
    assert.equal(await output('cat /data/file', at('memory')), 'one\n');
    await send('POST', `/v1.51/containers/${runs}/stop?t=0`);
    assert.deepEqual(mounted(), []);
    for (const id of [runs, ends]) await remove(daemon, id);
    for (const name of ['memory', 'other']) await drop(name);
  });

  it('that are mounted anew are new to every container, also beside one that runs on', async () => {
    await make('memory', TMPFS);
    const first = await run(daemon, 'echo one > /data/file; exec sleep 600', at('memory'));
    // Its monitor has a copy of the mounts of this moment.
    await run(daemon, 'exec sleep 600', {});
    await send('POST', `/v1.51/containers/${first}/stop?t=0`);
    assert.equal(await output('ls /data', at('memory')), '');
    assert.equal(readFileSync(`/proc/${daemon.pid}/mountinfo`, 'utf8').includes('/volumes/memory'), false);
    assert.deepEqual(otherViewsOf('/volumes/memory'), []);
    await removeAll(daemon);
    await drop('memory');
  });
});

it('a daemon that ends with its containers leaves nothing mounted', async () => {
  await using daemon = await TestDaemon.start({ args: ['--stop-containers-on-exit'] });
  await daemon.client.json('POST', '/volumes/create', { body: { Name: 'memory', DriverOpts: TMPFS } });
  const script = 'trap "exit 0" TERM; echo up; while :; do sleep 0.05; done';
  const id = await run(daemon, script, { HostConfig: { Binds: ['memory:/data'] } });
  await until(async () => (await readLog(daemon, id)).stdout === 'up\n', 'it listens');
  const isMounted = (): boolean => {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    return [daemon.dataRoot, daemon.execRoot].some((root) => mounts.includes(root));
  };
  assert.equal(isMounted(), true);
  await daemon.stop();
  assert.equal(isMounted(), false);
});

/** Processes in whose mount table a path still stands. */
const otherViewsOf = (path: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/u.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/mountinfo`, 'utf8').includes(path);
    } catch {
      // It has ended.
      return false;
    }
  });
