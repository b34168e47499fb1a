import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { PublishedPort } from '#domain/container/config.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { PortRequest } from '#engine/ports/network.ts';
import { ask } from '#test/support/network/ask.mjs';
import { NetworkLab } from '#test/support/network/lab.ts';
import type { Place } from '#test/support/network/lab.ts';
import { until } from '#test/support/network/until.ts';

const port = (wish: Partial<PortRequest> = {}): PortRequest => ({
  containerPort: 80,
  protocol: 'tcp',
  hostIp: '',
  hostPortFirst: 0,
  hostPortLast: 0,
  ...wish,
});

const at = (hostPort: number, wish: Partial<PortRequest> = {}): PortRequest =>
  port({ hostPortFirst: hostPort, hostPortLast: hostPort, ...wish });

/** The first of ten below those that the kernel gives to connections: nobody else takes one by chance. */
const QUIET = 21_000 + (process.pid % 1000) * 10;

const portOf = (ports: readonly PublishedPort[], protocol = 'tcp'): number =>
  ports.find((published) => published.protocol === protocol)?.hostPort ?? assert.fail('not published');

const isConflict =
  (code: string, params: Record<string, unknown>) =>
  (error: unknown): boolean => {
    assert.ok(isEngineError(error, 'conflict'), String(error));
    assert.deepEqual({ code: error.code, ...error.params }, { code, ...params });
    return true;
  };

describe('Published ports', () => {
  const lab = new NetworkLab();
  let a: Place;
  let b: Place;
  let outside: Place & { readonly hostAddress: string };
  const hostAddress = (): string => outside.hostAddress;

  before(async () => {
    await lab.driver.ensureBridge(lab.bridgeRequest);
    [a, b, outside] = [await lab.connected('a'), await lab.connected('b'), await lab.outside('outside')];
    await Promise.all([lab.serve(a), lab.serve(b)]);
  });
  after(async () => lab.close());

  for (const protocol of ['tcp', 'udp'] as const) {
    it(`publishes ${protocol} to every side, the kernel carrying IPv4`, async () => {
      const ports = await lab.driver.publish('a', a.address, [port({ protocol })]);
      const hostPort = portOf(ports, protocol);
      const entry = { containerPort: 80, protocol, hostPort };
      assert.deepEqual(ports, [
        { ...entry, hostIp: '0.0.0.0' },
        { ...entry, hostIp: '::' },
      ]);
      const fromGateway = `a ${lab.gateway}`;
      assert.equal(await ask(protocol, '127.0.0.1', hostPort), fromGateway);
      assert.equal(await ask(protocol, '::1', hostPort), fromGateway);
      assert.equal(await ask(protocol, lab.gateway, hostPort), fromGateway);
      // With the caller's own address: not through the daemon's socket.
      assert.equal(await ask(protocol, hostAddress(), hostPort), `a ${hostAddress()}`);
      assert.equal(
        await lab.askFrom(outside.path, protocol, hostAddress(), hostPort),
        `a ${outside.address}`,
      );
      assert.equal(await lab.askFrom(b.path, protocol, hostAddress(), hostPort), fromGateway);
      assert.equal(await lab.askFrom(a.path, protocol, hostAddress(), hostPort), fromGateway);
      assert.equal(await lab.askFrom(a.path, protocol, lab.gateway, hostPort), fromGateway);
      await lab.driver.unpublish('a');
      assert.equal(
        await ask(protocol, '127.0.0.1', hostPort),
        'ECONNREFUSED'.slice(0, protocol === 'tcp' ? 12 : 0) || 'timeout',
      );
    });
  }

  it('keeps a port published on 127.0.0.1 for the host alone', async () => {
    const [published] = await lab.driver.publish('a', a.address, [port({ hostIp: '127.0.0.1' })]);
    assert.ok(published !== undefined && published.hostIp === '127.0.0.1');
    const { hostPort } = published;
    assert.equal(await ask('tcp', '127.0.0.1', hostPort), `a ${lab.gateway}`);
    assert.equal(await ask('tcp', hostAddress(), hostPort), 'ECONNREFUSED');
    assert.equal(await lab.askFrom(outside.path, 'tcp', hostAddress(), hostPort), 'ECONNREFUSED');
    // A container that claims 127.0.0.1 lies behind the gateway does not reach the host's loopback.
    const route = ['ip', 'route', 'add', 'table', '7', 'default', 'via', lab.gateway];
    const enter = `--net=${b.path}`;
    execFileSync('nsenter', [enter, ...route]);
    execFileSync('nsenter', [enter, 'ip', 'rule', 'add', 'pref', '0', 'to', '127.0.0.1', 'lookup', '7']);
    execFileSync('nsenter', [enter, 'ip', 'rule', 'add', 'pref', '1', 'lookup', 'local']);
    execFileSync('nsenter', [enter, 'ip', 'rule', 'del', 'pref', '0', 'lookup', 'local']);
    execFileSync('nsenter', [enter, 'sysctl', '-qw', 'net.ipv4.conf.all.route_localnet=1']);
    assert.equal(await lab.askFrom(b.path, 'tcp', '127.0.0.1', hostPort), 'timeout');
    await lab.driver.unpublish('a');
  });

  it('publishes on one address of the host', async () => {
    const ports = await lab.driver.publish('a', a.address, [at(QUIET, { hostIp: hostAddress() })]);
    assert.equal(await ask('tcp', hostAddress(), portOf(ports)), `a ${hostAddress()}`);
    assert.equal(await ask('tcp', '127.0.0.1', portOf(ports)), 'ECONNREFUSED');
    // Two owners may have the same port on different addresses.
    const others = await lab.driver.publish('b', b.address, [at(portOf(ports), { hostIp: '127.0.0.1' })]);
    assert.equal(await ask('tcp', '127.0.0.1', portOf(others)), `b ${lab.gateway}`);
    await Promise.all([lab.driver.unpublish('a'), lab.driver.unpublish('b')]);
  });

  it('publishes on IPv6 alone', async () => {
    const ports = await lab.driver.publish('a', a.address, [at(QUIET + 6, { hostIp: '::1' })]);
    assert.equal(ports.length, 1);
    assert.equal(await ask('tcp', '::1', portOf(ports)), `a ${lab.gateway}`);
    assert.equal(await ask('tcp', '127.0.0.1', portOf(ports)), 'ECONNREFUSED');
    await lab.driver.unpublish('a');
  });

  it('says what the machine cannot publish', async () => {
    const nowhere = lab.driver.publish('a', a.address, [port({ hostIp: '203.0.113.77' })]);
    await assert.rejects(nowhere, (error) => isEngineError(error, 'invalid'));
    const nonsense = lab.driver.publish('a', a.address, [port({ hostIp: 'localhost' })]);
    await assert.rejects(nonsense, (error) => isEngineError(error, 'invalid'));
    const sctp = lab.driver.publish('a', a.address, [port({ protocol: 'sctp' })]);
    await sctp.then(
      async () => lab.driver.unpublish('a'),
      (error) => assert.ok(isEngineError(error, 'unsupported'), String(error)),
    );
  });
});

describe('Whose port it is', () => {
  const lab = new NetworkLab();
  let a: Place;
  let b: Place;
  let outside: Place & { readonly hostAddress: string };

  before(async () => {
    await lab.driver.ensureBridge(lab.bridgeRequest);
    [a, b, outside] = [await lab.connected('a'), await lab.connected('b'), await lab.outside('outside')];
    await Promise.all([lab.serve(a), lab.serve(b)]);
  });
  after(async () => lab.close());

  it('refuses a port of another owner, on every address that meets it', async () => {
    const hostPort = portOf(await lab.driver.publish('a', a.address, [port()]));
    const params = { port: hostPort, protocol: 'tcp' };
    for (const [hostIp, address] of [
      ['', '0.0.0.0'],
      ['127.0.0.1', '127.0.0.1'],
      ['::', '::'],
    ] as const) {
      const work = lab.driver.publish('b', b.address, [at(hostPort, { hostIp })]);
      await assert.rejects(work, isConflict('port.allocated', { address, ...params }));
    }
    // The same number of another protocol is another port.
    await lab.driver.publish('b', b.address, [at(hostPort, { protocol: 'udp' })]);
    await lab.driver.unpublish('b');
    await lab.driver.unpublish('a');
    await lab.driver.publish('b', b.address, [at(hostPort)]);
    assert.equal(await ask('tcp', '127.0.0.1', hostPort), `b ${lab.gateway}`);
    await lab.driver.unpublish('b');
  });

  it('refuses a port of another process', async () => {
    const server = createServer().listen(0, '0.0.0.0');
    await once(server, 'listening');
    const taken = server.address();
    assert.ok(taken !== null && typeof taken !== 'string');
    const tcp = { address: '0.0.0.0', port: taken.port, protocol: 'tcp' };
    await assert.rejects(
      lab.driver.publish('a', a.address, [at(taken.port)]),
      isConflict('port.in-use', tcp),
    );
    server.close();
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const udp = { address: '0.0.0.0', port: socket.address().port, protocol: 'udp' };
    const work = lab.driver.publish('a', a.address, [at(udp.port, { protocol: 'udp' })]);
    await assert.rejects(work, isConflict('port.in-use', udp));
    socket.close();
  });

  it('holds the port against other processes', async () => {
    const hostPort = portOf(await lab.driver.publish('a', a.address, [port()]));
    const server = createServer().listen(hostPort, '0.0.0.0');
    const [error] = (await once(server, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'EADDRINUSE');
    await lab.driver.unpublish('a');
  });

  it('publishes all ports or none', async () => {
    const [hostPort, free] = [QUIET + 1, QUIET + 2];
    await lab.driver.publish('a', a.address, [at(hostPort)]);
    await assert.rejects(lab.driver.publish('b', b.address, [at(free), at(hostPort)]));
    await lab.driver.publish('b', b.address, [at(free)]);
    await lab.driver.unpublish('a');
    await lab.driver.unpublish('b');
    assert.equal(await ask('tcp', '127.0.0.1', free), 'ECONNREFUSED');
  });

  it('takes the first free port of a range', async () => {
    const first = QUIET + 3;
    await lab.driver.publish('probe', a.address, [at(first)]);
    const range = { hostPortFirst: first, hostPortLast: first + 2 };
    const second = portOf(await lab.driver.publish('a', a.address, [port(range)]));
    assert.ok(second > first && second <= first + 2);
    await lab.driver.publish('b', b.address, [port(range)]).catch(() => {});
    const exhausted = lab.driver.publish('c', b.address, [port({ ...range, hostPortLast: first })]);
    await assert.rejects(exhausted, (error) => isEngineError(error, 'conflict'));
    for (const owner of ['probe', 'a', 'b']) await lab.driver.unpublish(owner);
  });

  it('gives many free ports at once, all different, and not the one just released', async () => {
    const published = await Promise.all(
      Array.from({ length: 40 }, async (_, index) =>
        lab.driver.publish(`many-${index}`, a.address, [port()]),
      ),
    );
    const numbers = published.map((ports) => portOf(ports));
    assert.equal(new Set(numbers).size, 40);
    await Promise.all(numbers.map(async (_, index) => lab.driver.unpublish(`many-${index}`)));
    const next = portOf(await lab.driver.publish('next', a.address, [port()]));
    assert.ok(!numbers.includes(next));
    await lab.driver.unpublish('next');
  });

  it('publishes hundreds of ports of one owner', async () => {
    const many = Array.from({ length: 300 }, () => port({ hostIp: '127.0.0.1' }));
    const ports = await lab.driver.publish('range', a.address, many);
    assert.equal(await ask('tcp', '127.0.0.1', ports.at(-1)?.hostPort ?? 0), `a ${lab.gateway}`);
    await lab.driver.unpublish('range');
  });

  it('sends a UDP client that goes on to the new owner of a port', async () => {
    const hostPort = portOf(await lab.driver.publish('a', a.address, [port({ protocol: 'udp' })]), 'udp');
    const localPort = hostPort - 1;
    assert.equal(await ask('udp', outside.hostAddress, hostPort, localPort), `a ${outside.hostAddress}`);
    await lab.driver.unpublish('a');
    await lab.driver.publish('b', b.address, [at(hostPort, { protocol: 'udp' })]);
    assert.equal(await ask('udp', outside.hostAddress, hostPort, localPort), `b ${outside.hostAddress}`);
    await lab.driver.unpublish('b');
  });

  it('keeps IPv4 ports published while no daemon runs, and takes them up again', async () => {
    const ports = await lab.driver.publish('a', a.address, [port(), port({ protocol: 'udp' })]);
    const hostPort = portOf(ports);
    await lab.driver.close();
    assert.equal(await ask('tcp', '127.0.0.1', hostPort), `a ${lab.gateway}`);
    assert.equal(
      await lab.askFrom(outside.path, 'udp', outside.hostAddress, portOf(ports, 'udp')),
      `a ${outside.address}`,
    );
    await lab.restartDriver();
    await lab.driver.ensureBridge(lab.bridgeRequest);
    await lab.driver.republish('a', a.address, ports);
    await lab.driver.republish('a', a.address, ports);
    assert.equal(await ask('tcp', '::1', hostPort), `a ${lab.gateway}`);
    const work = lab.driver.publish('b', b.address, [at(hostPort)]);
    await assert.rejects(
      work,
      isConflict('port.allocated', { address: '0.0.0.0', port: hostPort, protocol: 'tcp' }),
    );
    await lab.driver.unpublish('a');
    assert.equal(await ask('tcp', '127.0.0.1', hostPort), 'ECONNREFUSED');
  });

  it('warns of a port that another process took meanwhile, and goes on', async () => {
    const ports = await lab.driver.publish('a', a.address, [port({ hostIp: '127.0.0.1' })]);
    await lab.restartDriver();
    const thief = createServer().listen(portOf(ports), '127.0.0.1');
    await once(thief, 'listening');
    await lab.driver.republish('a', a.address, ports);
    await until(() => lab.warnings.some((text) => text.includes(String(portOf(ports)))));
    assert.equal(await ask('tcp', '127.0.0.1', portOf(ports)), `a ${lab.gateway}`);
    thief.close();
    await lab.driver.unpublish('a');
  });

  it('works on through its sockets when somebody removes the table, and makes it again', async () => {
    const hostPort = portOf(await lab.driver.publish('a', a.address, [port()]));
    execFileSync('nft', ['delete', 'table', 'inet', `gantry_${lab.tag}`]);
    assert.equal(await ask('tcp', outside.hostAddress, hostPort), `a ${lab.gateway}`);
    await lab.driver.ensureBridge(lab.bridgeRequest);
    assert.equal(await ask('tcp', outside.hostAddress, hostPort), `a ${outside.hostAddress}`);
    execFileSync('nft', ['delete', 'table', 'inet', `gantry_${lab.tag}`]);
    await lab.driver.unpublish('a');
    await lab.driver.ensureBridge(lab.bridgeRequest);
  });
});
