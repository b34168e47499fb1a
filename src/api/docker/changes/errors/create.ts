import type { Sentence } from '#api/docker/changes/sentence.ts';
import type { ErrorParams } from '#domain/error/engine-error.ts';

const NET = 'and the network mode (--net)';
const UNDEFINED = 'This would result in undefined behavior';

/** Options that exclude each other: the word "Conflicting" made them 409. */
const conflict = (code: string, words: string): Sentence => ({
  code,
  in: '1.22',
  status: 409,
  text: () => `Conflicting options: ${words}`,
  gives: `Conflicting options: ${words}`,
});

const linked = ({ network }: ErrorParams): string =>
  `Conflicting options: --net=${String(network).startsWith('container:') ? 'container' : network} can't be used with links. ${UNDEFINED}`;

const said = (code: string, words: string, text: Sentence['text'], params: ErrorParams = {}): Sentence => ({
  code,
  in: '1.22',
  status: 500,
  text: text ?? ((): string => words),
  params,
  gives: words,
});

const fixed = (code: string, words: string): Sentence => said(code, words, undefined);

/** A sentence that ended with a full stop up to the engine of API 1.23. */
const stopped = (code: string, words: string, text?: Sentence['text'], params?: ErrorParams): Sentence => ({
  ...said(code, words, text, params),
  in: '1.24',
});

const worded = (version: string, code: string, words: string, text?: Sentence['text']): Sentence => ({
  code,
  in: version,
  text: text ?? ((): string => words),
  gives: words,
});

const childMissing = ({ ref }: ErrorParams): string => `Could not get container for ${ref}`;

/** Settings that create refuses. */
export const CREATE_SENTENCES: readonly Sentence[] = [
  conflict('network-mode.hostname', `-h ${NET}`),
  conflict('network-mode.dns', `--dns ${NET}`),
  conflict('network-mode.extra-hosts', `--add-host ${NET}`),
  conflict('network-mode.mac-address', `--mac-address ${NET}`),
  conflict('network-mode.ports', `-p, -P, --publish-all, --publish ${NET}`),
  conflict('network-mode.expose', '--expose and the network mode (--expose)'),
  {
    code: 'network-mode.links',
    in: '1.22',
    status: 409,
    text: linked,
    params: { network: 'container:db' },
    gives: `Conflicting options: --net=container can't be used with links. ${UNDEFINED}`,
  },
  {
    code: 'link.child-missing',
    in: '1.24',
    status: 500,
    text: childMissing,
    gives: 'Could not get container for web',
  },
  worded('1.31', 'link.child-missing', 'Could not get container for web', childMissing),
  said('link.format', 'bad format for links: a:b:c', ({ text }) => `bad format for links: ${text}`, {
    text: 'a:b:c',
  }),
  fixed('network-mode.no-target', '--net: invalid net mode: invalid container format container:<name|id>'),
  fixed('config.empty', 'Config cannot be empty in order to create a container'),
  {
    code: 'config.no-command',
    in: '1.42',
    text: () => 'No command specified',
    gives: 'No command specified',
  },
  {
    code: 'config.no-command',
    in: '1.24',
    status: 500,
    text: () => 'No command specified',
    gives: 'No command specified',
  },
  stopped(
    'config.working-dir',
    "The working directory 'x' is invalid. It needs to be an absolute path.",
    ({ path }) => `The working directory '${path}' is invalid. It needs to be an absolute path.`,
    { path: 'x' },
  ),
  {
    code: 'config.working-dir',
    in: '1.25',
    text: ({ path }) => `The working directory '${path}' is invalid. It needs to be an absolute path`,
    params: { path: 'x' },
    gives: "The working directory 'x' is invalid. It needs to be an absolute path",
  },
  said(
    'config.port',
    'Invalid port specification: "x"',
    ({ port }) => `Invalid port specification: "${port}"`,
    { port: 'x' },
  ),
  { ...fixed('memory.minimum', 'Minimum memory limit allowed is 4MB'), in: '1.24' },
  worded('1.41', 'memory.minimum', 'Minimum memory limit allowed is 4MB'),
  worded('1.41', 'memory.reservation-minimum', 'Minimum memory reservation allowed is 4MB'),
  {
    code: 'memory.minimum',
    in: '1.15',
    status: 500,
    text: () => 'Minimum memory limit allowed is 512k',
    gives: 'Minimum memory limit allowed is 512k',
  },
  stopped(
    'memory.swap-below-memory',
    'Minimum memoryswap limit should be larger than memory limit, see usage.',
  ),
  stopped(
    'memory.swap-without-memory',
    'You should always set the Memory limit when using Memoryswap limit, see usage.',
  ),
  stopped(
    'memory.swappiness',
    'Invalid value: 200, valid memory swappiness range is 0-100.',
    ({ value }) => `Invalid value: ${value}, valid memory swappiness range is 0-100.`,
    { value: 200 },
  ),
  stopped(
    'memory.reservation-above-memory',
    'Minimum memory limit should be larger than memory reservation limit, see usage.',
  ),
  worded(
    '1.25',
    'memory.reservation-above-memory',
    'Minimum memory limit should be larger than memory reservation limit, see usage',
  ),
  stopped('blkio.weight', 'Range of blkio weight is from 10 to 1000.'),
  stopped(
    'cpuset.invalid',
    'Invalid value x for cpuset cpus.',
    ({ which, value }) => `Invalid value ${value} for cpuset ${which}.`,
    { which: 'cpus', value: 'x' },
  ),
  stopped(
    'cpuset.unavailable',
    'Requested CPUs are not available - requested 9, available: 0-1.',
    ({ which, value, available }) =>
      `Requested ${which === 'mems' ? 'memory nodes' : 'CPUs'} are not available - requested ${value}, available: ${available}.`,
    { which: 'cpus', value: '9', available: '0-1' },
  ),
  said(
    'mount.bad-spec',
    'Invalid volume specification: a:b:c:d',
    ({ spec }) => `Invalid volume specification: ${spec}`,
    {
      spec: 'a:b:c:d',
    },
  ),
  said(
    'mount.bad-mode',
    'invalid mode for volumes-from: xx',
    ({ mode }) => `invalid mode for volumes-from: ${mode}`,
    { mode: 'xx' },
  ),
  said(
    'mount.destination',
    'Invalid volume destination path: data mount path must be absolute.',
    ({ destination }) => `Invalid volume destination path: ${destination} mount path must be absolute.`,
    { destination: 'data' },
  ),
  said(
    'mount.duplicate',
    'Duplicate bind mount /data',
    ({ destination }) => `Duplicate bind mount ${destination}`,
    {
      destination: '/data',
    },
  ),
  {
    code: 'volume.name-invalid',
    in: '1.22',
    text: ({ name }) =>
      `${name} includes invalid characters for a local volume name, only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    params: { name: 'a b' },
    gives:
      'a b includes invalid characters for a local volume name, only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
  },
  {
    code: 'log.unknown-driver',
    in: '1.25',
    text: ({ driver }) => `logger: no log driver named '${driver}' is registered`,
    params: { driver: 'x' },
    gives: "logger: no log driver named 'x' is registered",
  },
  // The containers that volumes, namespaces and links are taken from.
  {
    code: 'container.not-found',
    in: '1.22',
    routes: ['container-create'],
    status: 404,
    text: ({ ref }) => `no such id: ${ref}`,
    gives: 'no such id: web',
  },
  {
    code: 'container.not-found',
    in: '1.18',
    routes: ['container-create'],
    status: 404,
    text: ({ ref }) => `No such container: ${ref}`,
    gives: 'No such container: web',
  },
  said(
    'capability.unknown',
    'Unknown capability to add: "FOO"',
    ({ name, list }) =>
      `Unknown capability to ${list === 'CapDrop' ? 'drop' : 'add'}: "${String(name).replace(/^CAP_/u, '')}"`,
    { name: 'CAP_FOO', list: 'CapAdd' },
  ),
  {
    code: 'security-opt.invalid',
    in: '1.24',
    status: 500,
  },
  {
    code: 'volume.driver-unknown',
    in: '1.22',
    status: 404,
    text: ({ driver }) => `Error looking up volume plugin ${driver}: Plugin not found`,
    params: { driver: 'x' },
    gives: 'Error looking up volume plugin x: Plugin not found',
  },
  said(
    'log.unknown-driver',
    "Failed to get logging factory: logger: no log driver named 'x' is registered",
    ({ driver }) => `Failed to get logging factory: logger: no log driver named '${driver}' is registered`,
    { driver: 'x' },
  ),
];
