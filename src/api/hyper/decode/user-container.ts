import type { Static } from 'typebox';
import { EngineError } from '#domain/error/engine-error.ts';
import type {
  PodContainerSpec,
  PodFile,
  PodFileReference,
  PodVolume,
  PodVolumeReference,
} from '#domain/pod/spec.ts';
import type {
  UserContainer,
  UserFile,
  UserFileReference,
  UserVolume,
  UserVolumeReference,
} from '#api/hyper/schema/user-container.ts';

/**
 * A container as hyperd's clients write it (hyperd-api 3.1). Restart policies are accepted and not followed, ports
 * belong to the pod. Throws `invalid` codes `pod.cache`, `pod.environment`, `pod.image`, `pod.volume-format`.
 */
export const decodeContainer = (body: Static<typeof UserContainer>): PodContainerSpec => {
  // A client that is told of a missing image would go and pull one without a name.
  if ((body.image ?? '') === '')
    throw new EngineError('invalid', 'pod.image', `image of container ${body.name ?? ''} is required`);
  checkCache(body.cache, `cache of container ${body.name ?? ''}`);
  return {
    name: body.name ?? '',
    image: body.image ?? '',
    command: filledList(body.command),
    entrypoint: filledList(body.entrypoint),
    workingDir: body.workdir ?? '',
    env: decodeVariables(body),
    user: decodeUser(body.user),
    additionalGroups: body.user?.additionalGroups ?? [],
    tty: body.tty === true,
    // Clients may come at any time; the first that ends its input ends the process's.
    openStdin: true,
    stdinOnce: true,
    restartPolicy: { name: 'no', maximumRetryCount: 0 },
    volumes: (body.volumes ?? []).map(decodeVolumeReference),
    files: (body.files ?? []).map(decodeFileReference),
    labels: body.labels ?? {},
    ...(body.StopSignal === undefined || body.StopSignal === '' ? {} : { stopSignal: body.StopSignal }),
    ulimits: (body.ulimits ?? []).map(({ Name = '', Soft = 0, Hard = 0 }) => ({
      name: Name,
      soft: Soft,
      hard: Hard,
    })),
    readOnlyRoot: body.readOnly === true,
  };
};

const filledList = (list: readonly string[] | undefined): readonly string[] | null =>
  list === undefined || list.length === 0 ? null : list;

const decodeVariables = ({ name = '', envs = [] }: Static<typeof UserContainer>): string[] => {
  const seen = new Set<string>();
  return envs.map(({ env = '', value = '' }) => {
    if (seen.has(env)) {
      throw new EngineError('invalid', 'pod.environment', `envs of container ${name}: ${env} is there twice`);
    }
    seen.add(env);
    return `${env}=${value}`;
  });
};

const decodeUser = (user: Static<typeof UserContainer>['user']): string => {
  const { name = '', group = '' } = user ?? {};
  if (group === '') return name;
  return `${name === '' ? '0' : name}:${group}`;
};

const decodeVolumeReference = ({
  path = '',
  volume = '',
  readOnly,
  detail,
}: Static<typeof UserVolumeReference>): PodVolumeReference => ({
  path,
  volume: volume === '' ? (detail?.name ?? '') : volume,
  readOnly: readOnly === true,
  ...(detail === undefined ? {} : { detail: decodeVolume(detail) }),
});

const CACHES: ReadonlySet<string> = new Set([
  '',
  'off',
  'none',
  'directsync',
  'writeback',
  'unsafe',
  'writethrough',
]);

const checkCache = (cache: string | undefined, field: string): void => {
  if (CACHES.has(cache ?? '')) return;
  throw new EngineError('invalid', 'pod.cache', `${field}: unknown word ${cache ?? ''}`);
};

/** Bind mounts are `vfs`; a volume without a source is the pod's own, whatever its format. */
export const decodeVolume = (volume: Static<typeof UserVolume>): PodVolume => {
  const { name = '', source = '', cache } = volume;
  const format = volume.format || (volume.driver ?? '');
  const kind = source === '' ? 'empty' : KINDS[format];
  if (kind === undefined || !Object.hasOwn(KINDS, format)) {
    throw new EngineError('invalid', 'pod.volume-format', `volumes: unknown format ${format} of ${name}`);
  }
  checkCache(cache, `volumes: cache of ${name}`);
  return { name, kind, source };
};

const KINDS: Readonly<Record<string, PodVolume['kind']>> = {
  '': 'host',
  vfs: 'host',
  raw: 'block',
  qcow2: 'block',
  vdi: 'block',
  rbd: 'block',
  nas: 'network',
};

const decodeFileReference = ({
  path = '',
  filename = '',
  perm = '',
  user = '',
  group = '',
  detail,
}: Static<typeof UserFileReference>): PodFileReference => ({
  path,
  file: filename === '' ? (detail?.name ?? '') : filename,
  permissions: perm,
  user,
  group,
  ...(detail === undefined ? {} : { detail: decodeFile(detail) }),
});

/** An unknown encoding is left to the rules of the engine, which name the field. */
export const decodeFile = ({
  name = '',
  encoding,
  uri = '',
  content = '',
}: Static<typeof UserFile>): PodFile => ({
  name,
  encoding: encoding === undefined || encoding === '' ? 'raw' : (encoding as PodFile['encoding']),
  uri,
  content,
});
