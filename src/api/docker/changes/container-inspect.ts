import { Type } from '#api/dialect/type.ts';
import type { Static } from 'typebox';
import type { Change } from '#api/dialect/change.ts';
import { defaulted, reshape } from '#api/dialect/change.ts';
import { since, until } from '#api/dialect/lifetime.ts';
import { amend, Nullable } from '#api/dialect/schema.ts';
import { ConfigAnswer } from '#api/docker/schema/config.ts';
import { InspectQuery } from '#api/docker/schema/container-query.ts';
import { ContainerAnswer, NetworkSettingsAnswer } from '#api/docker/schema/container.ts';
import { HostConfigAnswer } from '#api/docker/schema/host-config.ts';
import { bareId } from './container-list.ts';

type Answer = Static<typeof ContainerAnswer>;

const ID = 'a'.repeat(64);
const BUILT_IN: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** Own names on networks of one's own making, as engines before DNSNames listed them. */
const withOwnNames = (answer: Answer): Answer['NetworkSettings']['Networks'] =>
  Object.fromEntries(
    Object.entries(answer.NetworkSettings.Networks).map(([name, endpoint]) => [
      name,
      BUILT_IN.has(name)
        ? endpoint
        : {
            ...endpoint,
            Aliases: [
              ...new Set([...(endpoint.Aliases ?? []), answer.Id.slice(0, 12), answer.Config.Hostname]),
            ],
          },
    ]),
  );

const ownNamesAreAliases = reshape({
  id: 'container-own-names-are-aliases',
  in: '1.45',
  on: ContainerAnswer,
  why: 'short id and host name stood among the aliases of user-defined networks',
  source: 'docker-modern.md 1.1',
  older: ContainerAnswer,
  down: (answer) => ({
    ...answer,
    NetworkSettings: { ...answer.NetworkSettings, Networks: withOwnNames(answer) },
  }),
  examples: [
    {
      newer: {
        Id: ID,
        Config: { Hostname: 'web' },
        NetworkSettings: { Networks: { shop: { Aliases: null }, bridge: { Aliases: null } } },
      },
      older: {
        Id: ID,
        Config: { Hostname: 'web' },
        NetworkSettings: {
          Networks: { shop: { Aliases: [ID.slice(0, 12), 'web'] }, bridge: { Aliases: null } },
        },
      },
      only: 'down',
    },
  ],
});

const bareImageId = reshape({
  id: 'container-bare-image-id',
  in: '1.22',
  on: ContainerAnswer,
  why: 'image ids were plain hex digits',
  source: 'docker-shapes.md, identifiers',
  older: ContainerAnswer,
  down: (answer) => ({ ...answer, Image: bareId(answer.Image) }),
  examples: [{ newer: { Image: `sha256:${ID}` }, older: { Image: ID }, only: 'down' }],
});

const alwaysPrinted = reshape({
  id: 'config-members-always-there',
  in: '1.21',
  on: ConfigAnswer,
  why: 'these members were not left out when empty',
  source: 'docker-shapes.md 3a',
  older: amend(ConfigAnswer, {
    ExposedPorts: Type.Record(Type.String(), Type.Object({}), since('1.6')),
    NetworkDisabled: Type.Boolean(since('1.4')),
    MacAddress: Type.String(since('1.16')),
  }),
  down: (config) => ({
    ...config,
    ExposedPorts: config.ExposedPorts ?? {},
    NetworkDisabled: config.NetworkDisabled ?? false,
    MacAddress: config.MacAddress ?? '',
  }),
  examples: [
    { newer: {}, older: { ExposedPorts: {}, NetworkDisabled: false, MacAddress: '' }, only: 'down' },
  ],
});

type Ports = Static<typeof NetworkSettingsAnswer>['Ports'];

const oneAddressFamily = reshape({
  id: 'network-ports-of-one-address-family',
  in: '1.41',
  on: NetworkSettingsAnswer,
  why: 'a port that is open at all addresses was one entry, of 0.0.0.0',
  source: 'docker-semantics.md 8; docker-shapes.md 25',
  older: NetworkSettingsAnswer,
  down: (settings) => ({ ...settings, Ports: ofOneFamily(settings.Ports) }),
  examples: [
    {
      newer: {
        Ports: {
          '80/tcp': [
            { HostIp: '0.0.0.0', HostPort: '8080' },
            { HostIp: '::', HostPort: '8080' },
          ],
          '81/tcp': [{ HostIp: '::', HostPort: '8081' }],
          '82/tcp': null,
        },
      },
      older: {
        Ports: {
          '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }],
          '81/tcp': [{ HostIp: '::', HostPort: '8081' }],
          '82/tcp': null,
        },
      },
      only: 'down',
    },
  ],
});

const ofOneFamily = (ports: Ports): Ports =>
  Object.fromEntries(
    Object.entries(ports).map(([key, bindings]) => {
      const others = bindings?.filter(({ HostIp }) => HostIp === '0.0.0.0').map(({ HostPort }) => HostPort);
      return [
        key,
        bindings?.filter(({ HostIp, HostPort }) => HostIp !== '::' || others?.includes(HostPort) !== true) ??
          null,
      ];
    }),
  );

const privateIpcHadNoWord = reshape({
  id: 'host-config-ipc-of-its-own-had-no-word',
  in: '1.22',
  on: HostConfigAnswer,
  why: "the IPC namespace was the host's, that of another container, or, without a word, its own",
  source: 'docker-shapes.md 3b',
  older: HostConfigAnswer,
  down: (host) => ({ ...host, IpcMode: OWN_IPC.has(host.IpcMode) ? '' : host.IpcMode }),
  examples: [
    { newer: { IpcMode: 'shareable' }, older: { IpcMode: '' }, only: 'down' },
    { newer: { IpcMode: 'host' }, older: { IpcMode: 'host' }, only: 'down' },
  ],
});

const OWN_IPC: ReadonlySet<string> = new Set(['private', 'shareable']);

/** Private port to public port, of one protocol. */
const mappingOf = (ports: Ports, protocol: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(ports).flatMap(([key, bindings]) => {
      const [port = '', proto = 'tcp'] = key.split('/');
      const [first] = bindings ?? [];
      return proto === protocol && first !== undefined ? [[port, first.HostPort]] : [];
    }),
  );

const Mapping = Type.Record(Type.String(), Type.String());
const PUBLISHED: Ports = { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '49153' }], '53/udp': null };

const mappingByProtocol = reshape({
  id: 'network-mapping-by-protocol',
  in: '1.6',
  on: NetworkSettingsAnswer,
  why: 'published ports were in PortMapping, by protocol',
  source: 'docker-shapes.md 4b',
  older: amend(NetworkSettingsAnswer, {
    PortMapping: Nullable(Type.Object({ Tcp: Mapping, Udp: Mapping }), until('1.20')),
  }),
  down: (settings) => ({ ...settings, PortMapping: byProtocol(settings.Ports) }),
  examples: [
    {
      newer: { Ports: PUBLISHED },
      older: { Ports: PUBLISHED, PortMapping: { Tcp: { '80': '49153' }, Udp: {} } },
      only: 'down',
    },
    { newer: { Ports: {} }, older: { Ports: {}, PortMapping: null }, only: 'down' },
  ],
});

const byProtocol = (ports: Ports): { Tcp: Record<string, string>; Udp: Record<string, string> } | null => {
  const [Tcp, Udp] = [mappingOf(ports, 'tcp'), mappingOf(ports, 'udp')];
  return Object.keys(Tcp).length + Object.keys(Udp).length === 0 ? null : { Tcp, Udp };
};

const flatMapping = reshape({
  id: 'network-mapping-flat',
  in: '1.4',
  on: mappingByProtocol.older,
  why: 'there was only tcp',
  source: 'docker-shapes.md 4b',
  older: amend(mappingByProtocol.older, { PortMapping: Nullable(Mapping, until('1.20')) }),
  down: (settings) => ({
    ...settings,
    PortMapping: settings.PortMapping === null ? null : settings.PortMapping.Tcp,
  }),
  examples: [
    {
      newer: { PortMapping: { Tcp: { '80': '49153' }, Udp: {} } },
      older: { PortMapping: { '80': '49153' } },
      only: 'down',
    },
    { newer: { PortMapping: null }, older: { PortMapping: null }, only: 'down' },
  ],
});

const mindsImages = defaulted({
  id: 'inspect-minds-image-names',
  in: '1.11',
  on: InspectQuery,
  why: 'a name that was also an image was a conflict',
  source: 'docker-routes.md R04',
  up: (query) => ({ ...query, mindsImages: query.mindsImages ?? true }),
  examples: [{ older: {}, newer: { mindsImages: true } }],
});

const mindedNoImages = defaulted({
  id: 'inspect-minded-no-image-names',
  in: '1.5',
  on: InspectQuery,
  why: 'the conflict between containers and images came with 1.5',
  source: 'docker-routes.md R04',
  up: (query) => ({ ...query, mindsImages: false }),
  examples: [{ older: {}, newer: { mindsImages: false } }],
});

const countsWhatHasBegun = reshape({
  id: 'container-restarts-that-have-begun',
  in: '1.23',
  on: ContainerAnswer,
  why: 'a restart counted once it began, not while it was waited for',
  source: 'docker-semantics.md 5',
  older: ContainerAnswer,
  down: (answer) => (answer.State.Restarting ? { ...answer, RestartCount: answer.RestartCount - 1 } : answer),
  examples: [
    {
      newer: { RestartCount: 1, State: { Restarting: true } },
      older: { RestartCount: 0, State: { Restarting: true } },
      only: 'down',
    },
    {
      newer: { RestartCount: 1, State: { Restarting: false } },
      older: { RestartCount: 1, State: { Restarting: false } },
      only: 'down',
    },
  ],
});

export const CONTAINER_INSPECT_CHANGES: readonly Change[] = [
  ownNamesAreAliases,
  countsWhatHasBegun,
  bareImageId,
  oneAddressFamily,
  privateIpcHadNoWord,
  alwaysPrinted,
  mindsImages,
  mappingByProtocol,
  mindedNoImages,
  flatMapping,
];
