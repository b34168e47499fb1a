import type { Static } from 'typebox';
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
 * belong to the pod. Words that mean nothing are left to the rules of pods, which name them in their turn.
 */
export const decodeContainer = (body: Static<typeof UserContainer>): PodContainerSpec => ({
  name: body.name ?? '',
  image: body.image ?? '',
  command: filledList(body.command),
  entrypoint: filledList(body.entrypoint),
  workingDir: body.workdir ?? '',
  env: (body.envs ?? []).map(({ env = '', value = '' }) => `${env}=${value}`),
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
  cache: body.cache ?? '',
});

const filledList = (list: readonly string[] | undefined): readonly string[] | null =>
  list === undefined || list.length === 0 ? null : list;

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

/** Bind mounts are `vfs`; a volume without a source is the pod's own, whatever its format. */
export const decodeVolume = ({
  name = '',
  source = '',
  format = '',
  driver = '',
  cache = '',
}: Static<typeof UserVolume>): PodVolume => {
  const word = format === '' ? driver : format;
  const kind = KINDS.get(word);
  if (kind === undefined) return { name, kind: 'unknown', format: word, source, cache };
  return { name, kind: source === '' ? 'empty' : kind, source, cache };
};

const KINDS: ReadonlyMap<string, PodVolume['kind']> = new Map([
  ['', 'host'],
  ['vfs', 'host'],
  ['raw', 'block'],
  ['qcow2', 'block'],
  ['vdi', 'block'],
  ['rbd', 'block'],
  ['nas', 'network'],
]);

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

/** What is not base64 is taken as it is. */
export const decodeFile = ({
  name = '',
  encoding,
  uri = '',
  content = '',
}: Static<typeof UserFile>): PodFile => ({
  name,
  encoding: encoding === 'base64' ? 'base64' : 'raw',
  uri,
  content,
});
