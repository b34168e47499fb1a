import type { Static } from 'typebox';
import type { RestartPolicy } from '#domain/container/config.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { USUAL_BRIDGE } from '#domain/pod/spec.ts';
import type { PodContainerSpec, PodInterface, PodResources, PodRestart, PodSpec } from '#domain/pod/spec.ts';
import type { UserContainer } from '#api/hyper/schema/user-container.ts';
import type { UserInterface, UserPod } from '#api/hyper/schema/user-pod.ts';
import { decodeContainerPorts, decodePortMappings } from './port-mappings.ts';
import { decodeService } from './services.ts';
import { decodeContainer, decodeFile, decodeVolume } from './user-container.ts';

type Body = Static<typeof UserPod>;

/** By this label a pod asks that its restart policies be followed: all clients send them, none expected that. */
export const RESTART_LABEL = 'io.gantry.restart';

/** A pod as hyperd's clients write it (hyperd-api 3.1). Throws `invalid` codes `pod.*`. */
export const decodePod = (body: Body): PodSpec => {
  const containers = body.containers ?? [];
  return {
    id: body.id ?? '',
    name: '',
    hostname: body.hostname ?? '',
    labels: body.labels ?? {},
    isolation: decodeIsolation(body),
    resources: decodeResources(body.resource),
    requested: decodeRequested(body.resource),
    dns: decodeDns(body),
    interfaces: (body.interfaces ?? []).map(decodeInterface),
    services: (body.services ?? []).map(decodeService),
    volumes: (body.volumes ?? []).map(decodeVolume),
    files: (body.files ?? []).map(decodeFile),
    containers: containers.map((one) => decodeMember(one, body)),
    portMappings: tcpFirst([
      ...decodePortMappings(body.portmappings ?? []),
      ...containers.flatMap(({ ports }) => decodeContainerPorts(ports ?? [])),
    ]),
    whiteLists: decodeWhiteLists(body.portmappingWhiteLists),
    log: { type: body.log?.type ?? '', config: body.log?.config ?? {} },
    sysctls: sysctlsOf(containers),
    sharesProcesses: false,
    whenAllEnded: 'keep',
  };
};

const MEGABYTE = 1024 * 1024;
const USUAL = { cpus: 1, memory: 128 };

/** Of a pod or VM that does not say how large it is, or says it in a way that cannot be. */
export const decodeResources = (
  asked: { readonly vcpu?: number; readonly memory?: number } = {},
): PodResources => ({
  cpus: positive(asked.vcpu) ?? USUAL.cpus,
  memoryBytes: (positive(asked.memory) ?? USUAL.memory) * MEGABYTE,
});

const decodeRequested = ({ vcpu = 0, memory = 0 }: Body['resource'] & object = {}): PodResources => ({
  cpus: Math.max(0, vcpu),
  memoryBytes: Math.max(0, memory) * MEGABYTE,
});

const decodeDns = ({ dns = [], dnsOptions = [], dnsSearch = [] }: Body): PodSpec['dns'] => ({
  servers: dns,
  options: dnsOptions,
  search: dnsSearch,
});

const decodeWhiteLists = ({
  internalNetworks = [],
  externalNetworks = [],
}: Body['portmappingWhiteLists'] & object = {}): PodSpec['whiteLists'] => ({
  internal: internalNetworks,
  external: externalNetworks,
});

const positive = (number: number | undefined): number | undefined =>
  number !== undefined && number > 0 ? number : undefined;

/** Clients drop members that they do not know, but no labels. */
const ISOLATION_LABEL = 'io.gantry.isolation';

const decodeIsolation = ({ isolation = '', labels = {} }: Body): PodSpec['isolation'] => {
  const word = isolation === '' ? (labels[ISOLATION_LABEL] ?? '') : isolation;
  if (word === '' || word === 'namespace' || word === 'vm') return word;
  throw new EngineError('invalid', 'pod.isolation-unknown', `isolation: unknown word ${word}`);
};

const decodeMember = (body: Static<typeof UserContainer>, pod: Body): PodContainerSpec => {
  const spec = decodeContainer(body);
  return {
    ...spec,
    tty: spec.tty || pod.tty === true,
    restartPolicy: restartPolicyOf(pod, body.restartPolicy ?? ''),
  };
};

const restartPolicyOf = (pod: Body, own: string): RestartPolicy => {
  const word = (own === '' ? (pod.restartPolicy ?? '') : own).toLowerCase();
  const isAsked = /^(?:1|true|yes|on)$/iu.test(pod.labels?.[RESTART_LABEL] ?? '');
  if (isAsked && word === 'always') return { name: 'always', maximumRetryCount: 0 };
  if (isAsked && word === 'onfailure') return { name: 'on-failure', maximumRetryCount: 0 };
  return { name: 'no', maximumRetryCount: 0 };
};

/** Of the one kind of pods that older releases started again; any word but `never` was enough after a failure. */
export const decodePodRestart = (word = ''): PodRestart => {
  if (word === 'always' || word === 'never') return word;
  return 'on-failure';
};

/** The bridge of pods, as clients know it. */
const HYPERD_BRIDGE = 'hyper0';

const decodeInterface = (body: Static<typeof UserInterface>): PodInterface => ({
  bridge: body.bridge === HYPERD_BRIDGE ? USUAL_BRIDGE : (body.bridge ?? ''),
  address: body.ip ?? '',
  name: body.ifname ?? '',
  macAddress: body.mac ?? '',
  mtu: body.mtu ?? 0,
  gateway: body.gateway ?? '',
});

const tcpFirst = (mappings: PodSpec['portMappings']): PodSpec['portMappings'] => [
  ...mappings.filter(({ protocol }) => protocol !== 'udp'),
  ...mappings.filter(({ protocol }) => protocol === 'udp'),
];

/** Those that belong to what a pod's containers share; others were never applied, and nobody was told. */
const SHARED = /^(?:net\.|kernel\.(?:shm|msg|sem$)|fs\.mqueue\.)/;

const sysctlsOf = (containers: readonly Static<typeof UserContainer>[]): Record<string, string> =>
  Object.fromEntries(
    containers.flatMap(({ sysctl }) => Object.entries(sysctl ?? {}).filter(([name]) => SHARED.test(name))),
  );
