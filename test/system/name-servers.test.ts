import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { OwnFiles } from '#test/support/own-files.ts';
import { ask } from '#test/support/versions/ask.ts';

const HOST = '/etc/resolv.conf';
const usual = readFileSync(HOST, 'utf8');
const files = new OwnFiles();
files.cover(HOST, usual);
files.coverFolder('/run/systemd');
mkdirSync('/run/systemd/resolve');

type Host = { Dns?: string[]; DnsSearch?: string[]; DnsOptions?: string[]; NetworkMode?: string };

describe('the name servers of a container', () => {
  let daemon: TestDaemon;
  let count = 0;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    files[Symbol.dispose]();
  });

  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const { status, text } = await ask(daemon.socket, method, path, body === undefined ? {} : { body });
    assert.ok(status < 300, `${method} ${path}: ${status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  /** Made and started by a client of this version; what is in its resolv.conf then. */
  const made = async (version: string, host: Host = {}): Promise<{ name: string; text: string }> => {
    const name = `c${(count += 1)}`;
    const body = { Image: 'busybox', Cmd: ['true'], HostConfig: host };
    await call('POST', `/v${version}/containers/create?name=${name}`, body);
    return { name, text: await started(name) };
  };
  const started = async (name: string): Promise<string> => {
    await call('POST', `/v1.21/containers/${name}/start`);
    await call('POST', `/v1.21/containers/${name}/wait`);
    const { ResolvConfPath } = (await call('GET', `/v1.21/containers/${name}/json`)) as {
      ResolvConfPath: string;
    };
    return readFileSync(ResolvConfPath, 'utf8');
  };

  it('are the host’s, without those that only the host can ask, read anew at each start', async () => {
    files.write(HOST, 'nameserver 192.0.2.1\nsearch a.test\n');
    const { name, text } = await made('1.51');
    assert.equal(text, 'nameserver 192.0.2.1\nsearch a.test\n');
    for (const local of ['127.0.0.1', '127.0.1.1', '127.99.0.1', '::1', '::ffff:127.0.0.1', 'fe80::1%eth0']) {
      files.write(HOST, `nameserver ${local}\nnameserver 192.0.2.2\noptions edns0\n`);
      assert.equal(await started(name), 'nameserver 192.0.2.2\noptions edns0\n', local);
    }
    files.write(HOST, 'nameserver 127.0.0.1\nnameserver ::1\nsearch b.test\n');
    assert.equal(await started(name), 'nameserver 8.8.8.8\nnameserver 8.8.4.4\nsearch b.test\n');
    files.write(HOST, '');
    assert.equal(await started(name), 'nameserver 8.8.8.8\nnameserver 8.8.4.4\n');
  });

  it('are the real ones where the host has the stub of systemd-resolved', async () => {
    files.write(HOST, 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch a.test\n');
    files.replace('/run/systemd/resolve/resolv.conf', 'nameserver 192.0.2.8\nsearch b.test\n');
    const { name, text } = await made('1.51');
    assert.equal(text, 'nameserver 192.0.2.8\nsearch b.test\n');
    files.replace('/run/systemd/resolve/resolv.conf', 'nameserver 192.0.2.9\n');
    assert.equal(await started(name), 'nameserver 192.0.2.9\n');
  });

  it('are what was asked for, one by one; a search for the root is none', async () => {
    files.write(HOST, 'nameserver 127.0.0.1\nnameserver 192.0.2.1\nsearch a.test\noptions edns0\n');
    const own = { Dns: ['127.0.0.1'], DnsSearch: ['mydomain'], DnsOptions: ['ndots:9'] };
    assert.equal((await made('1.51', own)).text, 'nameserver 127.0.0.1\nsearch mydomain\noptions ndots:9\n');
    assert.equal((await made('1.51', { DnsSearch: ['.'] })).text, 'nameserver 192.0.2.1\noptions edns0\n');
    assert.equal(
      (await made('1.51', { DnsOptions: ['ndots:1'] })).text,
      'nameserver 192.0.2.1\nsearch a.test\noptions ndots:1\n',
    );
  });

  it('have their lines where the client of the version looked for them', async () => {
    const own = { Dns: ['127.0.0.1'], DnsSearch: ['mydomain'] };
    for (const [version, text] of [
      ['1.46', 'nameserver 127.0.0.1\nsearch mydomain\n'],
      ['1.45', 'search mydomain\nnameserver 127.0.0.1\n'],
      ['1.21', 'search mydomain\nnameserver 127.0.0.1\n'],
      ['1.20', 'nameserver 127.0.0.1\nsearch mydomain\n'],
      ['1.15', 'nameserver 127.0.0.1\nsearch mydomain\n'],
    ] as const) {
      files.write(HOST, usual);
      assert.equal((await made(version, own)).text, text, version);
    }
  });

  it('stood in a copy of the host’s file for older clients', async () => {
    const host = '#nameserver 127.0.2.1\nsortlist 192.0.2.0\nsearch pommesfrites.fr\nnameserver 12.34.56.78';
    files.write(HOST, `nameserver 127.0.0.1\n${host}`);
    for (const version of ['1.18', '1.21', '1.41']) assert.equal((await made(version)).text, host, version);
    files.write(HOST, 'nameserver 127.0.0.1\n#nameserver 127.0.2.1\nnameserver ::1');
    const standIn = '#nameserver 127.0.2.1\n\nnameserver 8.8.8.8\nnameserver 8.8.4.4';
    assert.equal((await made('1.18')).text, standIn);
    assert.equal((await made('1.41')).text, `${standIn}\n`);
  });

  it('are the host’s as they stand in the host’s network', async () => {
    const text = '# mine\nnameserver 127.0.0.1\n';
    files.write(HOST, text);
    assert.equal((await made('1.51', { NetworkMode: 'host' })).text, text);
    assert.equal((await made('1.18', { NetworkMode: 'host' })).text, text);
    assert.equal(
      (await made('1.51', { NetworkMode: 'none' })).text,
      'nameserver 8.8.8.8\nnameserver 8.8.4.4\n',
    );
  });
});
