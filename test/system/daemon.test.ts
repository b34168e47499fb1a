import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { heard } from '#test/support/clients/heard.ts';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { freePort } from '#test/support/registry.ts';

const MAIN = fileURLToPath(new URL('../../src/daemon/main.ts', import.meta.url));

type Inspected = {
  readonly Id: string;
  readonly State: { readonly Running: boolean; readonly Pid: number; readonly Status: string };
};

const start = async (daemon: TestDaemon, body: object): Promise<string> => {
  const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
    body: { Image: 'busybox', Cmd: ['sleep', '1000'], ...body },
  });
  await daemon.client.json('POST', `/containers/${Id}/start`);
  return Id;
};

const inspect = (daemon: TestDaemon, id: string): Promise<Inspected> =>
  daemon.client.json('GET', `/containers/${id}/json`);

/** A daemon that is expected to end by itself: its exit code and last words. */
const runToEnd = async (...args: string[]): Promise<{ code: number | null; said: string }> => {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
};

describe('a daemon’s start and end', () => {
  let daemon: TestDaemon;
  let configFile = '';
  let pidfile = '';

  before(async () => {
    const port = await freePort();
    const folder = `/tmp/gantry-config-${port}`;
    [configFile, pidfile] = [`${folder}.json`, `${folder}.pid`];
    await writeFile(configFile, JSON.stringify({ labels: ['a=1'], 'log-level': 'info' }));
    daemon = await TestDaemon.start({ args: ['--config-file', configFile, '--pidfile', pidfile] });
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    for (const name of ['second', 'tcp'])
      await rm(`${daemon.execRoot}-${name}`, { recursive: true, force: true });
    await Promise.all([configFile, pidfile].map(async (file) => rm(file, { force: true })));
  });

  test('the configuration file counts, and the pidfile names the process', async () => {
    const { Labels } = await daemon.client.json<{ Labels: string[] }>('GET', '/info');
    assert.deepEqual(Labels, ['a=1']);
    assert.equal((await readFile(pidfile, 'utf8')).trim(), String(daemon.pid));
  });

  test('the socket is for root and its group only', async () => {
    assert.equal((await stat(daemon.socket)).mode & 0o777, 0o660);
  });

  test('SIGHUP reads the configuration again; a broken one leaves the old', async () => {
    const labels = async () => (await daemon.client.json<{ Labels: string[] }>('GET', '/info')).Labels;
    await writeFile(
      configFile,
      JSON.stringify({ labels: ['a=2'], 'insecure-registries': ['somewhere:5000'] }),
    );
    process.kill(daemon.pid, 'SIGHUP');
    await until(() => daemon.log.includes('configuration reloaded'), 'the reload');
    assert.deepEqual(await labels(), ['a=2']);
    await writeFile(configFile, 'nothing of sense');
    process.kill(daemon.pid, 'SIGHUP');
    await until(() => daemon.log.includes('could not be reloaded'), 'the complaint');
    assert.deepEqual(await labels(), ['a=2']);
    await writeFile(configFile, JSON.stringify({ labels: ['a=1'] }));
  });

  test('a taken socket ends the second daemon with exit code 1 and the socket’s name', async () => {
    const { code, said } = await runToEnd(
      '--data-root',
      `${daemon.folder}/second`,
      '--exec-root',
      `${daemon.execRoot}-second`,
      '-H',
      `unix://${daemon.socket}`,
      '--bip',
      '10.211.250.1/24',
    );
    assert.equal(code, 1);
    assert.ok(said.includes(daemon.socket), said);
    assert.ok(await daemon.client.json('GET', '/info'));
    await assert.rejects(stat(`${daemon.folder}/second`), { code: 'ENOENT' }, 'nothing was made');
  });

  test('a taken data root ends the second daemon with exit code 1', async () => {
    const { code, said } = await runToEnd(
      '--data-root',
      daemon.dataRoot,
      '--exec-root',
      `${daemon.execRoot}-second`,
      '-H',
      `unix://${daemon.folder}/second.sock`,
      '--bip',
      '10.211.250.1/24',
    );
    assert.equal(code, 1);
    assert.ok(said.includes(daemon.dataRoot), said);
  });

  test('a taken exec root ends the second daemon with exit code 1, and the first keeps its mark', async () => {
    const mark = await readFile(`${daemon.execRoot}/gantry.json`, 'utf8');
    for (const dataRoot of [daemon.dataRoot, `${daemon.folder}/third`]) {
      const { code, said } = await runToEnd(
        '--data-root',
        dataRoot,
        '--exec-root',
        daemon.execRoot,
        '-H',
        `unix://${daemon.folder}/third.sock`,
        '--bip',
        '10.211.250.1/24',
      );
      assert.equal(code, 1);
      assert.ok(said.includes(daemon.dataRoot), said);
    }
    assert.equal(await readFile(`${daemon.execRoot}/gantry.json`, 'utf8'), mark);
  });

  test('flags and files nobody understands are named', async () => {
    const flag = await runToEnd('--no-such-flag');
    assert.equal(flag.code, 1);
    assert.match(flag.said, /no-such-flag/u);
    await writeFile(`${daemon.folder}/bad.json`, '{"no-such-key": 1}');
    const file = await runToEnd('--config-file', `${daemon.folder}/bad.json`);
    assert.equal(file.code, 1);
    assert.match(file.said, /no-such-key/u);
    const tcp = await runToEnd(
      '-H',
      'tcp://0.0.0.0:1',
      '--data-root',
      `${daemon.folder}/tcp`,
      '--exec-root',
      `${daemon.execRoot}-tcp`,
    );
    assert.equal(tcp.code, 1);
    assert.match(tcp.said, /insecure-tcp|TLS/u);
  });

  test('SIGTERM leaves containers and their ports, the next start finds them', async () => {
    const port = await freePort();
    const id = await start(daemon, {
      Cmd: ['sh', '-c', 'while :; do echo served | nc -l -p 80; done'],
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostPort: String(port) }] } },
    });
    const { Pid } = (await inspect(daemon, id)).State;
    for (const host of ['127.0.0.1', '::1']) assert.equal(await heard(host, port), 'served\n');
    await daemon.stop();
    process.kill(Pid, 0);
    assert.equal(await heard('127.0.0.1', port), 'served\n');
    await daemon.boot();
    assert.equal((await inspect(daemon, id)).State.Pid, Pid);
    for (const host of ['127.0.0.1', '::1']) assert.equal(await heard(host, port), 'served\n');
  });

  test('a stale socket is replaced', async () => {
    await daemon.kill();
    assert.ok((await stat(daemon.socket)).isSocket());
    await daemon.boot();
    assert.ok(await daemon.client.json('GET', '/info'));
  });
});

test('--stop-containers-on-exit takes them along', async () => {
  await using daemon = await TestDaemon.start({ args: ['--stop-containers-on-exit'] });
  const script = 'trap "exit 0" TERM; while :; do sleep 0.05; done';
  const { Pid } = (await inspect(daemon, await start(daemon, { Cmd: ['sh', '-c', script] }))).State;
  await daemon.stop();
  assert.throws(() => process.kill(Pid, 0), { code: 'ESRCH' });
  await daemon.boot();
});

test('two daemons side by side know nothing of each other', async () => {
  const both = await Promise.all([TestDaemon.start(), TestDaemon.start()]);
  await using stack = new AsyncDisposableStack();
  for (const daemon of both) stack.use(daemon);
  const ids = await Promise.all(both.map(async (daemon) => start(daemon, { name: 'same' })));
  const [one, two] = both;
  assert.ok(one !== undefined && two !== undefined);
  await one.restart();
  await assert.rejects(inspect(one, ids[1] ?? ''), { status: 404 });
  await assert.rejects(inspect(two, ids[0] ?? ''), { status: 404 });
  for (const [at, daemon] of both.entries())
    assert.equal((await inspect(daemon, ids[at] ?? '')).State.Running, true);
  const networks = await Promise.all(
    both.map(async (daemon, at) =>
      daemon.client.json<{ NetworkSettings: { Gateway: string } }>('GET', `/containers/${ids[at]}/json`),
    ),
  );
  assert.notEqual(networks[0]?.NetworkSettings.Gateway, networks[1]?.NetworkSettings.Gateway);
});
