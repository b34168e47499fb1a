import type { FilterMap } from '#api/dialect/schema.ts';
import type { Container } from '#domain/container/container.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ImageId } from '#domain/value/flavor.ts';
import { presentStatus } from '#api/docker/present/container-inspect.ts';

/** What filters need to know besides the container. */
export type FilterWorld = {
  /** Whether the image is, or is made from, what `ref` names. */
  readonly isDescendant: (image: ImageId, ref: string) => boolean;
  /** Place in the list, newest first; throws when there is no such container. */
  readonly placeOf: (ref: string) => number;
};

export type ContainerFilter = {
  readonly matches: (container: Container, place: number) => boolean;
  /** A status was asked for: containers that do not run count too. */
  readonly includesStopped: boolean;
};

type Test = (container: Container, value: string, place: number) => boolean;
type Build = (world: FilterWorld) => Test;

/** docker-modern.md 3.2: OR inside one key (labels AND), AND between keys. Throws `filter.unknown`, `filter.value`. */
export const containerFilter = (
  given: FilterMap,
  world: FilterWorld,
  ignoresUnknown = false,
): ContainerFilter => {
  const filters = ignoresUnknown ? knownOnly(given) : given;
  const tests = Object.entries(filters).map(([key, values]) => testOf(key, values, world));
  return {
    matches: (container, place) => tests.every((test) => test(container, place)),
    includesStopped: (filters['status'] ?? []).length > 0,
  };
};

const knownOnly = (filters: FilterMap): FilterMap =>
  Object.fromEntries(Object.entries(filters).filter(([key]) => Object.hasOwn(BUILDERS, key)));

const testOf = (key: string, values: readonly string[], world: FilterWorld) => {
  const build = Object.hasOwn(BUILDERS, key) ? BUILDERS[key] : undefined;
  if (build === undefined)
    throw new EngineError('invalid', 'filter.unknown', `invalid filter '${key}'`, { params: { key } });
  for (const value of values) checkValue(key, value, world);
  const test = build(world);
  const isAll = key === 'label';
  return (container: Container, place: number): boolean => {
    if (values.length === 0) return true;
    const passes = (value: string): boolean => test(container, value, place);
    return isAll ? values.every(passes) : values.some(passes);
  };
};

const STATES = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];
const HEALTH = ['none', 'starting', 'healthy', 'unhealthy'];

/** Values that can be wrong are told before the list is looked at. */
const checkValue = (key: string, value: string, world: FilterWorld): void => {
  if (key === 'before' || key === 'since') world.placeOf(value);
  if (key === 'status' && !STATES.includes(value)) {
    throw badValue(key, value, `: invalid value for state (${value}): must be one of ${STATES.join(', ')}`);
  }
  if (key === 'health' && !HEALTH.includes(value))
    throw badValue(key, value, `: invalid value for health (${value}): must be one of ${HEALTH.join(', ')}`);
  if (key === 'exited' && !/^-?\d+$/.test(value)) throw badValue(key, value);
  if (key === 'is-task' && parseFlag(value) === undefined) throw badValue(key, value);
  if ((key === 'expose' || key === 'publish') && parsePorts(value) === undefined) throw badValue(key, value);
};

const badValue = (key: string, value: string, more = ''): EngineError =>
  new EngineError('invalid', 'filter.value', `invalid filter '${key}=${value}'${more}`, {
    params: { key, value },
  });

const parseFlag = (value: string): boolean | undefined =>
  ['1', 'true'].includes(value.toLowerCase())
    ? true
    : ['0', 'false'].includes(value.toLowerCase())
      ? false
      : undefined;

const BUILDERS: Readonly<Record<string, Build>> = {
  ancestor: (world) => (container, value) => world.isDescendant(container.imageId, value),
  before: (world) => (_container, value, place) => place > world.placeOf(value),
  since: (world) => (_container, value, place) => place < world.placeOf(value),
  exited:
    () =>
    ({ state }, value) =>
      state.status === 'exited' && state.exitCode === Number(value),
  expose:
    () =>
    ({ config }, value) =>
      config.exposedPorts.some((port) => isPortIn(port, value)),
  publish:
    () =>
    ({ published }, value) =>
      published.some(({ containerPort, protocol }) => isPortIn(`${containerPort}/${protocol}`, value)),
  health:
    () =>
    ({ state }, value) =>
      (state.health?.status ?? 'none') === value,
  id:
    () =>
    ({ id }, value) =>
      isMatch(id, value),
  'is-task': () => (_container, value) => parseFlag(value) === false,
  // Of Windows: engines on Linux know the word and take no notice.
  isolation: () => () => true,
  label:
    () =>
    ({ config }, value) => {
      const [key = '', ...rest] = value.split('=');
      const held = Object.hasOwn(config.labels, key) ? config.labels[key] : undefined;
      return held !== undefined && (rest.length === 0 || held === rest.join('='));
    },
  name:
    () =>
    ({ name }, value) =>
      isMatch(`/${name}`, value) || isMatch(name, value),
  network:
    () =>
    ({ endpoints }, value) =>
      Object.entries(endpoints).some(
        ([name, { networkId }]) => isMatch(name, value) || (value !== '' && networkId.startsWith(value)),
      ),
  status:
    () =>
    ({ state }, value) =>
      presentStatus(state) === value,
  volume:
    () =>
    ({ mounts }, value) =>
      // A bind has no name: what it shows of the host stands for it.
      mounts.some(
        ({ name, source, destination }) => (name === '' ? source : name) === value || destination === value,
      ),
};

/** Equal, or an unanchored regular expression that is found. */
const isMatch = (text: string, value: string): boolean => {
  if (text === value) return true;
  try {
    return new RegExp(value).test(text);
  } catch {
    return false;
  }
};

/** `80`, `80/udp`, `80-90/tcp`. */
const parsePorts = (value: string): { first: number; last: number; protocol: string } | undefined => {
  const [, low = '', high = low, protocol = 'tcp'] =
    /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(value) ?? [];
  return low === '' ? undefined : { first: Number(low), last: Number(high), protocol };
};

const isPortIn = (port: string, value: string): boolean => {
  const range = parsePorts(value);
  const [number = '', protocol] = port.split('/');
  return (
    range !== undefined &&
    protocol === range.protocol &&
    Number(number) >= range.first &&
    Number(number) <= range.last
  );
};
