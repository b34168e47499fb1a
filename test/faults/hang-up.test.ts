import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { idle, runPod } from '#test/support/hyper/pod-client.ts';
import { until } from '#test/support/network/until.ts';

/** Clients that ask for work and hang up: the work ends, and nothing of it stays open. */
const CLIENTS = 40;
const MOST_THREADS_MORE = 12;
const MOST_RSS_MORE_KIB = 300 * 1024;

type Asked = { readonly line: string; readonly body?: string; readonly type?: string };

describe('clients that hang up leave nothing open', () => {
  let daemon: TestDaemon;
  let container = '';
  let pod = '';

  before(async () => {
    daemon = await TestDaemon.start();
    const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
      body: {
        Image: 'busybox',
        OpenStdin: true,
        Cmd: ['sh', '-c', 'dd if=/dev/urandom of=/large bs=1M count=64 2>/dev/null; echo ready; exec cat'],
      },
    });
    container = Id;
    await daemon.client.json('POST', `/containers/${Id}/start`);
    await until(async () =>
      (await ask('/docker', `/containers/${container}/logs?stdout=1`)).includes('ready'),
    );
    pod = await runPod(daemon, { id: 'hung-up-pod', containers: [idle('hung-up')] });
  });

  after(async () => daemon[Symbol.asyncDispose]());

  const socketOf = (door: string): string => (door === '/docker' ? daemon.socket : daemon.hyperSocket);

  const ask = async (door: string, target: string): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connect(socketOf(door));
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    socket.once('close', () => resolve(text)).once('error', () => undefined);
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    return promise;
  };

  /** Sockets of clients and pipes of archives; the daemon's own files come and go. */
  const openCount = (): number =>
    readdirSync(`/proc/${daemon.pid}/fd`).filter((name) => {
      try {
        return /^(socket|pipe):/.test(readlinkSync(`/proc/${daemon.pid}/fd/${name}`));
      } catch {
        return false;
      }
    }).length;

  const threadCount = (): number => readdirSync(`/proc/${daemon.pid}/task`).length;

  const rssKib = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1]);

  /** Sends its request, and goes at once or at the first bytes of an answer. */
  const hangUp = (door: string, { line, body, type }: Asked, waits: boolean): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = connect(socketOf(door));
    const head = [line, 'Host: x', ...(type === undefined ? [] : [`Content-Type: ${type}`])];
    // More is announced than comes.
    if (body !== undefined) head.push(`Content-Length: ${body.length + 1000}`);
    socket.on('error', () => undefined).once('close', () => resolve());
    socket.write(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`, () => {
      if (!waits) socket.destroy();
    });
    socket.once('data', () => socket.destroy());
    // Routes that say nothing before something happens.
    setTimeout(() => socket.destroy(), 100);
    return promise;
  };

  const check = async (door: string, asked: Asked): Promise<void> => {
    const base = { open: openCount(), threads: threadCount(), rss: rssKib() };
    let threads = 0;
    for (const waits of [false, true]) {
      const gone = Array.from({ length: CLIENTS }, () => hangUp(door, asked, waits));
      threads = Math.max(threads, threadCount());
      assert.match(await ask('/docker', '/_ping'), /OK$/);
      await Promise.all(gone);
      threads = Math.max(threads, threadCount());
    }
    await until(() => {
      threads = Math.max(threads, threadCount());
      return openCount() <= base.open;
    });
    assert.ok(threads <= base.threads + MOST_THREADS_MORE, `${threads} threads after ${base.threads}`);
    const rss = rssKib() - base.rss;
    assert.ok(rss <= MOST_RSS_MORE_KIB, `${rss} KiB more`);
  };

  const JSON_TYPE = 'application/json';
  const TAR_TYPE = 'application/x-tar';
  const docker: Readonly<Record<string, () => Asked>> = {
    archive: () => ({ line: `GET /containers/${container}/archive?path=/ HTTP/1.1` }),
    'archive HEAD': () => ({ line: `HEAD /containers/${container}/archive?path=/bin HTTP/1.1` }),
    'archive PUT': () => ({
      line: `PUT /containers/${container}/archive?path=/tmp HTTP/1.1`,
      type: TAR_TYPE,
      body: 'x'.repeat(100),
    }),
    copy: () => ({
      line: `POST /v1.20/containers/${container}/copy HTTP/1.1`,
      type: JSON_TYPE,
      body: '{"Resource":"/"}',
    }),
    export: () => ({ line: `GET /containers/${container}/export HTTP/1.1` }),
    changes: () => ({ line: `GET /containers/${container}/changes HTTP/1.1` }),
    'images/get': () => ({ line: 'GET /images/busybox/get HTTP/1.1' }),
    'images/get of many': () => ({ line: 'GET /images/get?names=busybox&names=busybox HTTP/1.1' }),
    'images/get HEAD': () => ({ line: 'HEAD /images/busybox/get HTTP/1.1' }),
    load: () => ({ line: 'POST /images/load HTTP/1.1', type: TAR_TYPE, body: 'x'.repeat(100) }),
    import: () => ({
      line: 'POST /images/create?fromSrc=- HTTP/1.1',
      type: TAR_TYPE,
      body: 'x'.repeat(100),
    }),
    stats: () => ({ line: `GET /containers/${container}/stats HTTP/1.1` }),
    'stats once': () => ({ line: `GET /containers/${container}/stats?stream=0 HTTP/1.1` }),
    logs: () => ({ line: `GET /containers/${container}/logs?stdout=1&follow=1 HTTP/1.1` }),
    events: () => ({ line: 'GET /events HTTP/1.1' }),
    wait: () => ({ line: `POST /containers/${container}/wait HTTP/1.1` }),
    'wait with a body': () => ({
      line: `POST /containers/${container}/wait HTTP/1.1`,
      type: JSON_TYPE,
      body: ' '.repeat(500_000),
    }),
    attach: () => ({ line: `POST /containers/${container}/attach?stream=1&stdout=1&stdin=1 HTTP/1.1` }),
    'attach by websocket': () => ({
      line: [
        `GET /containers/${container}/attach/ws?stream=1&stdout=1 HTTP/1.1`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ].join('\r\n'),
    }),
    top: () => ({ line: `GET /containers/${container}/top HTTP/1.1` }),
    commit: () => ({ line: `POST /commit?container=${container} HTTP/1.1` }),
    'pipelined events': () => ({ line: 'GET /events HTTP/1.1\r\n\r\n'.repeat(300) }),
  };
  for (const [name, asked] of Object.entries(docker)) test(name, async () => check('/docker', asked()));

  const hyper: Readonly<Record<string, () => Asked>> = {
    logs: () => ({ line: `GET /container/logs?container=hung-up&stdout=yes&follow=yes HTTP/1.1` }),
    attach: () => ({ line: `POST /attach?type=container&value=hung-up HTTP/1.1` }),
    'wait for an exit code': () => ({ line: `GET /exitcode?container=hung-up HTTP/1.1` }),
    load: () => ({ line: 'POST /image/load HTTP/1.1', type: TAR_TYPE, body: 'x'.repeat(100) }),
    commit: () => ({ line: 'POST /container/commit?container=hung-up HTTP/1.1' }),
    stats: () => ({ line: `GET /pod/stats?podId=${pod} HTTP/1.1` }),
  };
  for (const [name, asked] of Object.entries(hyper))
    test(`${name} (hyperd)`, async () => check('/hyper', asked()));
});
