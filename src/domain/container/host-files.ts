import type { Habits } from './habits.ts';

/** Text of the three files that a container finds in /etc (docker-semantics.md 19). */

const LOCAL_HOSTS =
  '127.0.0.1\tlocalhost\n' +
  '::1\tlocalhost ip6-localhost ip6-loopback\n' +
  'fe00::0\tip6-localnet\n' +
  'ff00::0\tip6-mcastprefix\n' +
  'ff02::1\tip6-allnodes\n' +
  'ff02::2\tip6-allrouters\n';

/** Used when the host knows only loopback name servers. */
const PUBLIC_NAME_SERVERS: readonly string[] = ['8.8.8.8', '8.8.4.4'];

/** In an extra host: the address by which the container reaches the host. */
export const HOST_GATEWAY = 'host-gateway';

export type HostsInput = {
  readonly hostname: string;
  readonly domainname: string;
  /** '' without a network of its own. */
  readonly ipAddress: string;
  /** What `host-gateway` stands for. */
  readonly gateway: string;
  /** `name:address` or `name=address`. */
  readonly extraHosts: readonly string[];
  /** Whole lines, of links. */
  readonly linkLines?: readonly string[];
  /** Lines of the host's own file, for host networking. */
  readonly base?: string;
  readonly ownFirst?: boolean;
};

export const hostsText = (input: HostsInput): string => {
  const own = input.ipAddress === '' ? '' : `${input.ipAddress}\t${ownNames(input)}\n`;
  const extra = input.extraHosts.map((entry) => {
    const { name, address } = parseExtraHost(entry);
    return `${address === HOST_GATEWAY ? input.gateway : address}\t${name}\n`;
  });
  const base = input.base === undefined ? LOCAL_HOSTS : endLine(input.base);
  const others = [...extra, ...(input.linkLines ?? [])].join('');
  return input.ownFirst === true ? own + base + others : base + others + own;
};

/** The whole name and its first label, whether the domain was given apart or within the host name. */
const ownNames = ({ hostname, domainname }: HostsInput): string => {
  const whole = domainname === '' ? hostname : `${hostname}.${domainname}`;
  const bare = whole.slice(0, whole.indexOf('.'));
  return whole.includes('.') ? `${whole} ${bare}` : whole;
};

const endLine = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** The first separator counts: addresses of version 6 hold colons. */
export const parseExtraHost = (entry: string): { name: string; address: string } => {
  const [, name = '', address = ''] = /^([^:=\s]+)[:=](.+)$/.exec(entry.trim()) ?? [];
  return { name, address: address.replace(/^\[(.*)\]$/, '$1') };
};

export const hostnameText = (hostname: string, domainname: string): string =>
  `${domainname === '' ? hostname : `${hostname}.${domainname}`}\n`;

export type Resolver = {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
  /** What they were read from. */
  readonly text: string;
};

type OwnResolver = {
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
};

/** The container's own settings replace the host's one by one; search `.` means none. */
export const resolvConfText = (own: OwnResolver, host: Resolver, habit?: Habits['resolver']): string => {
  const isOwn = own.dns.length + own.dnsSearch.length + own.dnsOptions.length > 0;
  if (habit !== undefined && !isOwn) return copiedResolvConf(host, habit);
  const known = own.dns.length > 0 ? own.dns : host.servers;
  const servers = known.length > 0 ? known : PUBLIC_NAME_SERVERS;
  const search = own.dnsSearch.length > 0 ? own.dnsSearch.filter((domain) => domain !== '.') : host.search;
  const options = own.dnsOptions.length > 0 ? own.dnsOptions : host.options;
  const serverLines = servers.map((server) => `nameserver ${server}\n`);
  const searchLines = search.length > 0 ? [`search ${search.join(' ')}\n`] : [];
  return [
    ...(habit === 'search-first' ? [...searchLines, ...serverLines] : [...serverLines, ...searchLines]),
    ...(options.length > 0 ? [`options ${options.join(' ')}\n`] : []),
  ].join('');
};

/** The end of the line came with the other order. */
const copiedResolvConf = ({ text, servers }: Resolver, habit: NonNullable<Habits['resolver']>): string => {
  if (servers.length > 0) return text;
  const lines = PUBLIC_NAME_SERVERS.map((server) => `\nnameserver ${server}`);
  return [text, ...lines, habit === 'search-first' ? '\n' : ''].join('');
};
