import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { create, run } from '#test/support/faults/containers.ts';
import { assertNoLeaks } from '#test/support/faults/machine.ts';
import {
  addressOf,
  createPod,
  hear,
  herald,
  idle,
  podInfo,
  refusalOf,
  removePod,
  runExec,
  runPod,
  startPod,
  stopPod,
} from '#test/support/hyper/pod-client.ts';
import { BESIDE, freeBridgeAddress } from '#test/support/subnet.ts';
import { toTag } from '#tools/leaks/records.mjs';

/** `--hyper-bip`: pods are on a bridge of their own. */
const bip = freeBridgeAddress(BESIDE);
const gateway = bip.split('/')[0] ?? '';
/** `10.200.1.`, the beginning of every address there. */
const subnet = gateway.replace(/\d+$/u, '');
const base = 10_000 + (process.pid % 1000);

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start({ args: ['--hyper-bip', bip, '--stop-containers-on-exit'] });
});
after(async () => daemon[Symbol.asyncDispose]());

const bridges = (): readonly string[] =>
  ['gtr', 'gtp'].map((kind) => `${kind}${toTag(daemon.dataRoot).slice(0, 6)}`);

const ipOf = async (container: string): Promise<string> => {
  const { NetworkSettings } = await daemon.client.json<{
    NetworkSettings: { IPAddress: string; Gateway: string };
  }>('GET', `/containers/${container}/json`);
  return NetworkSettings.IPAddress;
};

const says = async (port: number, text: string, host = '127.0.0.1'): Promise<void> =>
  void (await until(async () => (await hear(host, port)) === text, `${text} at ${host}:${port}`));

/** What a command in a container of a pod hears there. */
const hearFrom = async (container: string, host: string, port: number): Promise<string> =>
  (await runExec(daemon, container, ['nc', '-w', '2', host, String(port)])).text.trim();

const change = (action: string, body: object): Promise<unknown> =>
  daemon.pods.json('PUT', `/pod/served/portmappings/${action}`, { body });

describe('a bridge of the pods’ own', () => {
  it('has the pods, and not the containers', async () => {
    await runPod(daemon, {
      id: 'served',
      containers: [herald('here', 80), herald('there', 81)],
      portmappings: [{ containerPort: '80', hostPort: String(base) }],
    });
    await runPod(daemon, { id: 'asking', containers: [idle('asker')] });
    assert.deepEqual((await podInfo(daemon, 'served')).status.podIP, [`${subnet}2/24`]);
    assert.equal(await addressOf(daemon, 'asking'), `${subnet}3`);
    const plain = await run(
      daemon,
      'echo $(ip route | head -1); trap "exit 0" TERM; while :; do sleep 0.1; done',
      {},
      'plain',
    );
    assert.ok(!(await ipOf(plain)).startsWith(subnet));
    for (const bridge of bridges()) assert.ok(existsSync(`/sys/class/net/${bridge}`), bridge);
  });

  it('is reached from the host, by address and by published port, and from other pods and containers', async () => {
    const address = await addressOf(daemon, 'served');
    await says(80, 'here', address);
    await says(base, 'here');
    await says(base, 'here', gateway);
    assert.equal(await hearFrom('asker', address, 81), 'there');
    assert.equal(await hearFrom('asker', gateway, base), 'here');
    // Its own published port, through the host and back.
    assert.equal(await hearFrom('there', gateway, base), 'here');
    // A container is on another network: published ports only.
    const words = `nc -w 2 ${gateway} ${base}; nc -w 1 ${address} 80; echo end`;
    const asks = await create(daemon, words, { Tty: true }, 'asks');
    const { stream } = await daemon.client.hijack(`/containers/${asks}/attach?stream=1&stdout=1`);
    await daemon.client.json('POST', `/containers/${asks}/start`);
    const heard = Buffer.concat((await stream.toArray()) as Buffer[]).toString();
    assert.match(heard, /^here\s+(?:nc: .*\s+)?end\s+$/u);
  });

  it('leads out behind the host’s address', async () => {
    const peers: string[] = [];
    const server = createServer((socket) => {
      peers.push(socket.remoteAddress ?? '');
      socket.end('outside\n');
    });
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    // The other bridge's address is the host's: no need to leave the machine. It is not masqueraded on its way there.
    assert.equal(await hearFrom('asker', gateway, (server.address() as AddressInfo).port), 'outside');
    assert.match(peers[0] ?? '', new RegExp(`${await addressOf(daemon, 'asking')}$`, 'u'));
    server.close();
    const table = `gantry_${toTag(daemon.dataRoot)}`;
    const set = (name: string): string =>
      execFileSync('nft', ['list', 'set', 'inet', table, name], { encoding: 'utf8' });
    for (const bridge of bridges()) assert.ok(set('bridges').includes(`"${bridge}"`), bridge);
    assert.ok(set('subnets').includes(`${subnet}0/24`));
    assert.equal(
      (await runExec(daemon, 'asker', ['ip', 'route'])).text.split('\n')[0],
      `default via ${gateway} dev eth0 `,
    );
  });

  it('changes its mappings while it runs, and takes them up after a stop', async () => {
    await change('add', [{ containerPort: '81', hostPort: String(base + 1) }]);
    await says(base + 1, 'there');
    await stopPod(daemon, 'served');
    assert.equal(await hear('127.0.0.1', base + 1), undefined);
    await startPod(daemon, 'served');
    await says(base + 1, 'there');
    await says(base, 'here');
  });

  it('is what hyper0 means; the address must be in it', async () => {
    const on = (id: string, one: object): object => ({
      id,
      containers: [idle(`${id}-one`)],
      interfaces: [one],
    });
    await createPod(daemon, on('named', { bridge: 'hyper0', ip: `${subnet}77/24` }));
    assert.equal(await addressOf(daemon, 'named'), `${subnet}77`);
    await createPod(daemon, on('byname', { bridge: bridges()[1] ?? '', ip: `${subnet}78/24` }));
    await createPod(
      daemon,
      on('beside', { bridge: bridges()[0] ?? '', ip: (await ipOf('plain')).replace(/\d+$/u, '99/24') }),
    );
    assert.ok(!(await addressOf(daemon, 'beside')).startsWith(subnet));
    for (const [one, words] of [
      [{ bridge: 'hyper0', ip: '192.168.123.9/24' }, /192\.168\.123\.9/u],
      [{ bridge: 'hyper0', ip: `${subnet}77/24` }, /in use/u],
      [{ bridge: 'hyper0' }, /IP/u],
      [{ bridge: 'hyper1', ip: `${subnet}79/24` }, /hyper1/u],
    ] as const) {
      const { status, message } = await refusalOf(createPod(daemon, on('refused', one)));
      assert.equal(status, 500);
      assert.match(message, words);
    }
    for (const id of ['named', 'byname', 'beside']) await removePod(daemon, id);
  });

  it('is no network of Docker’s clients', async () => {
    const networks = await daemon.client.json<{ Name: string }[]>('GET', '/networks');
    assert.deepEqual(networks.map(({ Name }) => Name).toSorted(), ['bridge', 'host', 'none']);
    const { status } = await refusalOf(daemon.client.json('GET', '/networks/pods'));
    assert.equal(status, 404);
  });

  it('is taken up again after kill -9: addresses, ports, and nobody gets a taken one', async () => {
    const addresses = await Promise.all(['served', 'asking'].map(async (pod) => addressOf(daemon, pod)));
    await daemon.kill();
    // Nobody looks after it now.
    execFileSync('nft', ['delete', 'table', 'inet', `gantry_${toTag(daemon.dataRoot)}`]);
    await daemon.boot();
    assert.deepEqual(
      await Promise.all(['served', 'asking'].map(async (pod) => addressOf(daemon, pod))),
      addresses,
    );
    await says(base, 'here');
    await says(base + 1, 'there');
    assert.equal(await hearFrom('asker', addresses[0] ?? '', 81), 'there');
    await createPod(daemon, { id: 'third', containers: [idle('third-one')] });
    const third = await addressOf(daemon, 'third');
    assert.ok(third.startsWith(subnet) && !addresses.includes(third), third);
    await assertNoLeaks(daemon);
  });

  it('goes with the daemon that takes its containers along', async () => {
    await daemon.stop();
    for (const bridge of bridges()) assert.ok(!existsSync(`/sys/class/net/${bridge}`), bridge);
    const tables = execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' });
    assert.ok(!tables.includes(toTag(daemon.dataRoot)));
  });
});
