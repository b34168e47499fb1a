import type { Static } from 'typebox';
import { Type } from '#api/dialect/type.ts';
import type { Change } from '#api/dialect/change.ts';
import { reshape } from '#api/dialect/change.ts';
import { since } from '#api/dialect/lifetime.ts';
import { amend } from '#api/dialect/schema.ts';
import { ConfigAnswer } from '#api/docker/schema/config.ts';
import { ImageAnswer } from '#api/docker/schema/image.ts';
import { withoutAlgorithm } from './ids.ts';

const HEX = 'd'.repeat(64);

/** What only a container decides, as an image shows it. */
const CONTAINER_ONLY = {
  Hostname: '',
  Domainname: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  PortSpecs: null,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Dns: null,
  Image: '',
  VolumesFrom: '',
  VolumeDriver: '',
  Memory: 0,
  MemorySwap: 0,
  CpuShares: 0,
  Cpuset: '',
  Privileged: false,
} as const satisfies Partial<Static<typeof ConfigAnswer>>;

const configOfContainers = reshape({
  id: 'image-config-is-a-container-config',
  in: '1.50',
  on: ImageAnswer,
  why: 'the configuration of an image had the members of a container',
  source: 'docker-modern.md 1, row 1.50',
  older: amend(ImageAnswer, { Config: ConfigAnswer }),
  down: ({ Config, ...image }) => ({ ...image, Config: { ...CONTAINER_ONLY, ...Config } }),
  examples: [{ newer: { Config: { User: 'u' } }, older: { Config: { ...CONTAINER_ONLY, User: 'u' } } }],
});

const bareIds = reshape({
  id: 'image-inspect-bare-ids',
  in: '1.22',
  on: configOfContainers.older,
  why: 'clients shorten an id by taking its first twelve letters; Size was that of the layer alone',
  source: 'docker-shapes.md, identifiers and 7; docker-semantics.md 13.5',
  older: configOfContainers.older,
  down: (image) => ({
    ...image,
    Id: withoutAlgorithm(image.Id),
    Parent: withoutAlgorithm(image.Parent),
    Size: image.ownSize ?? image.Size,
  }),
  examples: [
    {
      newer: { Id: `sha256:${HEX}`, Parent: '', Size: 5, VirtualSize: 5, ownSize: 2 },
      older: { Id: HEX, Parent: '', Size: 2, VirtualSize: 5, ownSize: 2 },
      only: 'down',
    },
  ],
});

const OptionalText = Type.Optional(Type.String());

const LowerCaseImage = Type.Object(
  {
    id: Type.String(),
    parent: OptionalText,
    comment: OptionalText,
    created: Type.String(),
    container: OptionalText,
    container_config: ConfigAnswer,
    docker_version: OptionalText,
    author: OptionalText,
    config: ConfigAnswer,
    architecture: Type.Optional(Type.String(since('1.3'))),
    os: Type.Optional(Type.String(since('1.8'))),
    Size: Type.Integer(since('1.2')),
  },
  { $id: 'ImageAnswer' },
);

const lowerCase = reshape({
  id: 'image-inspect-lower-case',
  in: '1.12',
  on: bareIds.older,
  why: 'the answer was the stored JSON of the image: names in lower case, empty ones left out',
  source: 'API 1.12 changelog; docker-shapes.md 7',
  older: LowerCaseImage,
  down: (image) => ({
    id: image.Id,
    ...filled('parent', image.Parent),
    ...filled('comment', image.Comment),
    created: image.Created,
    ...filled('container', image.Container),
    container_config: image.ContainerConfig,
    ...filled('docker_version', image.DockerVersion),
    ...filled('author', image.Author),
    config: image.Config,
    ...filled('architecture', image.Architecture),
    ...filled('os', image.Os),
    Size: image.Size,
  }),
  examples: [
    {
      newer: {
        Id: HEX,
        Parent: '',
        Comment: 'c',
        Created: 't',
        Container: '',
        ContainerConfig: {},
        DockerVersion: '1.9',
        Author: '',
        Config: {},
        Architecture: 'amd64',
        Os: 'linux',
        Size: 3,
      },
      older: {
        id: HEX,
        comment: 'c',
        created: 't',
        container_config: {},
        docker_version: '1.9',
        config: {},
        architecture: 'amd64',
        os: 'linux',
        Size: 3,
      },
    },
  ],
});

const filled = <Name extends string>(name: Name, value: string): { [key in Name]?: string } =>
  (value === '' ? {} : { [name]: value }) as { [key in Name]?: string };

export const IMAGE_INSPECT_CHANGES: readonly Change[] = [configOfContainers, bareIds, lowerCase];
