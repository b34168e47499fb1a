import type { Container } from '#domain/container/container.ts';
import { linkHostsLine } from '#domain/container/links.ts';
import type { LinkedChild } from '#domain/container/links.ts';
import { hostnameText, hostsText, resolvConfText } from '#domain/container/host-files.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import type { JoinTarget } from './joined.ts';
import type { Wiring } from './wiring.ts';

type Needs = Pick<ContainerContext, 'files' | 'network' | 'settings'>;

export type EtcFiles = Readonly<Record<'hosts' | 'resolvConf' | 'hostname', string>>;

/** Writes the three files for this run; a container that joins another's network sees the other's. */
export const writeEtcFiles = async (
  world: Needs,
  container: Container,
  wiring: Wiring,
  { joined, linked }: { readonly joined: JoinTarget | undefined; readonly linked: readonly LinkedChild[] },
): Promise<EtcFiles> => {
  if (joined !== undefined) return joined.files;
  const { config, host, habits } = container;
  const [hosts, resolvConf] = await Promise.all([
    hostsOf(world, container, wiring, linked),
    resolvConfOf(world, { host, habits }, wiring),
  ]);
  return world.files.write(container.id, {
    hosts,
    resolvConf,
    hostname: hostnameText(config.hostname, config.domainname),
  });
};

const hostsOf = async (
  world: Needs,
  { config, host, habits }: Container,
  wiring: Wiring,
  linked: readonly LinkedChild[],
): Promise<string> => {
  const input = {
    hostname: config.hostname,
    domainname: config.domainname,
    ipAddress: wiring.address,
    gateway: wiring.gateway === '' ? (world.settings.bridge.cidr.split('/')[0] ?? '') : wiring.gateway,
    extraHosts: host.extraHosts,
    linkLines: wiring.kind === 'bridged' ? linked.map((child) => linkHostsLine(child, habits)) : [],
    ...(habits?.ownHostFirst === true && { ownFirst: true }),
  };
  return wiring.kind === 'host'
    ? hostsText({ ...input, base: await world.files.readHost('/etc/hosts') })
    : hostsText(input);
};

const resolvConfOf = async (
  world: Needs,
  { host, habits }: Pick<Container, 'host'> & { readonly habits: Container['habits'] },
  wiring: Wiring,
): Promise<string> => {
  const isOwn = host.dns.length + host.dnsSearch.length + host.dnsOptions.length > 0;
  // With the host's network its local servers are reachable too.
  if (wiring.kind === 'host' && !isOwn) return world.files.readHost('/etc/resolv.conf');
  return resolvConfText(host, await world.network.hostResolver(), habits?.resolver);
};
