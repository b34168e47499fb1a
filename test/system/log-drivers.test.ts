import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { create, run } from '#test/support/faults/containers.ts';

/** Receives datagrams on a Unix socket, which Node cannot, and prints them. */
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    print(s.recv(65536).decode().rstrip(), flush=True)
`;

describe('log drivers', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(() => daemon[Symbol.asyncDispose]());

  const logs = async (id: string): Promise<string> =>
    text(await daemon.client.open('GET', `/containers/${id}/logs`, { query: { stdout: 1, stderr: 1 } }));
  const withDriver = (Type: string, Config: object = {}): object => ({
    Tty: true,
    HostConfig: { LogConfig: { Type, Config } },
  });
  const wait = (id: string): Promise<unknown> => daemon.client.json('POST', `/containers/${id}/wait`);

  it('syslog over UDP has a tag, severities and the last line without an end; logs still reads it', async () => {
    const socket = createSocket('udp4');
    const heard: string[] = [];
    socket.on('message', (bytes) => heard.push(bytes.toString()));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    try {
      const id = await run(
        daemon,
        'echo one; echo two >&2; printf three',
        {
          HostConfig: {
            LogConfig: {
              Type: 'syslog',
              Config: {
                'syslog-address': `udp://127.0.0.1:${socket.address().port}`,
                'syslog-facility': 'local3',
                tag: '{{.Name}}/{{.ID}}',
              },
            },
          },
        },
        'udp-logger',
      );
      await wait(id);
      await until(() => heard.length === 3, 'three messages');
      const lines = heard
        .toSorted()
        .map((line) => line.replace(/>.*? udp/u, '> udp').replace(/\[\d+\]/u, ''));
      const tag = `udp-logger/${id.slice(0, 12)}`;
      assert.deepEqual(lines, [
        `<155> ${tag}: two\n`,
        ...[`<158> ${tag}: one\n`, `<158> ${tag}: three\n`].filter((line) => lines.includes(line)),
      ]);
      assert.match(await logs(id), /one\n/u);
    } finally {
      socket.close();
    }
  });

  it('syslog over TCP goes on after a kill -9 of the daemon', async () => {
    let heard = '';
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('data', (bytes) => (heard += bytes.toString()));
      socket.on('error', () => {});
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const options = { 'syslog-address': `tcp://127.0.0.1:${port}`, 'syslog-format': 'rfc5424' };
      const id = await run(
        daemon,
        'n=0; while :; do echo line $n; n=$((n+1)); sleep 0.05; done',
        withDriver('syslog', options),
      );
      await until(() => / - line 1\n/u.test(heard), 'the first lines');
      await daemon.kill();
      heard = '';
      await daemon.boot();
      await until(() => / - line \d+\n/u.test(heard), 'lines for the next daemon');
      await daemon.client.json('DELETE', `/containers/${id}`, { query: { force: 1 } });
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  it('syslog to a Unix socket for datagrams', async () => {
    const place = path.join(daemon.folder, 'log');
    const receiver = spawn('python3', ['-c', RECEIVER, place], { stdio: ['ignore', 'pipe', 'inherit'] });
    let heard = '';
    receiver.stdout.on('data', (bytes: Buffer) => (heard += bytes.toString()));
    try {
      await until(() => heard.includes('bound'), 'the receiver');
      const options = { 'syslog-address': `unixgram://${place}`, 'syslog-format': 'rfc3164', tag: 'x' };
      await wait(await run(daemon, 'echo by datagram', withDriver('syslog', options)));
      await until(() => /x\[\d+\]: by datagram$/mu.test(heard), 'the message');
    } finally {
      receiver.kill();
    }
  });

  it('a target that is not there fails the start, a bad option the create', async () => {
    const nowhere = await create(
      daemon,
      'true',
      withDriver('syslog', { 'syslog-address': 'tcp://127.0.0.1:1' }),
    );
    const start = (id: string): Promise<unknown> => daemon.client.json('POST', `/containers/${id}/start`);
    await assert.rejects(start(nowhere), /failed to initialize logging driver: .*ECONNREFUSED/u);
    for (const option of ['labels-regex', 'env-regex'])
      await assert.rejects(create(daemon, 'true', withDriver('json-file', { [option]: '(' })));
    if (!existsSync('/dev/log')) {
      const local = await create(daemon, 'true', withDriver('syslog'));
      await assert.rejects(start(local), /Unix syslog delivery error/u);
    }
    for (const [driver, config] of [
      ['syslog', { 'syslog-address': 'http://x' }],
      ['syslog', { 'syslog-facility': 'nobody' }],
      ['syslog', { tag: '{{.Nothing}}' }],
      ['json-file', { nonsense: '1' }],
    ] as const)
      await assert.rejects(create(daemon, 'true', withDriver(driver, config)));
    await assert.rejects(create(daemon, 'true', withDriver('nonsense')), /plugin "nonsense" not found/u);
  });

  it('of the daemon is that of containers that do not say, with its options', async () => {
    const args = ['--log-driver', 'local', '--log-opt', 'max-size=1m'];
    await using other = await TestDaemon.start({ args });
    const info = await other.client.json<{ LoggingDriver: string; Plugins: { Log: string[] } }>(
      'GET',
      '/info',
    );
    assert.equal(info.LoggingDriver, 'local');
    assert.ok(info.Plugins.Log.includes('local'));
    const id = await create(other, 'true', {});
    const { HostConfig } = await other.client.json<{ HostConfig: { LogConfig: object } }>(
      'GET',
      `/containers/${id}/json`,
    );
    assert.deepEqual(HostConfig.LogConfig, { Type: 'local', Config: { 'max-size': '1m' } });
  });

  it('local keeps what logs reads', async () => {
    const id = await run(daemon, 'seq 3', withDriver('local', { 'max-size': '1m', 'max-file': '2' }));
    await wait(id);
    assert.equal(await logs(id), '1\r\n2\r\n3\r\n');
  });

  it('json-file stays near its limits however fast it is written', async () => {
    const limits = { 'max-size': '64k', 'max-file': '3' };
    const id = await run(daemon, 'seq 200000', withDriver('json-file', limits));
    await wait(id);
    const folder = path.join(daemon.dataRoot, 'containers', id, 'log');
    const names = (await readdir(folder)).filter((name) => name.startsWith('console.log'));
    assert.ok(names.length <= 3, names.join(' '));
    const lines = (await logs(id)).trimEnd().split('\r\n');
    assert.equal(Number(lines.at(-1)), 200_000);
  });
});
