import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

describe('names inside, by the year of the client', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(() => daemon[Symbol.asyncDispose]());

  const call = async (method: string, path: string, body?: object): Promise<string> => {
    const { status, text } = await ask(daemon.socket, method, path, body === undefined ? {} : { body });
    assert.ok(status < 300, `${method} ${path}: ${status} ${text}`);
    return text;
  };
  const create = (version: string, name: string, body: object): Promise<string> =>
    call('POST', `/v${version}/containers/create?name=${name}`, { Image: 'busybox', ...body });
  const start = (name: string): Promise<string> => call('POST', `/v1.24/containers/${name}/start`);
  /** What it wrote until it ended. */
  const said = async (name: string): Promise<string> => {
    await start(name);
    await call('POST', `/v1.24/containers/${name}/wait`);
    return call('GET', `/v1.24/containers/${name}/logs?stdout=1`);
  };
  const namesIn = async (version: string): Promise<string> => {
    const name = `names-${version}`;
    const Cmd = ['sh', '-c', 'hostname; cat /etc/hostname; echo $HOSTNAME; cat /proc/sys/kernel/domainname'];
    await create(version, name, { Hostname: 'foo', Domainname: 'bar.test', Cmd, Tty: true });
    const { Config } = JSON.parse(await call('GET', `/v1.24/containers/${name}/json`)) as {
      Config: { Hostname: string; Domainname: string };
    };
    assert.deepEqual([Config.Hostname, Config.Domainname], ['foo', 'bar.test']);
    return (await said(name)).replaceAll('\r\n', ' ').trim();
  };

  it('the host’s name has the domain up to API 1.26', async () => {
    for (const version of ['1.10', '1.21', '1.26'])
      assert.equal(await namesIn(version), 'foo.bar.test foo.bar.test foo.bar.test (none)', version);
    for (const version of ['1.27', '1.51'])
      assert.equal(await namesIn(version), 'foo foo.bar.test foo.bar.test bar.test', version);
  });

  it('the host’s name is that of a container whose network comes with start', async () => {
    await create('1.14', 'hosted', {
      Cmd: ['sh', '-c', 'hostname; cat /etc/hostname; echo $HOSTNAME'],
      Tty: true,
    });
    await call('POST', '/v1.14/containers/hosted/start', { NetworkMode: 'host' });
    await call('POST', '/v1.24/containers/hosted/wait');
    const text = await call('GET', '/v1.24/containers/hosted/logs?stdout=1');
    assert.deepEqual(text.trim().split('\r\n'), [hostname(), hostname(), hostname()]);
  });

  it('a port open at all addresses is one line up to API 1.40', async () => {
    const HostConfig = { PortBindings: { '80/tcp': [{}] } };
    await create('1.51', 'open', { Cmd: ['sleep', '600'], HostConfig });
    await start('open');
    for (const [version, addresses] of [
      ['1.24', ['0.0.0.0']],
      ['1.40', ['0.0.0.0']],
      ['1.41', ['0.0.0.0', '::']],
      ['1.51', ['0.0.0.0', '::']],
    ] as const) {
      const { NetworkSettings } = JSON.parse(await call('GET', `/v${version}/containers/open/json`)) as {
        NetworkSettings: { Ports: Record<string, { HostIp: string }[]> };
      };
      assert.deepEqual(
        NetworkSettings.Ports['80/tcp']?.map(({ HostIp }) => HostIp),
        addresses,
        version,
      );
      const list = JSON.parse(await call('GET', `/v${version}/containers/json`)) as {
        Names: string[];
        Ports: { IP: string }[];
      }[];
      const item = list.find(({ Names }) => Names.includes('/open'));
      assert.deepEqual(item?.Ports.map(({ IP }) => IP).toSorted(), addresses, version);
    }
  });

  it('a linked container has its alias alone up to API 1.17', async () => {
    await create('1.51', 'child', { Cmd: ['sleep', '600'], Hostname: 'kid' });
    await start('child');
    for (const [version, names] of [
      ['1.17', 'other'],
      ['1.18', 'other kid child'],
      ['1.51', 'other kid child'],
    ] as const) {
      const HostConfig = { Links: ['child:other'] };
      await create(version, `parent-${version}`, { Cmd: ['cat', '/etc/hosts'], HostConfig, Tty: true });
      const hosts = await said(`parent-${version}`);
      assert.match(hosts, new RegExp(`^[0-9.]+\t${names}\r$`, 'mu'), version);
    }
  });

  it('its own line is the first of its hosts up to API 1.21', async () => {
    for (const [version, first] of [
      ['1.21', /^[0-9.]+\tme.here me\r\n127.0.0.1\tlocalhost\r\n/u],
      ['1.22', /^127.0.0.1\tlocalhost\r\n[^]*\n[0-9.]+\tme.here me\r\n$/u],
    ] as const) {
      const body = { Cmd: ['cat', '/etc/hosts'], Hostname: 'me', Domainname: 'here', Tty: true };
      await create(version, `own-${version}`, body);
      assert.match(await said(`own-${version}`), first);
    }
  });
});
