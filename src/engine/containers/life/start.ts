import type { HostConfig } from '#domain/container/config.ts';
import type { Container } from '#domain/container/container.ts';
import { exposedWithBindings } from '#domain/container/ports.ts';
import { planMounts } from '#domain/container/mounts/plan-mounts.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { planEndpoints } from '#engine/containers/create/endpoints.ts';
import { settleHost } from '#engine/containers/create/settle-host.ts';
import { nameVolumes, realizeMounts, verifyMounts } from '#engine/containers/create/volumes.ts';
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
    const settled = options.host === undefined ? container : await withHost(world, container, options.host);
    return attempt(world, settled);
  });
  if (failure === undefined) return;
  // The lock must be free for the removal.
  if (world.records.find(id)?.host.autoRemove === true)
    await remove(world, id, { force: true, volumes: true, link: false });
  throw failure.error;
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
  const settled = settleHost(world, withoutOwnHostname(container), wanted);
  const { host, links } = planLinks(world, settled.host);
  const config = {
    ...container.config,
    exposedPorts: exposedWithBindings(container.config.exposedPorts, host),
  };
  const anonymous = container.mounts.filter(
    (mount) => mount.anonymous === true && config.volumes.includes(mount.destination),
  );
  const plan = nameVolumes(planMounts(host, config, anonymous, (ref) => world.records.get(ref).mounts));
  await verifyMounts(world, plan);
  const mounts = plan.length === 0 ? [] : await realizeMounts(world, container.id, plan);
  const endpoints = planEndpoints(world.networks, { host, config, endpoints: container.endpoints });
  const kept = Object.fromEntries(
    Object.entries(endpoints).filter(([name]) => isStillWanted(name, host, endpoints)),
  );
  return world.records.put({ ...container, host, config, mounts, links, endpoints: kept });
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
