import type { Static } from 'typebox';
import type { Container } from '#domain/container/container.ts';
import type { Endpoint, HostConfig } from '#domain/container/config.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { CreateContainer } from '#engine/engine.ts';
import { CONFIG_MEMBERS } from '#api/docker/schema/create-body.ts';
import type { CreateBody, EndpointBody, HostConfigBody } from '#api/docker/schema/create-body.ts';
import { decodeConfig } from './config.ts';
import { decodeHostConfig } from './host-config.ts';
import { decodePortSpecs } from './ports.ts';

type Body = Static<typeof CreateBody>;
type HostBody = Static<typeof HostConfigBody>;

/** Host members that old clients put beside the configuration (docker-shapes.md 3a, docker-routes.md R03). */
const FLAT_MEMBERS = [
  'Memory',
  'MemorySwap',
  'CpuShares',
  'Cpuset',
  'CpusetCpus',
  'VolumeDriver',
  'Privileged',
  'Dns',
  'VolumesFrom',
] as const satisfies readonly (keyof HostBody)[];

/** What create is asked for; throws `config.empty` when the body says nothing of a container. */
export const decodeCreate = (body: Body, query: { name?: string; platform?: string }): CreateContainer => {
  if (!Object.keys(CONFIG_MEMBERS).some((name) => Reflect.get(body, name) !== undefined)) {
    throw new EngineError('invalid', 'config.empty', 'config cannot be empty in order to create a container');
  }
  return {
    name: query.name ?? '',
    platform: query.platform ?? '',
    config: decodeConfig(body),
    host: decodeHostConfig(hostBodyOf(body), {
      portSpecs: decodePortSpecs(body.PortSpecs ?? []),
      clampShares: body.clampCpuShares ?? false,
    }),
    endpoints: decodeEndpoints(body.NetworkingConfig?.EndpointsConfig ?? {}),
    ...(body.refusesMoreOnHostNetwork === true ? { strictNetworkMode: true } : {}),
    ...(body.habits === undefined ? {} : { habits: body.habits }),
  };
};

/** The host configuration: its own member, filled up from beside it; without one, all members beside count. */
const hostBodyOf = (body: Body): HostBody => {
  const { HostConfig: own } = body;
  if (own === undefined) return body;
  const flat = FLAT_MEMBERS.filter((name) => own[name] === undefined && body[name] !== undefined);
  return { ...own, ...Object.fromEntries(flat.map((name) => [name, body[name]])) };
};

const decodeEndpoints = (
  given: Readonly<Record<string, Static<typeof EndpointBody> | null>>,
): Record<string, Partial<Endpoint>> =>
  Object.fromEntries(
    Object.entries(given).map(([network, endpoint]) => [network, decodeEndpoint(endpoint ?? {})]),
  );

const decodeEndpoint = (body: Static<typeof EndpointBody>): Partial<Endpoint> => ({
  aliases: body.Aliases ?? [],
  links: body.Links ?? [],
  driverOptions: body.DriverOpts ?? {},
  requestedIpv4: body.IPAMConfig?.IPv4Address ?? '',
  requestedIpv6: body.IPAMConfig?.IPv6Address ?? '',
  requestedMacAddress: body.MacAddress ?? '',
  gatewayPriority: body.GwPriority ?? 0,
});

type StartBody = HostBody & { readonly HostConfig?: HostBody };

/**
 * The host configuration sent with start, bare or as a member; undefined when it says nothing. What the
 * container got at create as a part of its configuration survives one that lacks it.
 */
export const decodeStartHost = (
  body: StartBody | undefined,
  { host: stored }: Container,
): HostConfig | undefined => {
  const given = body?.HostConfig ?? body ?? {};
  if (Object.values(given).every((value) => value === undefined)) return undefined;
  const host = decodeHostConfig(given);
  return {
    ...host,
    resources: {
      ...host.resources,
      memoryBytes: host.resources.memoryBytes || stored.resources.memoryBytes,
      memorySwapBytes: host.resources.memorySwapBytes || stored.resources.memorySwapBytes,
      cpuShares: host.resources.cpuShares || stored.resources.cpuShares,
      cpusetCpus: host.resources.cpusetCpus || stored.resources.cpusetCpus,
    },
    privileged: host.privileged || stored.privileged,
    dns: host.dns.length === 0 ? stored.dns : host.dns,
    volumesFrom: host.volumesFrom.length === 0 ? stored.volumesFrom : host.volumesFrom,
    portBindings: Object.keys(host.portBindings).length === 0 ? stored.portBindings : host.portBindings,
  };
};
