import { knownVersion } from '#api/dialect/version.ts';

/** What one generation of the old command line did. */
export type Generation = {
  readonly client: string;
  /** The version that it speaks, and how it printed that in front of every path. */
  readonly api: string;
  readonly prefix: string;
};

/** Until 0.8 the version was a float; the first client printed all its digits. */
export const GENERATIONS: readonly Generation[] = [
  { client: '0.3.3', api: '1.0', prefix: '/v1.000000' },
  { client: '0.4.0', api: '1.1', prefix: '/v1.1' },
  { client: '0.4.2', api: '1.2', prefix: '/v1.2' },
  { client: '0.5.0', api: '1.3', prefix: '/v1.3' },
  { client: '0.6.0', api: '1.4', prefix: '/v1.4' },
  { client: '0.6.2', api: '1.5', prefix: '/v1.5' },
  { client: '0.6.5', api: '1.6', prefix: '/v1.6' },
  { client: '0.7.0', api: '1.7', prefix: '/v1.7' },
  { client: '0.7.3', api: '1.8', prefix: '/v1.8' },
  { client: '0.8.0', api: '1.9', prefix: '/v1.9' },
  { client: '0.9.0', api: '1.10', prefix: '/v1.10' },
  { client: '0.11.1', api: '1.11', prefix: '/v1.11' },
  { client: '1.0.0', api: '1.12', prefix: '/v1.12' },
];

export const isSince = ({ api }: Generation, version: string): boolean =>
  knownVersion(api) >= knownVersion(version);

/** A whole configuration, as clients sent it: every member, null where nothing was given. */
export const configOf = (generation: Generation, cmd: readonly string[], image = 'busybox'): object => ({
  Hostname: '',
  User: '',
  Memory: 0,
  MemorySwap: 0,
  CpuShares: 0,
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  Tty: false,
  OpenStdin: true,
  StdinOnce: true,
  Env: null,
  Cmd: cmd,
  Image: image,
  Volumes: {},
  VolumesFrom: '',
  ...(!isSince(generation, '1.10') && { Dns: null }),
  ...(isSince(generation, '1.3') && { Entrypoint: [], NetworkDisabled: false }),
  ...(isSince(generation, '1.4') && { Privileged: false, WorkingDir: '' }),
  ...(isSince(generation, '1.5') ? { Domainname: '', ExposedPorts: {} } : { PortSpecs: null }),
});

/** The host's part, which came with start; the first three generations had none. */
export const hostOf = (generation: Generation): object | undefined => {
  if (!isSince(generation, '1.3')) return undefined;
  return {
    Binds: isSince(generation, '1.5') ? ['/tmp:/mnt:ro'] : ['/tmp:/mnt'],
    ...(isSince(generation, '1.4') && { ContainerIDFile: '' }),
    ...(isSince(generation, '1.6') && { LxcConf: [], PortBindings: {}, Links: null, PublishAllPorts: false }),
    ...(isSince(generation, '1.10') && { Dns: null, DnsSearch: null, VolumesFrom: null, NetworkMode: '' }),
  };
};
