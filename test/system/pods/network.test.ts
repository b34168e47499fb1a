import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { PodService, PortMapping } from '#domain/pod/spec.ts';
import { until } from '#test/support/clients/until.ts';
import { PodEngine } from '#test/support/pods/pod-engine.ts';
import { container, pod, shell } from '#test/support/pods/spec.ts';

let engine: PodEngine;
before(async () => (engine = await PodEngine.start()));
after(async () => engine[Symbol.asyncDispose]());

/** Says its name to everybody who comes to the port. */
const herald = (name: string, port: number): ReturnType<typeof shell> =>
  shell(`while :; do echo ${name} | nc -l -p ${port}; done`, { name });

const tcp = (containerPort: string, hostPort: string): PortMapping => ({
  containerPort,
  hostPort,
  protocol: 'tcp',
});

/** What is said at an address; undefined when nobody answers. */
const hear = async (host: string, port: number): Promise<string | undefined> => {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ host, port });
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString()));
  socket.on('error', () => resolve(undefined));
  socket.setTimeout(1000, () => (resolve(undefined), socket.destroy()));
  socket.on('close', () => resolve(text === '' ? undefined : text));
  return promise;
};

const raise = async (spec: Parameters<typeof pod>[0]): Promise<string> => {
  const { id } = await engine.pods.create(pod(spec), { boot: true });
  await engine.pods.start(id, {});
  return (await engine.pods.get(id)).endpoints[0]?.ipAddress ?? '';
};

/** Ports of the host that are free now, one after the other. */
const base = 20_000 + (process.pid % 10_000);

describe('port mappings', () => {
  it('lead single ports and ranges into the pod, and change while it runs', async () => {
    const mappings = [tcp('80', String(base)), tcp('90-91', `${base + 1}-${base + 2}`)];
    await raise({
      id: 'mapped',
      portMappings: mappings,
      containers: [herald('one', 80), herald('two', 91), herald('three', 70)],
    });
    const says = async (port: number, text: string): Promise<void> =>
      void (await until(async () => (await hear('127.0.0.1', port)) === `${text}\n`, `${text} at ${port}`));
    await says(base, 'one');
    await says(base + 2, 'two');
    await engine.pods.addPorts('mapped', [tcp('70', String(base + 5))]);
    await says(base + 5, 'three');
    assert.deepEqual(await engine.pods.listPorts('mapped'), [tcp('70', String(base + 5)), ...mappings]);
    await assert.rejects(
      engine.pods.addPorts('mapped', [tcp('71', String(base + 7)), tcp('72', String(base))]),
      {
        kind: 'conflict',
      },
    );
    assert.equal((await engine.pods.listPorts('mapped')).length, 3);
    await assert.rejects(engine.pods.addPorts('mapped', [tcp('71-73', String(base + 7))]), {
      code: 'pod.port-ranges',
    });
    await engine.pods.deletePorts('mapped', [{ ...tcp('80', ''), protocol: 'tcp' }, tcp('4', '4')]);
    assert.equal(await hear('127.0.0.1', base), undefined);
    await says(base + 5, 'three');
    await engine.pods.addPorts('mapped', [tcp('80', String(base + 7))]);
    await says(base + 7, 'one');
    // Given back at the stop, taken again at the start.
    await engine.pods.stop('mapped', { timeoutSeconds: 0 });
    assert.equal(await hear('127.0.0.1', base + 7), undefined);
    await assert.rejects(engine.pods.addPorts('mapped', [tcp('9', '')]), { code: 'pod.not-running' });
    await engine.pods.start('mapped', {});
    await says(base + 7, 'one');
    await engine.pods.remove('mapped', { timeoutSeconds: 0 });
  });

  it('without a host port take a free one', async () => {
    await raise({ id: 'any', portMappings: [tcp('80', '')], containers: [herald('free', 80)] });
    const port = (await engine.pods.get('any')).published[0]?.ports[0]?.hostPort ?? 0;
    await until(async () => (await hear('127.0.0.1', port)) === 'free\n', `a herald at ${port}`);
    await engine.pods.remove('any', { timeoutSeconds: 0 });
  });
});

describe('white lists', () => {
  it('let in whom they name, and change while the pod runs', async () => {
    const address = await raise({
      id: 'walled',
      portMappings: [tcp('80', '')],
      containers: [herald('in', 80), herald('deep', 81)],
    });
    const gateway = `${address.split('.').slice(0, 3).join('.')}.1/32`;
    await until(async () => (await hear(address, 81)) === 'deep\n', 'the open pod');
    await engine.pods.setWhiteLists('walled', { internal: ['192.0.2.0/24'], external: ['198.51.100.0/24'] });
    assert.equal(await hear(address, 80), undefined);
    await engine.pods.setWhiteLists('walled', { internal: ['192.0.2.0/24'], external: [gateway] });
    await until(async () => (await hear(address, 80)) === 'in\n', 'a mapped port for the external');
    assert.equal(await hear(address, 81), undefined);
    await engine.pods.addPorts('walled', [tcp('81', '')]);
    await until(async () => (await hear(address, 81)) === 'deep\n', 'the rules to follow the ports');
    await engine.pods.deletePorts('walled', [tcp('81', '')]);
    await engine.pods.setWhiteLists('walled', { internal: [gateway], external: ['192.0.2.0/24'] });
    await until(async () => (await hear(address, 81)) === 'deep\n', 'every port for the internal');
    await engine.pods.setWhiteLists('walled', { internal: [], external: [gateway] });
    await until(async () => (await hear(address, 81)) === 'deep\n', 'everybody');
    await assert.rejects(engine.pods.setWhiteLists('walled', { internal: ['x'], external: [] }), {
      code: 'pod.white-list',
    });
    await engine.pods.remove('walled', { timeoutSeconds: 0 });
  });
});

describe('services', () => {
  it('take turns between hosts, in the pod and beyond, and change while it runs', async () => {
    const there = await raise({ id: 'backend', containers: [herald('there', 9000)] });
    const service = (port: number, ...hosts: PodService['hosts']): PodService => ({
      address: '10.254.0.24',
      port,
      protocol: 'tcp',
      hosts,
    });
    const both = service(80, { address: '127.0.0.1', port: 9001 }, { address: there, port: 9000 });
    await raise({
      id: 'caller',
      services: [both],
      containers: [container({ name: 'caller' }), herald('here', 9001)],
    });
    const call = async (port: number): Promise<string> =>
      (
        await engine.extras.exec('caller', ['sh', '-c', `nc -w 2 10.254.0.24 ${port} </dev/null`])
      ).output.trim();
    const heard = new Set<string>();
    await until(async () => heard.add(await call(80)).has('here') && heard.has('there'), 'both backends');
    await assert.rejects(engine.pods.addServices('caller', [both]), {
      code: 'pod.service-exists',
      kind: 'exists',
    });
    await engine.pods.addServices('caller', [service(81, { address: there, port: 9000 })]);
    await until(async () => (await call(81)) === 'there', 'the second service');
    await engine.pods.deleteServices('caller', [service(80)]);
    assert.equal(await call(80), '');
    await engine.pods.setServices('caller', [service(82, { address: '127.0.0.1', port: 9001 })]);
    await until(async () => (await call(82)) === 'here', 'the third service');
    assert.deepEqual(
      (await engine.pods.listServices('caller')).map(({ port }) => port),
      [82],
    );
    await engine.pods.restart('caller', { timeoutSeconds: 0 });
    await until(async () => (await call(82)) === 'here', 'the service in the new sandbox');
    for (const id of ['caller', 'backend']) await engine.pods.remove(id, { timeoutSeconds: 0 });
  });
});

describe('interfaces', () => {
  it('have the addresses and names they ask for', async () => {
    const bridge = `gtr${(await engine.tag).slice(0, 6)}`;
    const first = await raise({ id: 'probe' });
    const address = `${first.split('.').slice(0, 3).join('.')}.200`;
    const plain = { name: '', macAddress: '', mtu: 0, gateway: '' };
    await raise({
      id: 'faces',
      interfaces: [
        {
          ...plain,
          bridge,
          address: `${address}/24`,
          name: 'lan0',
          macAddress: '02:00:00:00:00:77',
          mtu: 1400,
        },
        { ...plain, bridge: '', address: '' },
      ],
      containers: [container({ name: 'faces' })],
    });
    const { output } = await engine.extras.exec('faces', ['ip', 'addr']);
    assert.match(output, new RegExp(`lan0.*mtu 1400[\\s\\S]*02:00:00:00:00:77[\\s\\S]*inet ${address}/24`));
    assert.match(output, /eth1/);
    await assert.rejects(
      engine.pods.create(pod({ interfaces: [{ ...plain, bridge: 'nobridge', address: '10.0.0.2/24' }] }), {
        boot: true,
      }),
      { code: 'pod.bridge' },
    );
    for (const id of ['probe', 'faces']) await engine.pods.remove(id, { timeoutSeconds: 0 });
    assert.deepEqual(await engine.pods.list(), []);
  });
});
