import type { ErrorParams } from '#domain/error/engine-error.ts';
import type { Sentence } from './sentence.ts';

/** What was wrong with a specification: the same in every release, its slips of the pen included (hyperd-api 3.2). */
export const SPEC_SENTENCES: readonly Sentence[] = [
  { codes: ['pod.hostname'], words: (params) => hostname(params) },
  {
    codes: ['pod.gateway'],
    words: ({ index = 0 }) => `in interface ${index}, Other interface already configured Gateway`,
  },
  {
    codes: ['pod.duplicate'],
    routes: ['service-add', 'service-update'],
    status: 409,
    words: ({ name = '' }) => `given service list conflict: ${name}`,
  },
  { codes: ['pod.duplicate'], words: (params) => duplicate(params) },
  {
    codes: ['pod.missing-reference'],
    words: ({ field, name = '', index = 0 }) => {
      const [thing, list] = field === 'files' ? ['file', 'file'] : ['volume', 'volume'];
      return `in container ${index}, ${thing} ${name} does not exist in ${list} list.`;
    },
  },
  {
    codes: ['pod.file-permissions'],
    words: ({ index = 0, value = '' }) =>
      `in container ${index}, the permission ${value} only accept Octal digital in string`,
  },
  {
    codes: ['pod.cache'],
    words: ({ list, index = 0, value = '' }) =>
      `in volume ${index}, ${list === 'containers' ? 'does' : 'volume does'} not support cache ${value}.`,
  },
  {
    codes: ['pod.volume-format'],
    words: ({ index = 0, format = '' }) => `in volume ${index}, volume does not support driver ${format}.`,
  },
  { codes: ['pod.dns'], words: ({ address = '' }) => `incorrect dns ${address}.` },
  {
    codes: ['pod.interface'],
    words: ({ field, value }) =>
      field === 'ip' && value === '' ? 'if configured a bridge, must specify the IP address' : undefined,
  },
  { codes: ['pod.port'], words: ({ field, value = '' }) => portWords(String(field), String(value)) },
  {
    codes: ['pod.port-ranges'],
    words: ({ hostPort = '', containerPort = '' }) => `port range mismatch: ${hostPort} vs ${containerPort}`,
  },
  {
    codes: ['pod.service'],
    words: ({ field, value = '' }) => {
      if (field === 'protocol') return `unsupported service protocol type: ${value}`;
      const isMissing = (field === 'serviceIP' && value === '') || (field === 'servicePort' && value === 0);
      return isMissing ? 'invlide service format, missing service IP or Port' : undefined;
    },
  },
  {
    codes: ['container.name-invalid'],
    words: ({ name = '' }) => `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
  },
];

const LONGEST = 63;

const hostname = ({ hostname: text = '', length = 0 }: ErrorParams): string =>
  Number(length) > LONGEST
    ? `Hostname exceeds the maximum length ${LONGEST}, len: ${length}`
    : `Hostname should fullfil the pattern: [a-z0-9]([-a-z0-9]*[a-z0-9])?, input hostname: ${text}`;

const LISTS: ReadonlyMap<string, string> = new Map([
  ['volumes', 'Volumes name does not unique'],
  ['files', 'Files name does not unique'],
  ['services', 'Services IP:Port@Protocol combination does not unique'],
]);

const duplicate = ({ field = '', index = 0 }: ErrorParams): string | undefined => {
  const list = String(field);
  if (list.startsWith('volumes of ')) return `in container ${index}, volume source are not unique`;
  if (list.startsWith('envs of ')) return `in container ${index}, environment name are not unique`;
  return LISTS.get(list);
};

const MOST = 65_535;

/** Ports were numbers to Go's own parser, whose words these are. */
const portWords = (field: string, value: string): string | undefined => {
  if (field === 'protocol') return `unrecongnized protocol ${value}`;
  const at = value.indexOf('-');
  const parts = at === -1 ? [value] : [value.slice(0, at), value.slice(at + 1)];
  for (const part of parts) {
    const isNumber = /^\d+$/u.test(part);
    if (isNumber && Number(part) <= MOST) continue;
    return `strconv.ParseUint: parsing ${JSON.stringify(part)}: ${isNumber ? 'value out of range' : 'invalid syntax'}`;
  }
  const [first = '', last = first] = parts;
  return Number(last) < Number(first)
    ? `max ${Number(last)} is smaller than min ${Number(first)}`
    : undefined;
};
