import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { icmpRedirect, routerAdvertisement } from '#test/support/network/frames.ts';
import { ask } from '#test/support/network/ask.mjs';
import { NetworkLab } from '#test/support/network/lab.ts';
import type { Place } from '#test/support/network/lab.ts';
import { enterOwnNetwork } from '#test/support/network/own-network.ts';
import { until } from '#test/support/network/until.ts';

// Settings of a whole machine are turned here.
enterOwnNetwork();

const sender = fileURLToPath(new URL('../support/network/send-frame.ts', import.meta.url));

const send = (place: Place, link: string, ...frames: Buffer[]): void => {
  const words = frames.map((frame) => frame.toString('hex'));
  execFileSync('nsenter', [`--net=${place.path}`, process.execPath, sender, link, ...words]);
};

const within = (place: Place, ...words: string[]): string =>
  execFileSync('nsenter', [`--net=${place.path}`, ...words], { encoding: 'utf8' });

const macOf = (shown: string): string => /link\/ether (\S+)/.exec(shown)?.[1] ?? assert.fail(shown);

/** What the kernel learned on a link: routes and addresses of IPv6. */
const learned = (lab: NetworkLab, link: string): string =>
  lab.ip(`-6 route show dev ${link}`) + lab.ip(`-6 -o addr show dev ${link}`);

const DEAF = [
  'ipv6/conf/*/accept_ra',
  'ipv6/conf/*/accept_redirects',
  'ipv6/conf/*/autoconf',
  'ipv4/conf/*/accept_redirects',
  'ipv4/conf/*/secure_redirects',
  'ipv4/conf/*/send_redirects',
  'ipv4/conf/*/accept_source_route',
];

const settingOf = (path: string, link: string): string =>
  readFileSync(`/proc/sys/net/${path.replace('*', link)}`, 'utf8').trim();

describe('What containers say as neighbours', () => {
  const lab = new NetworkLab();
  /** As for pods, beside the first. */
  const second = { name: `gp${lab.tag}`, address: '10.191.8.1/24', mtu: 1400 };
  let a: Place;
  let b: Place;
  let pod: Place;

  before(async () => {
    // As on a machine that forwards already, and listens to its neighbours.
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
    for (const scope of ['all', 'default']) {
      writeFileSync(`/proc/sys/net/ipv4/conf/${scope}/accept_redirects`, '1');
      writeFileSync(`/proc/sys/net/ipv4/conf/${scope}/send_redirects`, '1');
      writeFileSync(`/proc/sys/net/ipv6/conf/${scope}/accept_ra`, '1');
    }
    await lab.driver.ensureBridge(lab.bridgeRequest);
    await lab.driver.ensureBridge(second);
    [a, b] = [await lab.connected('a'), await lab.connected('b')];
    pod = { ...(await lab.sandbox('pod')), address: '10.191.8.2' };
    const request = { ...lab.endpointRequest(pod), bridge: second.name, gateway: '10.191.8.1' };
    await lab.driver.connect(request);
    await Promise.all([a, b, pod].map(async (place) => lab.serve(place)));
  });
  after(async () => {
    await lab.driver.disconnect('pod');
    await lab.driver.removeBridge(second.name);
    await lab.close();
  });

  /** Frames of a link come in one after the other: what was sent before has been seen. */
  const seen = async (place: Place): Promise<void> => {
    assert.equal(await ask('tcp', place.address, 80), `${place.id} ${gatewayOf(place)}`);
  };
  const gatewayOf = (place: Place): string => place.address.replace(/\d+$/, '1');

  it('makes nobody a router: neither the host nor other containers', async () => {
    const outside = await lab.outside('outside');
    const cable = /gto\w+/.exec(lab.ip('-o link'))?.[0] ?? assert.fail('no cable');
    const peer = /gto\w+x/.exec(within(outside, 'ip', '-o', 'link'))?.[0] ?? assert.fail('no peer');
    const mac = '02:42:0a:0b:0c:0d';
    // A link like any other believes it: the frame is good.
    send(outside, peer, routerAdvertisement({ mac, prefix: '2001:db8:0:1:0:0:0:0', lifetime: 600 }));
    await until(() => learned(lab, cable).includes('2001:db8:0:1::/64'));
    assert.match(learned(lab, cable), /default via fe80::bad/);

    for (const [place, bridge] of [
      [a, lab.bridge],
      [pod, second.name],
    ] as const) {
      send(place, 'eth0', routerAdvertisement({ mac, prefix: '2001:db8:0:2:0:0:0:0', lifetime: 600 }));
      await seen(place);
      assert.equal(learned(lab, bridge), '');
    }
    await seen(b);
    assert.equal(within(b, 'ip', '-6', 'route'), '');
    assert.doesNotMatch(within(b, 'ip', '-6', 'addr', 'show', 'dev', 'eth0'), /inet6/);
  });

  it('redirects nothing', async () => {
    // A route through a container, as an administrator may have one.
    lab.ip(`route add 198.51.100.0/24 via ${a.address}`);
    await Promise.all([seen(a), seen(b)]);
    const addresses = {
      fromMac: macOf(within(a, 'ip', 'link', 'show', 'eth0')),
      toMac: macOf(lab.ip(`link show ${lab.bridge}`)),
    };
    const words = { gateway: a.address, host: lab.gateway, destination: '198.51.100.7', instead: b.address };
    send(a, 'eth0', icmpRedirect({ ...addresses, ...words }));
    await seen(a);
    assert.match(lab.ip('route get 198.51.100.7'), new RegExp(`via ${a.address} `));
  });

  it('keeps every link of its own deaf, also one that it finds', async () => {
    const links = (): string[] =>
      lab
        .ip('-o link')
        .split('\n')
        .filter((line) => line.includes(`gantry:${lab.tag}`))
        .map((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? assert.fail(line));
    assert.equal(links().length, 5);
    for (const link of links())
      for (const path of DEAF) assert.equal(settingOf(path, link), '0', `${path} of ${link}`);
    writeFileSync(`/proc/sys/net/ipv6/conf/${lab.bridge}/accept_ra`, '2');
    writeFileSync(`/proc/sys/net/ipv6/conf/${lab.bridge}/disable_ipv6`, '0');
    await lab.restartDriver();
    await lab.driver.ensureBridge(lab.bridgeRequest);
    assert.equal(settingOf('ipv6/conf/*/accept_ra', lab.bridge), '0');
    assert.equal(settingOf('ipv6/conf/*/disable_ipv6', lab.bridge), '1');
  });

  it('leaves an administrator’s bridge as it is', async () => {
    const foreign = `gf${lab.tag}`;
    lab.ip(`link add ${foreign} type bridge`);
    await lab.driver.ensureBridge({ ...lab.bridgeRequest, name: foreign, address: '10.191.9.1/24' });
    assert.equal(settingOf('ipv6/conf/*/accept_ra', foreign), '1');
    await lab.driver.removeBridge(foreign);
    lab.ip(`link del ${foreign}`);
  });

  it('gives a container no IPv6 on its links, and leaves the rest of its settings to it', () => {
    const setting = (path: string): string => within(a, 'cat', `/proc/sys/net/ipv6/conf/${path}`).trim();
    assert.equal(setting('eth0/disable_ipv6'), '1');
    assert.equal(setting('lo/disable_ipv6'), '0');
    assert.equal(setting('default/disable_ipv6'), '0');
  });
});
