import { Type } from '#api/dialect/type.ts';
import type { Static } from 'typebox';
import type { Change } from '#api/dialect/change.ts';
import { address, defaulted, reshape } from '#api/dialect/change.ts';
import { since } from '#api/dialect/lifetime.ts';
import { amend } from '#api/dialect/schema.ts';
import { ContainerItem, ContainersQuery, PortAnswer } from '#api/docker/schema/container.ts';

type Item = Static<typeof ContainerItem>;
type Port = Static<typeof PortAnswer>;

const SHAPES = 'docker-shapes.md 1a';
const HEX = 'a'.repeat(64);

const listAtPs = address({
  id: 'container-list-at-ps',
  in: '1.21',
  why: 'the only list route of the first client',
  source: 'docker-routes.md R02',
  route: 'container-list',
  path: '/containers/ps',
  examples: [{ older: 'GET /containers/ps' }],
});

const unknownFilters = defaulted({
  id: 'container-list-ignores-unknown-filters',
  in: '1.22',
  on: ContainersQuery,
  why: 'filters that the engine did not know were ignored',
  source: 'docker-routes.md 3.8',
  up: (query) => ({ ...query, ignoresUnknown: true }),
  examples: [{ older: {}, newer: { ignoresUnknown: true } }],
});

/** Image ids were plain hex digits before images were addressed by content. */
export const bareId = (id: string): string =>
  /^sha256:[0-9a-f]{64}$/.test(id) ? id.slice('sha256:'.length) : id;

const bareIds = reshape({
  id: 'container-list-bare-image-ids',
  in: '1.22',
  on: ContainerItem,
  why: 'clients cut ids at twelve characters',
  source: 'docker-shapes.md, identifiers, 1 and 25',
  older: ContainerItem,
  down: (item) => ({ ...item, ImageID: bareId(item.ImageID), Image: bareId(item.Image) }),
  examples: [
    {
      newer: { ImageID: `sha256:${HEX}`, Image: 'busybox' },
      older: { ImageID: HEX, Image: 'busybox' },
      only: 'down',
    },
  ],
});

const oneFamily = reshape({
  id: 'container-list-ports-of-one-address-family',
  in: '1.41',
  on: ContainerItem,
  why: 'a port open at all addresses was one entry, of 0.0.0.0',
  source: 'docker-semantics.md 8; docker-shapes.md 25',
  older: ContainerItem,
  down: (item) => ({ ...item, Ports: item.Ports.filter((port) => !isSecondFamily(port, item.Ports)) }),
  examples: [
    {
      newer: {
        Ports: [
          { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
          { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
          { IP: '::', PrivatePort: 81, PublicPort: 8081, Type: 'tcp' },
        ],
      },
      older: {
        Ports: [
          { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
          { IP: '::', PrivatePort: 81, PublicPort: 8081, Type: 'tcp' },
        ],
      },
      only: 'down',
    },
  ],
});

const isSecondFamily = (port: Port, all: readonly Port[]): boolean =>
  port.IP === '::' &&
  all.some(
    (other) =>
      other.IP === '0.0.0.0' &&
      other.PublicPort === port.PublicPort &&
      other.PrivatePort === port.PrivatePort &&
      other.Type === port.Type,
  );

const imageAsTyped = reshape({
  id: 'container-list-image-as-typed',
  in: '1.21',
  on: ContainerItem,
  why: 'the reference of create was shown even when it meant another image by now',
  source: SHAPES,
  older: ContainerItem,
  down: (item) => ({ ...item, Image: item.typedImage ?? item.Image }),
  examples: [
    {
      newer: { Image: HEX, typedImage: 'busybox' },
      older: { Image: 'busybox', typedImage: 'busybox' },
      only: 'down',
    },
  ],
});

const noWordForCreated = reshape({
  id: 'container-list-no-word-for-created',
  in: '1.20',
  on: ContainerItem,
  why: 'a container that never ran had no status text',
  source: 'docker-shapes.md 1b',
  older: ContainerItem,
  down: (item) => ({ ...item, Status: item.Status === 'Created' ? '' : item.Status }),
  examples: [{ newer: { Status: 'Created' }, older: { Status: '' }, only: 'down' }],
});

const quotedCommand = reshape({
  id: 'container-list-quoted-command',
  in: '1.19',
  on: ContainerItem,
  why: 'the command stood in double quotes; an image without a tag was shown with latest',
  source: SHAPES,
  older: ContainerItem,
  down: (item) => ({ ...item, Command: `"${item.Command}"`, Image: withTag(item.typedImage ?? item.Image) }),
  examples: [
    {
      newer: { Command: 'sh -c true', Image: HEX, typedImage: 'host:5000/busybox' },
      older: { Command: '"sh -c true"', Image: 'host:5000/busybox:latest', typedImage: 'host:5000/busybox' },
      only: 'down',
    },
    {
      newer: { Command: 'sh', typedImage: 'busybox:1' },
      older: { Command: '"sh"', Image: 'busybox:1', typedImage: 'busybox:1' },
      only: 'down',
    },
  ],
});

const withTag = (image: string): string =>
  image === '' || /:[^/]*$|@/.test(image) ? image : `${image}:latest`;

const imageByAnyTag = reshape({
  id: 'container-list-image-by-any-tag',
  in: '1.18',
  on: ContainerItem,
  why: "one of the image's tags was shown, or its short id",
  source: SHAPES,
  older: ContainerItem,
  down: (item) => ({ ...item, Image: item.anyTag ?? item.Image }),
  examples: [
    { newer: { Image: 'a:1', anyTag: 'b:2' }, older: { Image: 'b:2', anyTag: 'b:2' }, only: 'down' },
  ],
});

const exitWords = reshape({
  id: 'container-list-exit-words',
  in: '1.11',
  on: ContainerItem,
  why: 'what had ended, and what never ran, was `Exit N`',
  source: 'docker-shapes.md 1b',
  older: ContainerItem,
  down: (item) => ({ ...item, Status: isAtRest(item) ? `Exit ${item.exitCode ?? 0}` : item.Status }),
  examples: [
    {
      newer: { Status: 'Exited (3) 2 hours ago', exitCode: 3 },
      older: { Status: 'Exit 3', exitCode: 3 },
      only: 'down',
    },
    {
      newer: { Status: 'Up 2 hours', exitCode: 0 },
      older: { Status: 'Up 2 hours', exitCode: 0 },
      only: 'down',
    },
  ],
});

const isAtRest = ({ Status }: Item): boolean =>
  Status === '' || Status === 'Created' || Status.startsWith('Exited (');

const plainCommand = reshape({
  id: 'container-list-plain-command',
  in: '1.10',
  on: ContainerItem,
  why: 'arguments were joined without quotes, and a lone command kept the space behind it',
  source: SHAPES,
  older: ContainerItem,
  down: (item) => {
    const [path = '', ...args] = item.argv ?? [];
    return { ...item, Command: item.argv === undefined ? item.Command : `${path} ${args.join(' ')}` };
  },
  examples: [
    {
      newer: { argv: ['sh', '-c', 'echo hi'] },
      older: { argv: ['sh', '-c', 'echo hi'], Command: 'sh -c echo hi' },
      only: 'down',
    },
    { newer: { argv: ['sh'] }, older: { argv: ['sh'], Command: 'sh ' }, only: 'down' },
  ],
});

const sizesAlways = reshape({
  id: 'container-list-sizes-always',
  in: '1.9',
  on: ContainerItem,
  why: 'sizes were there, as 0, without being asked for',
  source: SHAPES,
  older: amend(ContainerItem, { SizeRw: Type.Integer(since('1.2')), SizeRootFs: Type.Integer(since('1.2')) }),
  down: (item) => ({ ...item, SizeRw: item.SizeRw ?? 0, SizeRootFs: item.SizeRootFs ?? 0 }),
  examples: [{ newer: {}, older: { SizeRw: 0, SizeRootFs: 0 }, only: 'down' }],
});

const publishedOnly = reshape({
  id: 'container-list-published-ports-only',
  in: '1.6',
  on: ContainerItem,
  why: 'ports that were only exposed were not listed',
  source: SHAPES,
  older: ContainerItem,
  down: (item) => ({ ...item, Ports: item.Ports.filter(({ PublicPort }) => PublicPort !== undefined) }),
  examples: [
    {
      newer: {
        Ports: [
          { PrivatePort: 53, Type: 'udp' },
          { PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
        ],
      },
      older: { Ports: [{ PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }] },
      only: 'down',
    },
  ],
});

const portText = ({ PublicPort, PrivatePort, Type: protocol }: Port): string =>
  `${PublicPort ?? 0}->${PrivatePort}${protocol === 'udp' ? '/udp' : ''}`;

const portsAsText = reshape({
  id: 'container-list-ports-as-text',
  in: '1.5',
  on: ContainerItem,
  why: 'ports were one text',
  source: SHAPES,
  older: amend(ContainerItem, { Ports: Type.String() }),
  down: (item) => ({ ...item, Ports: item.Ports.map(portText).toSorted().join(', ') }),
  examples: [
    {
      newer: {
        Ports: [
          { PrivatePort: 80, PublicPort: 49153, Type: 'tcp' },
          { PrivatePort: 53, PublicPort: 49154, Type: 'udp' },
        ],
      },
      older: { Ports: '49153->80, 49154->53/udp' },
      only: 'down',
    },
    { newer: { Ports: [] }, older: { Ports: '' }, only: 'down' },
  ],
});

const portsWithoutProtocol = reshape({
  id: 'container-list-ports-without-protocol',
  in: '1.4',
  on: portsAsText.older,
  why: 'there was only tcp',
  source: SHAPES,
  older: portsAsText.older,
  down: (item) => ({ ...item, Ports: item.Ports.replaceAll('/udp', '') }),
  examples: [{ newer: { Ports: '49154->53/udp' }, older: { Ports: '49154->53' }, only: 'down' }],
});

const exposedIsPublic = reshape({
  id: 'port-exposed-as-public',
  in: '1.12',
  on: PortAnswer,
  why: 'the number of an unpublished port stood in PublicPort',
  source: SHAPES,
  older: amend(PortAnswer, { PrivatePort: Type.Optional(Type.Integer()) }),
  down: ({ PrivatePort, ...port }) =>
    port.PublicPort === undefined ? { ...port, PublicPort: PrivatePort } : { ...port, PrivatePort },
  examples: [
    { newer: { PrivatePort: 53, Type: 'udp' }, older: { PublicPort: 53, Type: 'udp' }, only: 'down' },
    {
      newer: { PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      older: { PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      only: 'down',
    },
  ],
});

const allPortMembers = reshape({
  id: 'port-all-members',
  in: '1.9',
  on: exposedIsPublic.older,
  why: 'no member was left out',
  source: SHAPES,
  older: amend(PortAnswer, {
    IP: Type.String(since('1.6')),
    PrivatePort: Type.Integer(),
    PublicPort: Type.Integer(),
  }),
  down: (port) => ({
    ...port,
    IP: port.IP ?? '',
    PrivatePort: port.PrivatePort ?? 0,
    PublicPort: port.PublicPort ?? 0,
  }),
  examples: [
    {
      newer: { PublicPort: 53, Type: 'udp' },
      older: { IP: '', PrivatePort: 0, PublicPort: 53, Type: 'udp' },
      only: 'down',
    },
  ],
});

export const CONTAINER_LIST_CHANGES: readonly Change[] = [
  listAtPs,
  unknownFilters,
  oneFamily,
  bareIds,
  imageAsTyped,
  noWordForCreated,
  quotedCommand,
  imageByAnyTag,
  exposedIsPublic,
  exitWords,
  plainCommand,
  sizesAlways,
  allPortMembers,
  publishedOnly,
  portsAsText,
  portsWithoutProtocol,
];
