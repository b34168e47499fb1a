import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, afterEach, before, describe, it } from 'node:test';
import type { PublishedPort } from '#domain/container/config.ts';
import { ask } from '#test/support/network/ask.mjs';
import { NetworkLab } from '#test/support/network/lab.ts';
import type { Place } from '#test/support/network/lab.ts';
import { enterOwnNetwork } from '#test/support/network/own-network.ts';
import { until } from '#test/support/network/until.ts';

// The whole ruleset of a machine is emptied here.
enterOwnNetwork();

const PATIENCE_MS = 30_000;

const nft = (script: string): string =>
  execFileSync('nft', ['-f', '-'], { input: `${script}\n`, encoding: 'utf8' });
const listing = (...words: string[]): string =>
  execFileSync('nft', ['list', ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

describe('What others take away comes back by itself', () => {
  const lab = new NetworkLab();
  let a: Place;
  let b: Place;
  let outside: Place & { readonly hostAddress: string };
  let port: PublishedPort;
  let whole: string;
  const table = (): string => listing('table', 'inet', `gantry_${lab.tag}`);

  before(async () => {
    await lab.driver.ensureBridge(lab.bridgeRequest);
    [a, b, outside] = [await lab.connected('a'), await lab.connected('b'), await lab.outside('outside')];
    await Promise.all([lab.serve(a), lab.serve(b), lab.serve(outside, 99)]);
    const any = {
      containerPort: 80,
      protocol: 'tcp',
      hostIp: '',
      hostPortFirst: 0,
      hostPortLast: 0,
    } as const;
    const ports = await lab.driver.publish('a', a.address, [
      any,
      { ...any, hostIp: '127.0.0.1' },
      { ...any, protocol: 'udp' },
    ]);
    port = ports[0] ?? assert.fail('none');
    whole = table();
  });
  after(async () => lab.close());

  const isWhole = (): boolean => {
    try {
      return table() === whole;
    } catch {
      // There is no table yet.
      return false;
    }
  };
  const works = async (): Promise<void> => {
    assert.equal(await lab.askFrom(a.path, 'tcp', outside.address, 99), `outside ${outside.hostAddress}`);
    assert.equal(await lab.askFrom(outside.path, 'tcp', a.address, 80), 'timeout');
    // With the caller's own address: by the kernel's rules, not through the daemon's socket.
    assert.equal(
      await lab.askFrom(outside.path, 'tcp', outside.hostAddress, port.hostPort),
      `a ${outside.address}`,
    );
    assert.equal(await lab.askFrom(a.path, 'tcp', b.address, 80), `b ${a.address}`);
  };
  afterEach(works);

  for (const [what, script] of [
    ['the whole ruleset', () => 'flush ruleset'],
    ['the table', () => `delete table inet gantry_${lab.tag}`],
    ['the rules of the table', () => `flush table inet gantry_${lab.tag}`],
    ['the rules of one chain', () => `flush chain inet gantry_${lab.tag} forward`],
    ['the published ports', () => `flush map inet gantry_${lab.tag} any_ports`],
    ['the bridges', () => `flush set inet gantry_${lab.tag} bridges`],
  ] as const) {
    it(what, async () => {
      nft(script());
      await until(isWhole, PATIENCE_MS);
      await until(() => lab.warnings.some((text) => text.includes('written again')), PATIENCE_MS);
    });
  }

  it('again and again, also while ports come and go', async () => {
    for (let round = 0; round < 5; round += 1) {
      nft('flush ruleset');
      const any = {
        containerPort: 80,
        protocol: 'tcp',
        hostIp: '',
        hostPortFirst: 0,
        hostPortLast: 0,
      } as const;
      await lab.driver.publish(`other-${round}`, b.address, [any]);
      nft('flush ruleset');
      await lab.driver.unpublish(`other-${round}`);
    }
    await until(isWhole, PATIENCE_MS);
  });

  it('what a firewall of another kind loads in its place is left alone', async () => {
    nft('flush ruleset\nadd table inet firewalld\nadd chain inet firewalld own');
    await until(isWhole, PATIENCE_MS);
    assert.match(listing('ruleset'), /table inet firewalld/);
    nft('delete table inet firewalld');
  });

  it('the rules that another engine’s filter has for the bridge', async () => {
    nft(
      'add table ip filter\nadd chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }',
    );
    const isAdmitted = (): boolean =>
      listing('chain', 'ip', 'filter', 'FORWARD').split(lab.bridge).length === 3;
    await until(isAdmitted, PATIENCE_MS);
    await works();
    nft('flush chain ip filter FORWARD');
    await until(isAdmitted, PATIENCE_MS);
    await works();
    nft('delete table ip filter');
  });

  it('the bridge’s address', async () => {
    const address = `${lab.gateway}/24`;
    lab.ip(`addr del ${address} dev ${lab.bridge}`);
    await until(() => lab.ip(`-o -4 addr show ${lab.bridge}`).includes(address), PATIENCE_MS);
  });

  it('the bridge, and who was on it', async () => {
    lab.ip(`link del ${lab.bridge}`);
    const ports = (): number => lab.ip('-o link show type veth').split(`master ${lab.bridge}`).length - 1;
    await until(() => ports() === 2, PATIENCE_MS);
    await until(async () => (await ask('tcp', a.address, 80)) === `a ${lab.gateway}`, PATIENCE_MS);
  });

  it('after a restart of the daemon too', async () => {
    await lab.restartDriver();
    await lab.driver.ensureBridge(lab.bridgeRequest);
    nft('flush ruleset');
    await until(isWhole, PATIENCE_MS);
    lab.ip(`link del ${lab.bridge}`);
    await until(async () => (await ask('tcp', a.address, 80)) === `a ${lab.gateway}`, PATIENCE_MS);
  });

  it('but what the daemon itself takes away stays away', async () => {
    const second = { name: `gs${lab.tag}`, address: '10.190.9.1/24', mtu: 1400 };
    await lab.driver.ensureBridge(second);
    await lab.driver.removeBridge(second.name);
    nft('flush ruleset');
    await until(isWhole, PATIENCE_MS);
    assert.ok(!lab.ip('-o link').includes(second.name));
  });
});
