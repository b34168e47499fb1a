import { badManifest } from './fields.ts';
import type { Reader } from './fields.ts';
import { parseQuantity } from './quantity.ts';
import type { UserContainer } from './user-pod.ts';

/** What containers inherit of their pod. */
export type PodDefaults = {
  readonly pod: string;
  readonly volumes: ReadonlySet<string>;
  readonly user: string | undefined;
  readonly group: string | undefined;
};

export type ReadContainer = {
  readonly container: UserContainer;
  /** Limits; undefined = none. */
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
};

/** A container of a Kubernetes pod. Its name gets the pod's in front: names are the daemon's, not the pod's. */
export const readContainer = (reader: Reader, defaults: PodDefaults): ReadContainer => {
  const name = reader.text('name');
  const image = reader.text('image');
  if (name === undefined || image === undefined)
    throw badManifest(`${reader.at(name === undefined ? 'name' : 'image')} is missing`);
  const [entrypoint, command] = [reader.texts('command'), reader.texts('args')];
  const workdir = reader.text('workingDir');
  const security = readSecurity(reader.inside('securityContext'), defaults);
  const container: UserContainer = {
    name: `${defaults.pod}-${name}`,
    image,
    ...(entrypoint.length === 0 ? {} : { entrypoint }),
    ...(command.length === 0 ? {} : { command }),
    ...(workdir === undefined ? {} : { workdir }),
    ...(reader.flag('tty') === true ? { tty: true } : {}),
    ...security,
    envs: readVariables(reader),
    ports: reader.each('ports').map(readPort),
    volumes: reader.each('volumeMounts').flatMap((mount) => readMount(mount, defaults.volumes)),
  };
  const limits = readLimits(reader.inside('resources'));
  // Input is open for who attaches, and images are pulled when they are missing, whatever these say.
  reader.ignore(
    'stdin',
    'stdinOnce',
    'imagePullPolicy',
    'terminationMessagePath',
    'terminationMessagePolicy',
  );
  reader.finish();
  return { container, ...limits };
};

const readVariables = (reader: Reader): { env: string; value: string }[] =>
  reader.each('env').flatMap((entry) => {
    const env = entry.text('name');
    if (env === undefined) throw badManifest(`${entry.at('name')} is missing`);
    const value = entry.text('value');
    const isElsewhere = entry.raw('valueFrom') !== undefined;
    entry.finish();
    if (isElsewhere) entry.warn(`${entry.at('valueFrom')} is not supported: ${env} was left out`);
    return isElsewhere ? [] : [{ env, value: value ?? '' }];
  });

const readPort = (reader: Reader): NonNullable<UserContainer['ports']>[number] => {
  const containerPort = reader.integer('containerPort');
  if (containerPort === undefined) throw badManifest(`${reader.at('containerPort')} is missing`);
  const hostPort = reader.integer('hostPort');
  const protocol = (reader.text('protocol') ?? 'TCP').toLowerCase();
  reader.ignore('name');
  reader.finish();
  return { containerPort, ...(hostPort === undefined ? {} : { hostPort }), protocol };
};

const readMount = (
  reader: Reader,
  known: ReadonlySet<string>,
): NonNullable<UserContainer['volumes']>[number][] => {
  const [volume, path] = [reader.text('name'), reader.text('mountPath')];
  if (volume === undefined || path === undefined)
    throw badManifest(`${reader.at(volume === undefined ? 'name' : 'mountPath')} is missing`);
  const readOnly = reader.flag('readOnly') === true;
  reader.finish();
  return known.has(volume) ? [{ volume, path, readOnly }] : [];
};

const readSecurity = (
  reader: Reader,
  { user, group }: PodDefaults,
): Pick<UserContainer, 'user' | 'readOnly'> => {
  const [own, ownGroup] = [reader.text('runAsUser'), reader.text('runAsGroup')];
  const readOnly = reader.flag('readOnlyRootFilesystem') === true;
  reader.finish();
  const [name, groupName] = [own ?? user ?? '', ownGroup ?? group ?? ''];
  return {
    ...(name === '' && groupName === '' ? {} : { user: { name, group: groupName } }),
    ...(readOnly ? { readOnly } : {}),
  };
};

const readLimits = (reader: Reader): Pick<ReadContainer, 'cpus' | 'memoryBytes'> => {
  const limits = reader.inside('limits');
  const [cpu, memory] = [limits.text('cpu'), limits.text('memory')];
  limits.finish();
  // What a scheduler needs; there is none.
  reader.ignore('requests');
  reader.finish();
  return {
    cpus: cpu === undefined ? undefined : parseQuantity(cpu, limits.at('cpu')),
    memoryBytes: memory === undefined ? undefined : parseQuantity(memory, limits.at('memory')),
  };
};
