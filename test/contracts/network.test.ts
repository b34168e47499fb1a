import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { createBridgeDriver } from '#adapters/bridge/create-bridge-driver.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { ask } from '#test/support/network/ask.mjs';
import { NetworkLab } from '#test/support/network/lab.ts';
import type { Place } from '#test/support/network/lab.ts';
import { until } from '#test/support/network/until.ts';

/** Links of a lab's endpoints. */
const linksOf = (lab: NetworkLab): string[] =>
  lab
    .ip('-o link show type veth')
    .split('\n')
    .filter((line) => line.includes(`gantry:${lab.tag}:`));

const linkOf = (lab: NetworkLab, id: string): string | undefined =>
  linksOf(lab).find((line) => line.split(/[\s\\]+/).includes(`gantry:${lab.tag}:${id}`));

/** What `ip` says inside. */
const show = (place: Place, ...words: string[]): string =>
  execFileSync('nsenter', [`--net=${place.path}`, 'ip', ...words], { encoding: 'utf8' });

describe('Bridges and their endpoints', () => {
  const lab = new NetworkLab();
  let a: Place;
  let b: Place;
  let outside: Place & { readonly hostAddress: string };
  const hostAddress = (): string => outside.hostAddress;

  before(async () => {
    await lab.driver.ensureBridge(lab.bridgeRequest);
    [a, b, outside] = [await lab.connected('a'), await lab.connected('b'), await lab.outside('outside')];
    await Promise.all([lab.serve(a), lab.serve(b), lab.serve(outside, 99)]);
  });
  after(async () => lab.close());

  it('joins sandboxes with each other and the host', async () => {
    assert.equal(await lab.askFrom(a.path, 'tcp', b.address, 80), `b ${a.address}`);
    assert.equal(await lab.askFrom(b.path, 'udp', a.address, 80), `a ${b.address}`);
    assert.equal(await ask('tcp', a.address, 80), `a ${lab.gateway}`);
  });

  it('gives the addresses that were asked for', () => {
    const shown = execFileSync('nsenter', [`--net=${a.path}`, 'ip', '-br', 'addr'], { encoding: 'utf8' });
    assert.match(shown, /^lo\s+UNKNOWN\s+127\.0\.0\.1\/8/m);
    assert.match(shown, new RegExp(`^eth0@\\S+\\s+UP\\s+${a.address.replaceAll('.', '\\.')}/24\\s*$`, 'm'));
    const link = execFileSync('nsenter', [`--net=${a.path}`, 'ip', 'link', 'show', 'eth0'], {
      encoding: 'utf8',
    });
    assert.match(link, /mtu 1400/);
    assert.match(link, /link\/ether 02:42:0a:/);
  });

  it('lets sandboxes out under the host’s address and nobody in past the published ports', async () => {
    assert.equal(await lab.askFrom(a.path, 'tcp', outside.address, 99), `outside ${hostAddress()}`);
    assert.equal(await lab.askFrom(a.path, 'udp', outside.address, 99), `outside ${hostAddress()}`);
    assert.equal(await lab.askFrom(outside.path, 'tcp', a.address, 80), 'timeout');
  });

  it('makes a bridge with a lasting address and MAC address, and twice the same', async () => {
    const first = lab.ip(`-o link show ${lab.bridge}`);
    await lab.driver.ensureBridge(lab.bridgeRequest);
    assert.equal(lab.ip(`-o link show ${lab.bridge}`), first);
    assert.match(first, /state UP/);
    assert.match(first, /link\/ether 02:42:0a:/);
    assert.match(lab.ip(`-o -4 addr show ${lab.bridge}`), new RegExp(`inet ${lab.gateway}/24`));
    assert.equal(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim(), '1');
  });

  it('refuses links of others as its bridge, and takes an administrator’s', async () => {
    const foreign = `gf${lab.tag}`;
    const request = { ...lab.bridgeRequest, name: foreign, address: '10.191.7.1/24' };
    lab.ip(`link add ${foreign} type veth peer name ${foreign}p`);
    await assert.rejects(lab.driver.ensureBridge(request), (error) => isEngineError(error, 'conflict'));
    lab.ip(`link del ${foreign}`);
    lab.ip(`link add ${foreign} type bridge`);
    lab.ip(`link set ${foreign} alias gantry:another`);
    await assert.rejects(lab.driver.ensureBridge(request), (error) => isEngineError(error, 'conflict'));
    execFileSync('ip', ['link', 'set', foreign, 'alias', '']);
    await lab.driver.ensureBridge(request);
    await lab.driver.removeBridge(foreign);
    assert.match(lab.ip('-o link'), new RegExp(foreign));
    lab.ip(`link del ${foreign}`);
    await lab.driver.removeBridge(foreign);
  });

  it('brings lo up in a sandbox without endpoint', async () => {
    const lone = await lab.sandbox('lone');
    await lab.driver.isolate(lone.path);
    assert.match(show(lone, '-br', 'addr'), /^lo\s+UNKNOWN\s+127\.0\.0\.1\/8/m);
    const nowhere = lab.driver.isolate('/run/no-such-namespace');
    await assert.rejects(nowhere, (error) => isEngineError(error, 'not-found'));
  });

  it('gives a sandbox a second endpoint on another bridge, and keeps the bridges apart', async () => {
    const second = { name: `gs${lab.tag}`, address: '10.190.7.1/24', mtu: 1400 };
    await lab.driver.ensureBridge(second);
    const both = await lab.connected('both');
    const far = await lab.sandbox('far');
    const request = lab.endpointRequest({ ...both, id: 'both-2', address: '10.190.7.2' });
    const there = { bridge: second.name, gateway: '10.190.7.1' };
    await lab.driver.connect({ ...request, ...there, interfaceName: 'eth1' });
    await lab.driver.connect({
      ...lab.endpointRequest({ id: 'far', path: far.path, address: '10.190.7.3' }),
      ...there,
      macAddress: '02:42:0a:be:07:03',
    });
    await lab.serve(far);
    assert.match(show(both, 'route'), new RegExp(`default via ${lab.gateway}`));
    assert.equal(await lab.askFrom(both.path, 'tcp', '10.190.7.3', 80), 'far 10.190.7.2');
    assert.equal(await lab.askFrom(a.path, 'tcp', '10.190.7.3', 80), 'timeout');
    for (const id of ['both', 'both-2', 'far']) await lab.driver.disconnect(id);
    await lab.driver.removeBridge(second.name);
    assert.doesNotMatch(lab.ip('-o link'), new RegExp(second.name));
    assert.equal(await lab.askFrom(a.path, 'tcp', b.address, 80), `b ${a.address}`);
  });

  it('leaves nothing behind when an endpoint cannot be made', async () => {
    const place = await lab.sandbox('failing');
    const request = lab.endpointRequest({ ...place, address: '10.1.1.1' });
    await assert.rejects(lab.driver.connect({ ...request, gateway: '203.0.113.1' }));
    await assert.rejects(lab.driver.connect({ ...request, networkPath: '/run/no-such-namespace' }));
    await assert.rejects(lab.driver.connect({ ...request, bridge: 'nosuchbridge' }));
    assert.equal(linkOf(lab, 'failing'), undefined);
    assert.doesNotMatch(show(place, '-br', 'link'), /eth0/);
  });
});

describe('Many endpoints, their end, restarts and neighbours', () => {
  const lab = new NetworkLab();
  let a: Place;
  let b: Place;
  let outside: Place & { readonly hostAddress: string };

  before(async () => {
    await lab.driver.ensureBridge(lab.bridgeRequest);
    [a, b, outside] = [await lab.connected('a'), await lab.connected('b'), await lab.outside('outside')];
    await Promise.all([lab.serve(a), lab.serve(b), lab.serve(outside, 99)]);
  });
  after(async () => lab.close());

  it('connects a hundred at once', async () => {
    const places = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => lab.connected(`p${index}`)),
    );
    assert.equal(linksOf(lab).length, 102);
    const last = places.at(-1) ?? assert.fail('none');
    assert.equal(await lab.askFrom(last.path, 'tcp', a.address, 80), `a ${last.address}`);
    await Promise.all(places.map(async ({ id }) => lab.driver.disconnect(id)));
    await Promise.all(places.map(async ({ id }) => lab.sandboxes.remove(id)));
    await until(() => linksOf(lab).length === 2);
  });

  it('cuts an endpoint off at once and removes its link soon, while the sandbox lives', async () => {
    const place = await lab.connected('cut');
    await lab.serve(place);
    assert.equal(await ask('tcp', place.address, 80), `cut ${lab.gateway}`);
    await lab.driver.disconnect('cut');
    const answer = await ask('tcp', place.address, 80);
    assert.ok(['timeout', 'EHOSTUNREACH'].includes(answer), answer);
    await until(() => !show(place, '-br', 'link').includes('eth0'));
    await lab.driver.disconnect('cut');
    await lab.driver.disconnect('never-connected');
  });

  it('connects again at once, in the same sandbox and in a new one with the same address', async () => {
    const place = await lab.connected('again');
    await lab.driver.disconnect('again');
    await lab.driver.connect(lab.endpointRequest(place));
    assert.equal(await lab.askFrom(place.path, 'tcp', a.address, 80), `a ${place.address}`);
    await lab.driver.connect(lab.endpointRequest(place));
    assert.equal(await lab.askFrom(place.path, 'tcp', a.address, 80), `a ${place.address}`);
    await lab.driver.disconnect('again');
    const heir = { ...(await lab.sandbox('heir')), address: place.address };
    await lab.driver.connect(lab.endpointRequest(heir));
    await lab.serve(heir);
    assert.equal(await ask('tcp', heir.address, 80), `heir ${lab.gateway}`);
    assert.equal(await lab.askFrom(a.path, 'tcp', heir.address, 80), `heir ${a.address}`);
    await lab.driver.disconnect('heir');
  });

  it('loses the link with the namespace, and disconnecting afterwards is fine', async () => {
    const place = await lab.connected('dying');
    await lab.sandboxes.remove(place.id);
    await until(() => linkOf(lab, 'dying') === undefined);
    await lab.driver.disconnect('dying');
    assert.ok(!existsSync(place.path));
  });

  it('removes strays after a restart, keeps the known, and says what it did', async () => {
    const known = await lab.connected('known');
    await lab.connected('stray');
    const [port] = await lab.driver.publish('stray', a.address, [
      { containerPort: 80, protocol: 'tcp', hostIp: '127.0.0.1', hostPortFirst: 0, hostPortLast: 0 },
    ]);
    const [kept] = await lab.driver.publish('known', a.address, [
      { containerPort: 80, protocol: 'tcp', hostIp: '', hostPortFirst: 0, hostPortLast: 0 },
    ]);
    assert.ok(port !== undefined && kept !== undefined);
    const halfMade = `gtv${lab.tag}`;
    lab.ip(`link add ${halfMade} type veth peer name ${halfMade}p`);
    lab.ip(`link set ${halfMade} master ${lab.bridge}`);
    await lab.restartDriver();
    await lab.driver.ensureBridge(lab.bridgeRequest);
    const done = await lab.driver.reconcile({ endpoints: ['a', 'b', 'known'], owners: ['known'] });
    assert.deepEqual(done.filter((text) => text.startsWith('removed link')).length, 2);
    assert.ok(done.some((text) => text.includes('unknown endpoint stray')));
    assert.ok(done.some((text) => text.includes('127.0.0.1:') && text.includes('unknown owner stray')));
    assert.equal(done.length, 3);
    assert.equal(linkOf(lab, 'stray'), undefined);
    assert.doesNotMatch(lab.ip('-o link'), new RegExp(halfMade));
    assert.equal(await ask('tcp', '127.0.0.1', port.hostPort), 'ECONNREFUSED');
    // Not yet republished, and still working.
    assert.equal(await ask('tcp', '127.0.0.1', kept.hostPort), `a ${lab.gateway}`);
    assert.equal(await lab.askFrom(known.path, 'tcp', a.address, 80), `a ${known.address}`);
    assert.deepEqual(await lab.driver.reconcile({ endpoints: ['a', 'b', 'known'], owners: ['known'] }), []);
    await lab.driver.unpublish('known');
    assert.equal(await ask('tcp', '127.0.0.1', kept.hostPort), 'ECONNREFUSED');
  });

  it('leaves the links and ports of another daemon alone', async () => {
    const other = createBridgeDriver({ tag: `${lab.tag}x`, execRoot: '', dataRoot: '', onWarning: () => {} });
    const bridge = { name: `gx${lab.tag}`, address: '10.189.7.1/24', mtu: 1400 };
    await other.ensureBridge(bridge);
    assert.deepEqual(await other.reconcile({ endpoints: [], owners: [] }), []);
    const request = {
      containerPort: 80,
      protocol: 'tcp',
      hostIp: '',
      hostPortFirst: 0,
      hostPortLast: 0,
    } as const;
    const [port] = await lab.driver.publish('a', a.address, [request]);
    assert.ok(port !== undefined);
    const same = { ...request, hostPortFirst: port.hostPort, hostPortLast: port.hostPort };
    const taken = other.publish('x', '10.189.7.2', [same]);
    await assert.rejects(taken, (error) => isEngineError(error, 'conflict') && error.code === 'port.in-use');
    await lab.driver.unpublish('a');
    await other.removeBridge(bridge.name);
    await other.close();
    assert.equal(await lab.askFrom(a.path, 'tcp', outside.address, 99), `outside ${outside.hostAddress}`);
  });

  it('forwards although another engine’s firewall forwards only its own', async (test) => {
    const tables = execFileSync('nft', ['list', 'tables', 'ip'], { encoding: 'utf8' });
    if (tables.includes('table ip filter')) return test.skip('the machine has a filter of its own');
    const chain = 'add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }';
    execFileSync('nft', ['-f', '-'], { input: `add table ip filter\n${chain}\n` });
    try {
      await until(async () => (await lab.askFrom(a.path, 'tcp', outside.address, 99)) !== 'timeout', 30_000);
      const late = await lab.connected('late');
      assert.equal(
        await lab.askFrom(late.path, 'tcp', outside.address, 99),
        `outside ${outside.hostAddress}`,
      );
      await lab.restartDriver();
      await lab.driver.ensureBridge(lab.bridgeRequest);
      const listing = execFileSync('nft', ['list', 'chain', 'ip', 'filter', 'FORWARD'], { encoding: 'utf8' });
      assert.equal(listing.split(lab.bridge).length - 1, 2, listing);
      await lab.driver.disconnect('late');
    } finally {
      execFileSync('nft', ['delete', 'table', 'ip', 'filter']);
    }
    return undefined;
  });

  it('refuses a tag that cannot name a table', () => {
    const make = (): unknown =>
      createBridgeDriver({ tag: 'a:b', execRoot: '', dataRoot: '', onWarning: () => {} });
    assert.throws(make, (error) => isEngineError(error, 'invalid'));
  });

  it('reaches the host’s name servers file', async () => {
    const { servers } = await lab.driver.hostResolver();
    assert.ok(servers.every((server) => /^[\da-f.:%\w]+$/.test(server)));
  });
});
