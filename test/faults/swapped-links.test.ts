/** A container that swaps a directory for a link to the machine's own while files are put into it and got out of it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { readTar } from '#formats/tar/read-tar.ts';
import { writeTar } from '#formats/tar/write-tar.ts';

/** Files of one upload: each is a walk along the path of its own. */
const FILES = 10;
/** Half of them uploads: ten thousand files are put where the path may be a link by then. */
const REQUESTS = 2000;
const LANES = 4;

type Answer = { readonly status: number; readonly body: Buffer };

/** One keep-alive connection, one request after another. */
class Lane implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  ask(method: string, path: string, body?: Uint8Array): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const headers = body === undefined ? {} : { 'Content-Length': body.length };
    const options = { agent: this.#agent, socketPath: this.#socket, method, path: `/v1.51${path}`, headers };
    const sent = request(options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => void parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
    });
    sent.on('error', reject);
    sent.end(body);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** A folder of the machine that the container's links lead to by its absolute path. */
const makeBait = (): { readonly folder: string; readonly secret: string } => {
  mkdirSync('/var/tmp', { recursive: true });
  const folder = mkdtempSync('/var/tmp/gantry-bait-');
  const secret = randomBytes(16).toString('hex');
  writeFileSync(join(folder, 'file'), secret);
  return { folder, secret };
};

const plant = async (prefix: string): Promise<Buffer> => {
  const files = Array.from({ length: FILES }, (_, index) => ({
    header: { kind: 'file', path: `${prefix}planted-${index}` } as const,
    content: Buffer.from('p'),
  }));
  return Buffer.concat(await Array.fromAsync(writeTar(files)));
};

const swapping = (target: string): string =>
  `mkdir -p /arena/d; echo inside >/arena/d/file; ln -s ${target} /arena/l; ` +
  'while :; do mv -T /arena/d /arena/x 2>/dev/null; mv -T /arena/l /arena/d 2>/dev/null; ' +
  'mv -T /arena/d /arena/l 2>/dev/null; mv -T /arena/x /arena/d 2>/dev/null; done';

const attack = async (daemon: TestDaemon, host: object, prefix: string, requests: number): Promise<void> => {
  const { folder, secret } = makeBait();
  try {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
      body: {
        Image: 'busybox',
        Cmd: ['sh', '-c', swapping(`${prefix}${folder}`)],
        HostConfig: { CpuShares: 128, ...host },
      },
    });
    await daemon.client.json('POST', `/containers/${Id}/start`);
    await until(async () => isThere(daemon, Id, '/arena/l'), 'the container to swap');
    const seen = { got: 0, put: 0, refused: 0 };
    const path = `/containers/${Id}/archive?path=`;
    const [inside, above] = await Promise.all([plant(''), plant('d/')]);
    const asks = [
      { kind: 'put', ask: (lane: Lane) => lane.ask('PUT', `${path}/arena/d`, inside) },
      { kind: 'got', ask: (lane: Lane) => lane.ask('GET', `${path}/arena/d/file`) },
      { kind: 'put', ask: (lane: Lane) => lane.ask('PUT', `${path}/arena`, above) },
      { kind: 'got', ask: (lane: Lane) => lane.ask('GET', `${path}/arena/d/`) },
    ] as const;
    const work = async (): Promise<void> => {
      using lane = new Lane(daemon.socket);
      for (let count = 0; count < requests / LANES; count += 1) {
        const { kind, ask } = asks[count % 4] ?? asks[0];
        const { status, body } = await ask(lane);
        assert.equal(body.includes(secret), false, 'a file of the machine was read');
        seen[status === 200 ? kind : 'refused'] += 1;
      }
    };
    await Promise.all(Array.from({ length: LANES }, work));
    assert.deepEqual(readdirSync(folder), ['file'], 'a file was written outside of the container');
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), secret);
    assert.equal(existsSync('/etc/planted-0'), false);
    // Refused: the path was a link just then, to what the container does not have.
    assert.equal(Math.min(seen.got, seen.put, seen.refused) > 0, true, JSON.stringify(seen));
    await daemon.client.json('DELETE', `/containers/${Id}`, { query: { force: 1, v: 1 } });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const isThere = async (daemon: TestDaemon, id: string, path: string): Promise<boolean> => {
  try {
    await daemon.client.open('HEAD', `/containers/${id}/archive`, { query: { path } });
    return true;
  } catch {
    return false;
  }
};

test('links swapped into a path lead to the container’s own files only', async () => {
  await using daemon = await TestDaemon.start();
  await attack(daemon, {}, '', REQUESTS);
});

test('nor does a link through /proc/1/root, where the container shares the machine’s processes', async () => {
  await using daemon = await TestDaemon.start();
  await attack(daemon, { PidMode: 'host', Privileged: true }, '/proc/1/root', 400);
});

test('200 MB in and out leave the daemon’s memory as it was; a client that hangs up leaves nothing', async () => {
  await using daemon = await TestDaemon.start();
  const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
    body: { Image: 'busybox', Cmd: ['true'] },
  });
  const put = async (bytes: number): Promise<void> => {
    const header = { kind: 'file', path: 'big', sizeBytes: bytes } as const;
    const upload = writeTar([{ header, content: zeros(bytes) }]);
    await daemon.client.json('PUT', `/containers/${Id}/archive`, { query: { path: '/root' }, upload });
  };
  const get = async (): Promise<number> => {
    const tar = await daemon.client.open('GET', `/containers/${Id}/archive`, {
      query: { path: '/root/big' },
    });
    let total = 0;
    for await (const { content } of readTar(tar)) for await (const part of content) total += part.length;
    return total;
  };
  await put(8_000_000);
  await get();
  const before = peakOf(daemon.pid);
  await put(200_000_000);
  assert.equal(await get(), 200_000_000);
  assert.equal(
    peakOf(daemon.pid) - before < 90_000_000,
    true,
    `grew by ${peakOf(daemon.pid) - before} bytes`,
  );
  const half = await daemon.client.open('GET', `/containers/${Id}/archive`, { query: { path: '/root/big' } });
  half.once('data', () => half.destroy());
  const leaving = new AbortController();
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    yield (
      (
        await Array.fromAsync(
          writeTar([{ header: { kind: 'file', path: 'cut' }, content: Buffer.alloc(9000) }]),
        )
      )[0] ?? Buffer.alloc(0)
    );
    leaving.abort();
    yield Buffer.alloc(100);
  };
  const call = { query: { path: '/root' }, upload: endless(), signal: leaving.signal };
  await assert.rejects(daemon.client.json('PUT', `/containers/${Id}/archive`, call));
  await until(
    () => !readFileSync('/proc/mounts', 'utf8').includes(`${daemon.execRoot}/roots/`),
    'nothing mounted',
  );
  await assert.rejects(
    daemon.client.open('HEAD', `/containers/${Id}/archive`, { query: { path: '/root/cut' } }),
  );
});

const zeros = async function* (bytes: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(1_000_000);
  for (let left = bytes; left > 0; left -= chunk.length)
    yield chunk.subarray(0, Math.min(left, chunk.length));
};

const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
