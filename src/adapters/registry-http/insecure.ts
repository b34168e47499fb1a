import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';

/** Which registries may be asked without TLS or with a certificate nobody vouches for. */
export type InsecureRegistries = { includes(host: string): Promise<boolean> };

const ALWAYS = ['127.0.0.0/8', '::1/128'];

/** `host` below is `name[:port]` as in references; a name counts by every address it resolves to. */
export const insecureRegistries = (entries: readonly string[]): InsecureRegistries => {
  const names = new Set<string>();
  const networks = new BlockList();
  for (const entry of [...ALWAYS, ...entries]) {
    if (!addNetwork(networks, entry)) names.add(entry.toLowerCase());
  }
  return {
    includes: async (host) => {
      if (names.has(host.toLowerCase())) return true;
      const addresses = await addressesOf(hostname(host));
      return addresses.some((address) => networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'));
    },
  };
};

/** `name[:port]` or `[v6]:port` without its port and brackets. */
export const hostname = (host: string): string => {
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'));
  return host.split(':')[0] ?? host;
};

const addNetwork = (networks: BlockList, entry: string): boolean => {
  const [address = '', length = ''] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(length)) return false;
  networks.addSubnet(address, Number(length), family === 6 ? 'ipv6' : 'ipv4');
  return true;
};

const addressesOf = async (name: string): Promise<string[]> => {
  if (isIP(name) !== 0) return [name];
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch {
    // A name that does not resolve is in no network; the request itself will say so.
    return [];
  }
};
