import { Type } from '#api/dialect/type.ts';
import type { Static } from 'typebox';
import type { Change } from '#api/dialect/change.ts';
import { defaulted, refused, reshape } from '#api/dialect/change.ts';
import { amend, Nullable } from '#api/dialect/schema.ts';
import { CreateAnswer, CreateBody, HostConfigBody, MountBody } from '#api/docker/schema/create-body.ts';

const MODERN = 'docker-modern.md 1.1';

const oneNetwork = refused({
  id: 'create-one-network',
  in: '1.44',
  on: CreateBody,
  why: 'a container was made with one network and connected to others later',
  source: MODERN,
  when: ({ NetworkingConfig }) => {
    const names = Object.keys(NetworkingConfig?.EndpointsConfig ?? {});
    return names.length > 1
      ? `Container cannot be created with multiple network endpoints: ${names.join(', ')}`
      : undefined;
  },
  examples: [
    { older: { NetworkingConfig: { EndpointsConfig: { a: {} } } }, text: undefined },
    {
      older: { NetworkingConfig: { EndpointsConfig: { a: {}, b: {} } } },
      text: 'Container cannot be created with multiple network endpoints: a, b',
    },
  ],
});

/** The options that belong to a kind of mount. */
const withOwnOptions = (mount: Static<typeof MountBody>): Static<typeof MountBody> => {
  const { BindOptions, VolumeOptions, TmpfsOptions, ImageOptions, ...rest } = mount;
  switch (mount.Type) {
    case 'bind':
      return { ...rest, ...(BindOptions && { BindOptions }) };
    case 'volume':
      return { ...rest, ...(VolumeOptions && { VolumeOptions }) };
    case 'tmpfs':
      return { ...rest, ...(TmpfsOptions && { TmpfsOptions }) };
    default:
      return { ...rest, ...(ImageOptions && { ImageOptions }) };
  }
};

const shallowReadOnly = defaulted({
  id: 'mount-read-only-alone',
  in: '1.44',
  on: MountBody,
  why: 'what is mounted below a read-only bind stayed writable',
  source: MODERN,
  up: (mount) =>
    mount.ReadOnly === true && mount.Type === 'bind'
      ? { ...mount, BindOptions: { ...mount.BindOptions, ReadOnlyNonRecursive: true } }
      : mount,
  examples: [
    {
      older: { Type: 'bind', ReadOnly: true },
      newer: { Type: 'bind', ReadOnly: true, BindOptions: { ReadOnlyNonRecursive: true } },
    },
    { older: { Type: 'bind' }, newer: { Type: 'bind' } },
  ],
});

const foreignOptions = defaulted({
  id: 'mount-options-of-another-kind',
  in: '1.42',
  on: MountBody,
  why: 'options of another kind of mount were ignored',
  source: MODERN,
  up: withOwnOptions,
  examples: [
    { older: { Type: 'tmpfs', BindOptions: {} }, newer: { Type: 'tmpfs' } },
    {
      older: { Type: 'bind', BindOptions: { NonRecursive: true } },
      newer: { Type: 'bind', BindOptions: { NonRecursive: true } },
    },
  ],
});

const noImageMounts = refused({
  id: 'mount-no-images',
  in: '1.48',
  on: MountBody,
  why: 'images could not be mounted',
  source: MODERN,
  when: (mount) => (mount.Type === 'image' ? 'Mount type "Image" needs API v1.48 or newer' : undefined),
  examples: [
    { older: { Type: 'image' }, text: 'Mount type "Image" needs API v1.48 or newer' },
    { older: { Type: 'bind' }, text: undefined },
  ],
});

const hostCgroup = defaulted({
  id: 'create-host-cgroup',
  in: '1.41',
  on: CreateBody,
  why: "older clients expect the host's cgroup namespace on machines with cgroup v1, and limits from 4 MB on",
  source: MODERN,
  up: (body) => ({
    ...body,
    defaultsToHostCgroup: true,
    habits: { leastMemoryBytes: 4 << 20, ...body.habits },
  }),
  examples: [
    { older: {}, newer: { defaultsToHostCgroup: true, habits: { leastMemoryBytes: 4_194_304 } } },
    {
      older: { habits: { leastMemoryBytes: 524_288 } },
      newer: { defaultsToHostCgroup: true, habits: { leastMemoryBytes: 524_288 } },
    },
  ],
});

const shareableIpc = defaulted({
  id: 'create-shareable-ipc',
  in: '1.40',
  on: CreateBody,
  why: 'the IPC namespace could be joined unless said otherwise',
  source: MODERN,
  up: (body) => withIpc(body),
  examples: [
    { older: { HostConfig: {} }, newer: { HostConfig: { IpcMode: 'shareable' } } },
    { older: { HostConfig: { IpcMode: 'host' } }, newer: { HostConfig: { IpcMode: 'host' } } },
    { older: {}, newer: { IpcMode: 'shareable' } },
  ],
});

const withIpc = (body: Static<typeof CreateBody>): Static<typeof CreateBody> => {
  const { HostConfig: host } = body;
  if (host === undefined) return isGiven(body.IpcMode) ? body : { ...body, IpcMode: 'shareable' };
  return isGiven(host.IpcMode) ? body : { ...body, HostConfig: { ...host, IpcMode: 'shareable' } };
};

const isGiven = (text: string | undefined): boolean => text !== undefined && text !== '';

const strictHostNetwork = defaulted({
  id: 'create-strict-about-the-host-network',
  in: '1.22',
  on: CreateBody,
  why:
    "a container on the host's network had no host name, name servers, extra hosts or MAC address of its own; " +
    'the own line was the first of a hosts file; whose namespaces it enters was found out at start',
  source: 'docker-semantics.md 2.1, 19',
  up: (body) => ({
    ...body,
    habits: { ownHostFirst: true, lateTargets: true, ...body.habits },
    ...(body.HostConfig === undefined ? {} : { refusesMoreOnHostNetwork: true }),
  }),
  examples: [
    {
      older: { HostConfig: {} },
      newer: {
        HostConfig: {},
        habits: { ownHostFirst: true, lateTargets: true },
        refusesMoreOnHostNetwork: true,
      },
    },
    { older: {}, newer: { habits: { ownHostFirst: true, lateTargets: true } } },
  ],
});

type HostBody = Static<typeof HostConfigBody>;

const POLICIES: ReadonlySet<string> = new Set(['no', 'always', 'on-failure', 'unless-stopped']);

const anyPolicy = defaulted({
  id: 'host-takes-any-restart-policy',
  in: '1.22',
  on: HostConfigBody,
  why: 'a restart policy nobody knew was none, and a count that means nothing was not looked at',
  source: 'docker-semantics.md 4',
  up: (host) => (host.RestartPolicy === undefined ? host : { ...host, RestartPolicy: knownPolicy(host) }),
  examples: [
    { older: { RestartPolicy: { Name: 'sometimes' } }, newer: { RestartPolicy: { Name: '' } } },
    {
      older: { RestartPolicy: { Name: 'always', MaximumRetryCount: 3 } },
      newer: { RestartPolicy: { Name: 'always' } },
    },
    {
      older: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
      newer: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
    },
  ],
});

const knownPolicy = ({ RestartPolicy: policy = {} }: HostBody): NonNullable<HostBody['RestartPolicy']> => {
  const { Name: name = '' } = policy;
  if (name === 'on-failure') return policy;
  return { Name: POLICIES.has(name) ? name : '' };
};

const shortBinds = refused({
  id: 'host-refuses-short-binds',
  in: '1.22',
  on: HostConfigBody,
  why: 'a bind had two parts or three',
  source: 'docker-semantics.md 6.1',
  when: ({ Binds }) => {
    const short = Binds?.find((bind) => !bind.includes(':'));
    return short === undefined ? undefined : `Invalid volume specification: ${short}`;
  },
  examples: [
    { older: { Binds: ['/a'] }, text: 'Invalid volume specification: /a' },
    { older: { Binds: ['/a:/b', 'c:/d:ro'] }, text: undefined },
  ],
});

const clampedShares = defaulted({
  id: 'create-clamps-cpu-shares',
  in: '1.19',
  on: CreateBody,
  why: 'CPU shares were pulled into the limits of the kernel without a word',
  source: 'docker-routes.md R03',
  up: (body) => ({ ...body, clampCpuShares: true }),
  examples: [{ older: {}, newer: { clampCpuShares: true } }],
});

const warningsOptional = reshape({
  id: 'create-warnings-left-out',
  in: '1.9',
  on: CreateAnswer,
  why: 'warnings were left out when there were none',
  source: 'docker-shapes.md 2',
  older: amend(CreateAnswer, { Warnings: Type.Optional(Nullable(Type.Array(Type.String()))) }),
  down: ({ Warnings, ...answer }) =>
    Warnings === null || Warnings.length === 0 ? answer : { ...answer, Warnings },
  examples: [
    { newer: { Id: 'a', Warnings: [] }, older: { Id: 'a' }, only: 'down' },
    { newer: { Id: 'a', Warnings: ['no swap'] }, older: { Id: 'a', Warnings: ['no swap'] }, only: 'down' },
  ],
});

const shortId = reshape({
  id: 'create-short-id',
  in: '1.7',
  on: warningsOptional.older,
  why: 'ids in answers had twelve characters',
  source: 'docker-shapes.md 2',
  older: warningsOptional.older,
  down: (answer) => ({ ...answer, Id: answer.Id.slice(0, 12) }),
  examples: [{ newer: { Id: 'a'.repeat(64) }, older: { Id: 'a'.repeat(12) }, only: 'down' }],
});

export const CONTAINER_CREATE_CHANGES: readonly Change[] = [
  noImageMounts,
  oneNetwork,
  shallowReadOnly,
  foreignOptions,
  hostCgroup,
  shareableIpc,
  strictHostNetwork,
  anyPolicy,
  shortBinds,
  clampedShares,
  warningsOptional,
  shortId,
];
