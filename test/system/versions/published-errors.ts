import { knownVersion } from '#api/dialect/version.ts';

type PublishedError = {
  /** Of a whole line: `<method> <path> <member>: <complaint>`. */
  readonly line: RegExp;
  readonly why: string;
  /** First version in which the description is right. */
  readonly below?: string;
};

/** Lists and maps that Go never filled go out as null; the descriptions leave that out. A member per word. */
const nulls = (operation: string, members: string, more: Omit<PublishedError, 'line' | 'why'> = {}) => ({
  line: new RegExp(
    `^${operation} (?:\\S*/)?(?:${members.replaceAll(' ', '|')}): null, must be (?:array|object|array,string) `,
  ),
  why: 'real engines answer null where nothing was given; recorded answers have it',
  ...more,
});

const unnamed = (operation: string, members: string, below: string, why: string): PublishedError => ({
  line: new RegExp(
    `^${operation} \\S*: .*unevaluated properties \\{"unevaluatedProperty":"(?:${members.replaceAll(' ', '|')})"\\}$`,
  ),
  why,
  below,
});

const INSPECT = 'GET /containers/\\{id\\}/json';
const NETWORK = 'GET /networks(?:/\\{id\\})?';
const RECORDED = 'recorded answers of real engines to older versions have it; the text named it late';

/** Where the description that the API's owner publishes is wrong about the engine, and why we stay with the engine. */
const ERRORS: readonly PublishedError[] = [
  { line: /^OPTIONS /, why: 'every path answers OPTIONS; the descriptions name none' },
  nulls('GET /containers/json', 'Aliases Links'),
  nulls('GET /containers/json', 'DNSNames'),
  nulls('GET /containers/json', 'IPAMConfig', { below: '1.32' }),
  nulls(INSPECT, 'Entrypoint Volumes'),
  nulls(
    INSPECT,
    'CapDrop DeviceCgroupRules DeviceRequests ExtraHosts GroupAdd SecurityOpt Ulimits VolumesFrom',
  ),
  nulls(INSPECT, 'Aliases DNSNames Links'),
  nulls(INSPECT, 'OnBuild', { below: '1.39' }),
  nulls('GET /images/\\{name\\}/json', 'Entrypoint Labels Volumes'),
  nulls('GET /images/\\{name\\}/json', 'OnBuild', { below: '1.39' }),
  nulls('GET /images/\\{name\\}/json', 'ContainerConfig/Cmd', { below: '1.45' }),
  nulls('GET /images/json', 'Labels'),
  {
    line: /^GET \/images\/\{name\}\/json \/GraphDriver\/Data: null, must be object /,
    why: 'no paths of layers are given out; engines that keep images in snapshots answer null too',
  },
  nulls('GET /info', 'GenericResources Authorization'),
  nulls('GET /info', 'AllowNondistributableArtifactsCIDRs AllowNondistributableArtifactsHostnames', {
    below: '1.46',
  }),
  nulls('GET /info', 'SystemStatus', { below: '1.41' }),
  nulls(NETWORK, 'IPAM/Config'),
  nulls(NETWORK, 'IPAM/Options'),
  nulls('POST /containers/prune', 'ContainersDeleted'),
  nulls('POST /images/prune', 'ImagesDeleted'),
  nulls('POST /networks/prune', 'NetworksDeleted'),
  nulls('POST /build/prune', 'CachesDeleted'),
  nulls('POST /containers/\\{id\\}/update', 'Warnings'),
  nulls('(?:GET|POST) /volumes(?:/\\{name\\}|/create)?', 'Labels Options'),
  nulls('GET /volumes', 'Warnings'),
  nulls('GET /system/df', 'Labels'),
  unnamed('GET /system/df', 'BuilderSize', '1.42', RECORDED),
  unnamed('GET /system/df', 'BuildCache', '1.39', RECORDED),
  {
    line: /^GET \/containers\/\{id\}\/json \/ExecIDs: null, must be string /,
    why: 'a list of ids, not one text; null without execs',
    below: '1.36',
  },
  {
    line: /^GET \/containers\/\{id\}\/json \/ExecIDs: array, must be string /,
    why: 'a list of ids, not one text',
    below: '1.36',
  },
  {
    line: /^GET \/containers\/\{id\}\/json \/HostConfig\/MemorySwappiness: null, must be integer /,
    why: 'null says that nothing was asked for; recorded answers have it',
  },
  {
    line: /^GET \/containers\/\{id\}\/json \/HostConfig\/PidsLimit: null, must be integer /,
    why: 'null to every version, as newer engines answer',
    below: '1.40',
  },
  {
    line: /^GET \/containers\/\{id\}\/json \/HostConfig\/RestartPolicy\/Name: string, must be equal /,
    why: 'clients send "no" and see it again; the text forgot it',
    below: '1.40',
  },
  {
    line: /^GET \/containers\/\{id\}\/json \/NetworkSettings\/Ports: object, must be array /,
    why: 'ports are a map from `80/tcp` to bindings, in every version',
    below: '1.32',
  },
  {
    line: /^GET \/containers\/\{id\}\/json \/NetworkSettings\/Ports\/\S+: null, must be array /,
    why: 'a port that is exposed and not published is null; the text says so since 1.39',
    below: '1.39',
  },
  unnamed(INSPECT, 'KernelMemory', '1.40', RECORDED),
  unnamed(
    INSPECT,
    'NanoCpus',
    '1.28',
    'a slip of the text of 1.27: NanoCPUs; 1.25, 1.26 and 1.28 have it right',
  ),
  unnamed(INSPECT, 'Platform', '1.40', RECORDED),
  unnamed(
    INSPECT,
    'EndpointID GlobalIPv6Address GlobalIPv6PrefixLen HairpinMode IPAddress IPv6Gateway LinkLocalIPv6Address ' +
      'LinkLocalIPv6PrefixLen Networks SandboxID SandboxKey SecondaryIPAddresses SecondaryIPv6Addresses',
    '1.32',
    'the text knew four of the members; its own example has them all',
  ),
  {
    line: /^GET \/events : .*"(?:from|id|status)"\}$/,
    why: 'names of before 1.22, sent beside the new ones to this day',
  },
  unnamed('GET /events', 'scope', '1.40', 'sent since 1.30, named late'),
  {
    line: /^GET \/exec\/\{id\}\/json \/ExitCode: null, must be integer /,
    why: 'null while it runs; recorded answers have it',
  },
  unnamed('GET /exec/\\{id\\}/json', 'CanRemove DetachKeys', '1.36', 'in its own example, not in its list'),
  {
    line: /^GET \/info \/RegistryConfig: object, must (?:be null|match a schema)/,
    why: 'the object is described as nullable in a form that leaves only null; its lists may be null besides',
    below: '1.46',
  },
  unnamed('GET /info', 'KernelMemory', '1.40', RECORDED),
  {
    line: /^GET \/info (?:\/Plugins|\/RegistryConfig)?: .*unevaluated properties/,
    why: 'before 1.32 the text knew half of the members; its own example has more',
    below: '1.32',
  },
  unnamed(NETWORK, 'Attachable', '1.27', 'came with 1.25, named in 1.27'),
  unnamed(NETWORK, 'ConfigFrom ConfigOnly', '1.41', RECORDED),
  unnamed(
    'GET /networks/\\{id\\}',
    'Name',
    '1.30',
    'the name of a member came with 1.22, the text named it late',
  ),
  unnamed('POST /networks/prune', 'NetworksDeleted', '1.26', 'a slip of the text of 1.25: VolumesDeleted'),
];

/** Whether it is a mistake of the description that we know; which one is noted in `used`. */
export const isPublishedError = (version: string, line: string, used: Set<unknown>): boolean => {
  const known = ERRORS.filter(
    (each) =>
      each.line.test(line) && (each.below === undefined || knownVersion(version) < knownVersion(each.below)),
  );
  for (const each of known) used.add(each);
  return known.length > 0;
};

/** Known mistakes that no answer met. */
export const unmet = (used: ReadonlySet<unknown>): string[] =>
  ERRORS.filter((each) => !used.has(each)).map(({ line }) => String(line));
