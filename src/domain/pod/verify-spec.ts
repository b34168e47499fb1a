import { parseName } from '#domain/container/names.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { parseCidr, parseIpv4 } from '#domain/network/cidr.ts';
import { parseMac } from '#domain/network/mac.ts';
import { portsOfMapping } from './port-mappings.ts';
import { refuseTwins, verifyService } from './services.ts';
import type { PodContainerSpec, PodFile, PodInterface, PodSpec, PodVolume, WhiteLists } from './spec.ts';

/**
 * Refuses what no machine could make of a specification, in this order: ids and names, host name, isolation and
 * resources, interfaces, volumes twice, files twice, services, containers, volume kinds, caches, name servers,
 * ports, white lists. Codes `pod.*`, each naming the field.
 */
export const verifyPodSpec = (spec: PodSpec): void => {
  verifyIdentity(spec);
  verifyHostname(spec.hostname);
  verifyIsolation(spec.isolation);
  verifyResources(spec.resources);
  verifyInterfaces(spec);
  refuseDoubles(
    'volumes',
    spec.volumes.map(({ name }) => name),
  );
  refuseDoubles(
    'files',
    spec.files.map(({ name }) => name),
  );
  refuseTwins(spec.services);
  spec.services.forEach(verifyService);
  for (const [index, container] of spec.containers.entries()) verifyPodContainer(container, spec, index);
  refuseDoubles(
    'containers',
    spec.containers.flatMap(({ name }) => (name === '' ? [] : [parseName(name)])),
  );
  spec.volumes.forEach(verifyVolume);
  for (const [index, { name, cache }] of spec.volumes.entries())
    verifyCache({ place: `volume ${name}`, list: 'volumes', index }, cache);
  for (const address of spec.dns.servers) verifyNameServer(address);
  for (const mapping of spec.portMappings) portsOfMapping(mapping);
  verifyWhiteLists(spec.whiteLists);
};

const ID = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
/** Pod ids name control groups, folders and rules' comments. */
const LONGEST_ID = 128;

/** Lists are split at colons, and are made of lines. */
const NAME = /^[^:\p{Cc}]*$/u;
const LONGEST_NAME = 1024;

const verifyIdentity = ({ id, name }: PodSpec): void => {
  if (id !== '' && !(ID.test(id) && id.length <= LONGEST_ID)) throw engineError('pod.id-invalid', { id });
  if (!NAME.test(name) || name.length > LONGEST_NAME) throw engineError('pod.name-invalid', { name });
};

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LONGEST_HOSTNAME = 63;

const verifyHostname = (hostname: string): void => {
  if (hostname === '') return;
  const isGood = hostname.length <= LONGEST_HOSTNAME && hostname.split('.').every((part) => LABEL.test(part));
  if (!isGood) throw engineError('pod.hostname', { hostname, length: hostname.length });
};

/** Throws `pod.isolation`. */
export const verifyIsolation = (isolation: PodSpec['isolation']): void => {
  if (isolation !== '' && isolation !== 'namespace') throw engineError('pod.isolation', { isolation });
};

/** Throws `pod.resources`. */
export const verifyResources = ({ cpus, memoryBytes }: PodSpec['resources']): void => {
  if (!(cpus >= 0)) throw engineError('pod.resources', { field: 'vcpu', value: cpus });
  if (!(memoryBytes >= 0)) throw engineError('pod.resources', { field: 'memory', value: memoryBytes });
};

const verifyInterfaces = ({ interfaces }: PodSpec): void => {
  const [, second] = [...interfaces.entries()].filter(([, { gateway }]) => gateway !== '');
  if (second !== undefined) throw engineError('pod.gateway', { index: second[0] });
  refuseDoubles(
    'interfaces',
    interfaces.flatMap(({ name }) => (name === '' ? [] : [name])),
  );
  for (const one of interfaces) {
    if (one.bridge !== '' && one.address === '')
      throw engineError('pod.interface', { field: 'ip', value: '' });
    for (const [field, value, isGood] of INTERFACE_RULES) {
      if (!isGood(one)) throw engineError('pod.interface', { field, value: value(one) });
    }
  }
};

type InterfaceRule = readonly [
  field: string,
  value: (one: PodInterface) => string | number,
  isGood: (one: PodInterface) => boolean,
];

/** '' and 0 leave the choice to the daemon. */
const INTERFACE_RULES: readonly InterfaceRule[] = [
  ['ip', ({ address }) => address, ({ address }) => address === '' || addressOf(address) !== undefined],
  ['ifname', ({ name }) => name, ({ name }) => name === '' || /^[a-zA-Z][\w.-]{0,14}$/.test(name)],
  ['mac', ({ macAddress }) => macAddress, ({ macAddress: mac }) => mac === '' || parseMac(mac) !== undefined],
  ['mtu', ({ mtu }) => mtu, ({ mtu }) => mtu === 0 || (mtu >= 68 && mtu <= 65_535)],
  ['gateway', ({ gateway }) => gateway, ({ gateway }) => gateway === '' || parseIpv4(gateway) !== undefined],
];

/** The address of `192.168.1.2/24` or `192.168.1.2`. */
export const addressOf = (text: string): string | undefined => {
  const [address = ''] = text.split('/');
  const isGood = text.includes('/') ? parseCidr(text) !== undefined : parseIpv4(text) !== undefined;
  return isGood ? address : undefined;
};

/** Of one container, alone or beside the volumes and files of its pod. Throws `pod.*`, `container.name-invalid`. */
export const verifyPodContainer = (
  container: PodContainerSpec,
  pod: { readonly volumes: readonly PodVolume[]; readonly files: readonly PodFile[] },
  index: number,
): void => {
  const label = container.name === '' ? container.image : container.name;
  if (container.name !== '') parseName(container.name);
  refuseDoubles(`volumes of container ${label}`, container.volumes.map(volumeNameOf), index);
  refuseDoubles(
    `envs of container ${label}`,
    container.env.map((entry) => entry.split('=')[0] ?? entry),
    index,
  );
  for (const { file, detail, permissions } of container.files) {
    const isThere = detail !== undefined || pod.files.some(({ name }) => name === file);
    if (!isThere)
      throw engineError('pod.missing-reference', { field: 'files', container: label, name: file, index });
    if (permissionsOf(permissions) === undefined)
      throw engineError('pod.file-permissions', { container: label, value: permissions, index });
  }
  for (const reference of container.volumes) {
    const name = volumeNameOf(reference);
    const isThere = reference.detail !== undefined || pod.volumes.some((volume) => volume.name === name);
    if (!isThere)
      throw engineError('pod.missing-reference', { field: 'volumes', container: label, name, index });
    if (reference.detail === undefined) continue;
    verifyVolume(reference.detail, index);
    verifyCache({ place: `volume ${name}`, list: 'volumes', index }, reference.detail.cache);
  }
  verifyCache({ place: `container ${label}`, list: 'containers', index }, container.cache);
  if (container.image === '') throw engineError('pod.no-image', { container: label });
};

export const volumeNameOf = ({ volume, detail }: PodContainerSpec['volumes'][number]): string =>
  volume === '' ? (detail?.name ?? '') : volume;

const DEFAULT_PERMISSIONS = 0o755;

/** The mode of a file's `permissions`; undefined when it is none. */
export const permissionsOf = (text: string): number | undefined => {
  if (text === '' || text === '0') return DEFAULT_PERMISSIONS;
  // Clients may write something around it; a sticky or setuid bit needs the whole text.
  const match = /^0[0-7]{4}$/.exec(text) ?? /0[0-7]{3}/.exec(text);
  return match === null ? undefined : Number.parseInt(match[0], 8);
};

const verifyVolume = ({ name, kind, format = '', source }: PodVolume, index: number): void => {
  if (kind === 'unknown') throw engineError('pod.volume-format', { format, name, index });
  if (kind === 'block' || kind === 'network') throw engineError('pod.volume-unsupported', { kind, name });
  if (kind === 'host' && !source.startsWith('/'))
    throw engineError('pod.volume-source', { name, path: source });
};

const CACHES: ReadonlySet<string> = new Set([
  '',
  'off',
  'none',
  'directsync',
  'writeback',
  'unsafe',
  'writethrough',
]);

type Place = { readonly place: string; readonly list: string; readonly index: number };

const verifyCache = (where: Place, cache = ''): void => {
  if (!CACHES.has(cache)) throw engineError('pod.cache', { ...where, value: cache });
};

const verifyNameServer = (address: string): void => {
  const isAddress = parseIpv4(address) !== undefined || /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(address);
  if (!isAddress) throw engineError('pod.dns', { address });
};

/** Throws `pod.white-list`. */
export const verifyWhiteLists = ({ internal, external }: WhiteLists): void => {
  for (const [list, networks] of [
    ['internal', internal],
    ['external', external],
  ] as const) {
    const bad = networks.find((network) => parseCidr(network) === undefined);
    if (bad !== undefined) throw engineError('pod.white-list', { network: bad, list });
  }
};

const refuseDoubles = (field: string, names: readonly string[], container = 0): void => {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw engineError('pod.duplicate', { field, name: twice, index: container });
};
