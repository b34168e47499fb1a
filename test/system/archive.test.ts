import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readTar } from '#formats/tar/read-tar.ts';
import { writeTar } from '#formats/tar/write-tar.ts';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';

type Answer = {
  readonly status: number;
  readonly type: string;
  readonly stat: string;
  readonly body: Buffer;
};

/** Files of containers over the wire: states, mounts, versions. What clients make of it: test/clients. */
describe('archives of containers', { concurrency: 4 }, () => {
  let daemon: TestDaemon;
  let folder: string;
  before(async () => {
    daemon = await TestDaemon.start();
    folder = mkdtempSync(join(tmpdir(), 'gantry-archive-'));
    writeFileSync(join(folder, 'bound'), 'bound');
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (method: string, path: string, body?: Uint8Array | object): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const isBytes = body instanceof Uint8Array;
    const headers = body === undefined || isBytes ? {} : { 'Content-Type': 'application/json' };
    const sent = request({ socketPath: daemon.socket, method, path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => void parts.push(part));
      response.on('end', () => {
        const { 'content-type': type = '', 'x-docker-container-path-stat': stat } = response.headers;
        const text = Buffer.from(String(stat ?? ''), 'base64').toString();
        resolve({ status: response.statusCode ?? 0, type, stat: text, body: Buffer.concat(parts) });
      });
    });
    sent.on('error', reject);
    sent.end(isBytes || body === undefined ? body : JSON.stringify(body));
    return promise;
  };

  const make = async (host: object, command = 'sleep 1000', config: object = {}): Promise<string> => {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
      body: { Image: 'busybox', Cmd: ['sh', '-c', command], HostConfig: host, ...config },
    });
    return Id;
  };

  const started = async (host: object, command?: string): Promise<string> => {
    const id = await make(host, command);
    await daemon.client.json('POST', `/containers/${id}/start`);
    return id;
  };

  const tarOf = async (path: string, text: string, more: object = {}): Promise<Buffer> =>
    Buffer.concat(
      await Array.fromAsync(
        writeTar([{ header: { kind: 'file', path, ...more }, content: Buffer.from(text) }]),
      ),
    );

  const contentOf = async ({ body }: Answer): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    const source = (async function* () {
      yield body;
    })();
    for await (const { path, content } of readTar(source))
      found[path.toString()] = Buffer.concat(await Array.fromAsync(content)).toString();
    return found;
  };

  const messageOf = ({ body }: Answer): string =>
    (JSON.parse(body.toString()) as { message: string }).message;

  test('a running container’s volumes, binds and tmpfs are seen and written, its /proc is not', async () => {
    const id = await started({
      Binds: [`${folder}:/bound`, `${folder}:/fixed:ro`, '/proc:/host-proc:ro'],
      Tmpfs: { '/scratch': '' },
    });
    const at = `/v1.51/containers/${id}/archive?path=`;
    assert.equal((await ask('PUT', `${at}/scratch`, await tarOf('in', 'tmpfs'))).status, 200);
    assert.deepEqual(await contentOf(await ask('GET', `${at}/scratch/in`)), { in: 'tmpfs' });
    assert.deepEqual(await contentOf(await ask('GET', `${at}/bound/bound`)), { bound: 'bound' });
    assert.equal((await ask('PUT', `${at}/bound`, await tarOf('put', 'p'))).status, 200);
    assert.equal(readFileSync(join(folder, 'put'), 'utf8'), 'p');
    const refused = await ask('PUT', `${at}/fixed`, await tarOf('no', 'n'));
    assert.deepEqual([refused.status, messageOf(refused)], [403, 'mounted volume is marked read-only']);
    for (const path of ['/proc/self', '/host-proc/self', '/sys/kernel'])
      assert.equal((await ask('HEAD', at + path)).status, 404, path);
    await daemon.client.json('POST', `/containers/${id}/pause`);
    assert.deepEqual(await contentOf(await ask('GET', `${at}/scratch/in`)), { in: 'tmpfs' });
  });

  test('created, run and ended: the same files; starting while an archive is read', async () => {
    const id = await make({ Binds: ['kept:/vol'] }, 'cat /vol/before /root/before >/vol/after; sleep 0');
    const at = `/v1.51/containers/${id}/archive?path=`;
    for (const place of ['/vol', '/root'])
      assert.equal((await ask('PUT', at + place, await tarOf('before', `${place} `))).status, 200);
    const [archive] = await Promise.all([
      ask('GET', `${at}/bin`),
      daemon.client.json('POST', `/containers/${id}/start`),
    ]);
    assert.equal('bin/busybox' in (await contentOf(archive)), true);
    await daemon.client.json('POST', `/containers/${id}/wait`);
    assert.deepEqual(await contentOf(await ask('GET', `${at}/vol/after`)), { after: '/vol /root ' });
    assert.equal(readFileSync('/proc/mounts', 'utf8').includes(`${daemon.execRoot}/roots/${id}`), false);
  });

  test('the description: modes as Go has them, links with where they lead', async () => {
    const id = await started({}, 'ln -s tmp /link; sleep 1000');
    const at = `/v1.51/containers/${id}/archive?path=`;
    const { stat, status } = await ask('HEAD', `${at}/tmp`);
    const shown = JSON.parse(stat) as { name: string; mode: number; linkTarget: string };
    assert.deepEqual([status, shown.name, shown.mode], [200, 'tmp', 0x8010_01ff]);
    const link = JSON.parse((await ask('HEAD', `${at}/bin/sh`)).stat) as { name: string };
    assert.equal(link.name, 'sh');
  });

  test('refusals: no path, nothing there, no directory, no tar', async () => {
    const id = await make({});
    const at = `/v1.51/containers/${id}/archive`;
    const said = async (method: string, path: string, body?: Uint8Array) => {
      const answer = await ask(method, path, body);
      return `${answer.status} ${messageOf(answer)}`;
    };
    assert.equal(await said('GET', at), "400 bad parameter: 'path' cannot be empty");
    assert.equal(await said('GET', `${at}?path=/no`), `404 Could not find the file /no in container ${id}`);
    assert.equal(
      await said('PUT', `${at}?path=/etc/passwd`, await tarOf('a', 'a')),
      '400 extraction point is not a directory',
    );
    const over = await said('PUT', `${at}?path=/&noOverwriteDirNonDir=true`, await tarOf('etc', 'x'));
    assert.equal(over, '400 cannot overwrite directory "/etc" with non-directory "/"');
    assert.match(await said('PUT', `${at}?path=/`, Buffer.alloc(2000, 'x')), /^500 .*invalid tar header/);
    assert.match(await said('PUT', `${at}?path=/`, Buffer.from('short')), /^500 unexpected EOF/);
    assert.match(await said('GET', '/v1.51/containers/nobody/archive?path=/'), /^404 No such container/);
  });

  test('older versions: copy, owners, types', async () => {
    const id = await make({});
    const copied = await ask('POST', `/v1.18/containers/${id}/copy`, { Resource: '/etc/passwd' });
    assert.deepEqual([copied.status, copied.type], [200, 'application/octet-stream']);
    assert.deepEqual(Object.keys(await contentOf(copied)), ['passwd']);
    assert.equal(
      (await ask('POST', `/v1.21/containers/${id}/copy`, { Resource: '/etc' })).type,
      'application/x-tar',
    );
    const unknown = await ask('POST', '/v1.21/containers/nobody/copy', { Resource: '/etc' });
    assert.deepEqual([unknown.status, unknown.body.length], [404, 0]);
    const missing = await ask('POST', `/v1.21/containers/${id}/copy`, { Resource: '/no' });
    assert.equal(
      `${missing.status} ${String(missing.body)}`,
      `500 Could not find the file /no in container ${id}\n`,
    );
    assert.equal((await ask('POST', `/v1.24/containers/${id}/copy`, { Resource: '/etc' })).status, 404);
    const upload = await tarOf('owned', 'o', { uid: 7, gid: 8 });
    const owners: string[] = [];
    for (const version of ['1.21', '1.22']) {
      await ask('PUT', `/v${version}/containers/${id}/archive?path=/tmp`, upload);
      const { body } = await ask('GET', `/v${version}/containers/${id}/archive?path=/tmp/owned`);
      const source = (async function* () {
        yield body;
      })();
      for await (const { uid, gid } of readTar(source)) owners.push(`${uid}:${gid}`);
    }
    assert.deepEqual(owners, ['0:0', '7:8']);
    assert.equal(
      (await ask('GET', `/v1.0/containers/${id}/changes`)).body.toString().includes('/tmp/owned'),
      true,
    );
  });

  test('export: names without a slash in front, mount points empty, hard links kept', async () => {
    const id = await make({ Binds: [`${folder}:/bound`] }, 'ln /etc/passwd /etc/twin');
    await daemon.client.json('POST', `/containers/${id}/start`);
    await daemon.client.json('POST', `/containers/${id}/wait`);
    const answer = await ask('GET', `/v1.51/containers/${id}/export`);
    assert.deepEqual([answer.status, answer.type], [200, 'application/octet-stream']);
    const found = await contentOf(answer);
    assert.equal('etc/twin' in found && 'bound/' in found && !('bound/bound' in found), true);
  });

  test('names that are not UTF-8 are asked for and come out as they are', async () => {
    const script = String.raw`d=$(printf '/d\344'); mkdir "$d"; echo in > "$d/f"; exec sleep 1000`;
    const id = await started({}, script);
    const path = (query: string): string => `/containers/${id}/archive?path=${query}`;
    await until(async () => (await ask('HEAD', path('/d%E4/f'))).status === 200, 'a file in /d\\344');
    const found = await ask('GET', path('/d%E4'));
    assert.equal(found.status, 200);
    assert.ok(found.body.includes(Buffer.from([0x64, 0xe4, 0x2f, 0x66])), 'its name in the archive');
    assert.equal((await ask('PUT', path('/d%E4'), found.body)).status, 200);
    assert.equal((await ask('HEAD', path('/d%E4/d%E4/f'))).status, 200);
    assert.equal((await ask('HEAD', path('/d%E5'))).status, 404);
    assert.equal((await ask('HEAD', path('/d%C3%A4'))).status, 404);
  });

  test('clients that stop reading hold nobody up', async () => {
    const id = await started({}, 'head -c 20000000 /dev/zero > /new; mv /new /large; exec sleep 1000');
    const path = `/containers/${id}/archive?path=/large`;
    await until(async () => (await ask('HEAD', path)).status === 200, 'a large file');
    const beginning = (): Promise<IncomingMessage> => {
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      request({ socketPath: daemon.socket, path, agent: false }, resolve).on('error', reject).end();
      return promise;
    };
    const stalled = await Promise.all(Array.from({ length: 12 }, beginning));
    const { body } = await ask('GET', `/containers/${id}/archive?path=/etc/hostname`);
    assert.ok(body.length > 512);
    for (const answer of stalled) answer.destroy();
  });
});
