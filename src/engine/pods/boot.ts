import { addressOf } from '#domain/pod/verify-spec.ts';
import { hostnameText, hostsText, resolvConfText } from '#domain/container/host-files.ts';
import { macOfAddress, parseMac } from '#domain/network/mac.ts';
import { parseIpv4 } from '#domain/network/cidr.ts';
import type { Network } from '#domain/network/network.ts';
import type { Pod, PodEndpoint, PodSandbox } from '#domain/pod/pod.ts';
import { USUAL_BRIDGE } from '#domain/pod/spec.ts';
import type { PodInterface, PodResources } from '#domain/pod/spec.ts';
import type { SandboxId } from '#domain/value/flavor.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { podNetwork } from '#engine/networks/pod-network.ts';
import { settleAll } from '#engine/containers/launch/settle-all.ts';
import { randomId } from '#lib/random-id.ts';
import type { PodContext } from './context.ts';
import { randomLetters } from './create/names.ts';
import { intendedPorts, openPorts, podAddress } from './publish.ts';
import { hasRules, rulesOf } from './rules.ts';

const SHARED_MEMORY_BYTES = 64 * 1024 * 1024;

/**
 * Says in the record what the sandbox will consist of, then makes it: namespaces, limits, interfaces, files, ports,
 * rules. The pod's lock is held (or nobody knows it yet); its status is `creating` or `starting`. A failure is for the
 * caller to take back with `tearDown`.
 */
export const boot = async (world: PodContext, pod: Pod, wanted: SandboxId | undefined): Promise<Pod> => {
  const sandbox = sandboxFor(world, pod, wanted);
  const sandboxId = sandbox.id;
  const published = intendedPorts(sandboxId, pod.spec.portMappings);
  // The pod names it first: whatever is cut off, or finds the disk full, is found again from the pod.
  const planned = world.pods.change(pod.id, { sandboxId, isBooted: false, endpoints: [], published });
  world.state.sandboxes.put(sandbox, 'soon');
  const intended = world.pods.change(pod.id, { endpoints: planEndpoints(world, planned) });
  const [, opened] = await settleAll([
    assemble(world, intended),
    openPorts(world, podAddress(intended), intended.published),
    world.groups.ensure(world.pods.groupOf(sandboxId), sandbox.resources),
    writeFiles(world, intended),
  ]);
  return world.pods.change(pod.id, { published: opened, isBooted: true, startedAt: world.clock.now() });
};

/** The sandbox it was told, if that is empty and as large as asked for; a new one otherwise. */
const sandboxFor = (world: PodContext, pod: Pod, wanted: SandboxId | undefined): PodSandbox => {
  if (wanted === undefined || wanted === '') {
    return {
      id: `sandbox-${randomLetters()}`,
      createdAt: world.clock.now(),
      isolation: 'namespace',
      resources: pod.spec.resources,
      podId: pod.id,
      isStandalone: false,
    };
  }
  const found = world.pods.sandbox(wanted);
  if (found.podId !== '' && found.podId !== pod.id)
    throw engineError('sandbox.busy', { id: wanted, pod: found.podId });
  const field = otherSize(found.resources, pod.spec.resources);
  if (field !== undefined) throw engineError('sandbox.resources', { id: wanted, pod: pod.id, field });
  return { ...found, podId: pod.id };
};

const otherSize = (one: PodResources, other: PodResources): 'cpu' | 'memory' | undefined => {
  if (one.cpus !== other.cpus) return 'cpu';
  return one.memoryBytes === other.memoryBytes ? undefined : 'memory';
};

const planEndpoints = (world: PodContext, { spec, sandboxId }: Pod): PodEndpoint[] => {
  const interfaces = spec.interfaces.length === 0 ? [AUTOMATIC] : spec.interfaces;
  const own = interfaces.findIndex(({ gateway }) => gateway !== '');
  return interfaces.map((one, index) => {
    const network = networkOf(world, one.bridge);
    const wanted = one.address === '' ? '' : (addressOf(one.address) ?? '');
    const { address, prefixLength } = world.addresses.take(network, sandboxId, wanted);
    // One way out: the interface that names a gateway, or the first.
    const isWayOut = index === (own === -1 ? 0 : own);
    return {
      endpointId: randomId(),
      networkId: network.id,
      bridge: network.bridge,
      interfaceName: one.name === '' ? `eth${index}` : one.name,
      ipAddress: address,
      ipPrefixLength: prefixLength,
      gateway: isWayOut ? (one.gateway === '' ? network.gateway : one.gateway) : '',
      macAddress: parseMac(one.macAddress) ?? macOfAddress(parseIpv4(address) ?? 0),
      mtu: one.mtu === 0 ? world.settings.bridge.mtu : one.mtu,
    };
  });
};

const AUTOMATIC: PodInterface = { bridge: '', address: '', name: '', macAddress: '', mtu: 0, gateway: '' };

const networkOf = (world: PodContext, bridge: string): Network => {
  const own = podNetwork(world.settings);
  const isUsual = bridge === '' || bridge === USUAL_BRIDGE;
  if (isUsual && own !== undefined) return own;
  const name = isUsual ? world.settings.bridge.name : bridge;
  const known = [...world.networks.list(), ...(own === undefined ? [] : [own])];
  const network = known.find((one) => one.driver === 'bridge' && one.bridge === name);
  if (network === undefined) throw engineError('pod.bridge', { bridge });
  return network;
};

/** Namespaces, then what is in them. */
const assemble = async (world: PodContext, pod: Pod): Promise<void> => {
  const sandbox = await world.sandboxes.create({
    id: pod.sandboxId,
    hostname: pod.spec.hostname,
    domainname: '',
    network: true,
    ipc: true,
    uts: true,
    sharedMemoryBytes: SHARED_MEMORY_BYTES,
    sysctls: pod.spec.sysctls,
  });
  const networkPath = sandbox.networkPath ?? '';
  for (const endpoint of pod.endpoints) {
    const { ipAddress, ipPrefixLength, networkId: _networkId, ...link } = endpoint;
    await world.network.connect({ ...link, networkPath, address: `${ipAddress}/${ipPrefixLength}` });
  }
  const rules = rulesOf(pod);
  if (hasRules(rules)) await world.network.program(networkPath, rules);
};

const writeFiles = async (world: PodContext, pod: Pod): Promise<void> => {
  const { hostname, dns } = pod.spec;
  const resolver = { dns: dns.servers, dnsOptions: dns.options, dnsSearch: dns.search };
  await world.files.write(world.pods.filesKey(pod.id), {
    hosts: hostsText({
      hostname,
      domainname: '',
      ipAddress: podAddress(pod),
      gateway: pod.endpoints.find(({ gateway }) => gateway !== '')?.gateway ?? '',
      extraHosts: [],
    }),
    resolvConf: resolvConfText(resolver, await world.network.hostResolver()),
    hostname: hostnameText(hostname, ''),
  });
};
