import type { HostConfig } from '#domain/container/config.ts';
import type { Container } from '#domain/container/container.ts';
import { shortId } from '#domain/container/names.ts';
import { exposedWithBindings } from '#domain/container/ports.ts';
import { withDataRootAsSlave } from '#domain/container/mounts/data-root.ts';
import { planMounts } from '#domain/container/mounts/plan-mounts.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { planEndpoints } from '#engine/containers/create/endpoints.ts';
import { settleHost } from '#engine/containers/create/settle-host.ts';
import { mountsOf, nameVolumes, realizeMounts, verifyMounts } from '#engine/containers/create/volumes.ts';
import { planLinks } from '#engine/containers/links/plan-links.ts';
import { launch } from '#engine/containers/launch/launch.ts';
import { permit } from '#engine/containers/permit.ts';
import { remove } from './remove.ts';

/** Starts a container that does not run. Throws `container.already-running`, `container.start-failed` and others. */
export const start = async (
  world: ContainerContext,
  ref: string,
  options: { host?: HostConfig },
): Promise<void> => {
  const id = world.records.idOf(ref);
  const failure = await world.locks.run(id, async () => {
    const container = world.records.known(id, ref);
    permit(container, 'start', ref);
    world.runs.forget(id);
    return attempt(world, await settle(world, container, options.host));
  });
  if (failure === undefined) return;
  // The lock must be free for the removal.
  if (world.records.find(id)?.host.autoRemove === true)
    await remove(world, id, { force: true, volumes: true, link: false });
  throw failure.error;
};

const settle = async (
  world: ContainerContext,
  container: Container,
  wanted: HostConfig | undefined,
): Promise<Container> => {
  if (wanted !== undefined) return withHost(world, container, wanted);
  const { host, habits, config, state } = container;
  const isLate = habits?.lateVolumes === true && host.volumesFrom.length > 0 && state.status === 'created';
  if (!isLate) return container;
  return world.records.put({ ...container, mounts: await remount(world, container, { host, config }) });
};

const attempt = async (
  world: ContainerContext,
  container: Container,
): Promise<{ error: unknown } | undefined> => {
  try {
    await launch(world, container, 'hand');
    return undefined;
  } catch (error) {
    return { error };
  }
};

/** Old clients send the host configuration here: it replaces the stored one entirely (docker-semantics.md 2.7). */
const withHost = async (
  world: ContainerContext,
  container: Container,
  wanted: HostConfig,
): Promise<Container> => {
  const { habits } = container;
  const settled = settleHost(world, withoutOwnHostname(container), wanted, { habits, self: container });
  const { host, links } = planLinks(world, settled.host);
  const config = {
    ...container.config,
    hostname: hostnameOf(world, container, host),
    exposedPorts: exposedWithBindings(container.config.exposedPorts, host),
  };
  const mounts = await remount(world, container, { host, config });
  const endpoints = planEndpoints(world.networks, { host, config, endpoints: container.endpoints });
  const kept = Object.fromEntries(
    Object.entries(endpoints).filter(([name]) => isStillWanted(name, host, endpoints)),
  );
  return world.records.put({ ...container, host, config, mounts, links, endpoints: kept });
};

/** In the host's network it has the host's name, unless the client gave it one. */
const hostnameOf = (
  { machine }: Pick<ContainerContext, 'machine'>,
  { id, config }: Container,
  { networkMode }: HostConfig,
): string =>
  networkMode === 'host' && config.hostname === shortId(id) ? machine.facts.hostname : config.hostname;

/** The mounts of a configuration; anonymous volumes that it had stay. */
const remount = async (
  world: ContainerContext,
  container: Container,
  { host, config }: Pick<Container, 'host' | 'config'>,
): Promise<Container['mounts']> => {
  const anonymous = container.mounts.filter(
    (mount) => mount.anonymous === true && config.volumes.includes(mount.destination),
  );
  const planned = planMounts(host, config, anonymous, (ref) => givenBy(world, ref));
  const plan = nameVolumes(withDataRootAsSlave(planned, world.settings.dataRoot));
  await verifyMounts(world, plan);
  return plan.length === 0 ? [] : realizeMounts(world, container.id, plan);
};

const givenBy = (world: ContainerContext, ref: string): Container['mounts'] => {
  try {
    return mountsOf(world, ref);
  } catch (error) {
    if (isEngineError(error, 'not-found')) throw engineError('mount.volumes-from-missing', { ref }, error);
    throw error;
  }
};

/** The host name given at create was the client's or ours; only the client's own choice could clash, and did then. */
const withoutOwnHostname = ({ config }: Container): Container['config'] => ({
  ...config,
  hostname: '',
  exposedPorts: [],
});

/** The first endpoint belongs to the network mode; what an earlier mode had left goes. */
const isStillWanted = (
  name: string,
  host: HostConfig,
  endpoints: Readonly<Record<string, unknown>>,
): boolean => {
  const [first] = Object.keys(endpoints);
  const isPlain = host.networkMode === 'none' || host.networkMode === 'host';
  return name === first || (!isPlain && !['bridge', 'none', 'host'].includes(name));
};
