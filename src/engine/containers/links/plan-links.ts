import type { HostConfig } from '#domain/container/config.ts';
import type { Container } from '#domain/container/container.ts';
import { parseLink } from '#domain/container/links.ts';
import type { ContainerLink } from '#domain/container/links.ts';
import { containerTarget, parseNetworkMode } from '#domain/container/network-mode.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContainerContext } from '#engine/containers/context.ts';

type Needs = Pick<ContainerContext, 'records'>;

/**
 * The links that a host configuration asks for, and the configuration without them: they are kept by id, for
 * names may change hands. On networks of one's own making links mean nothing here; without a network they are
 * names and environment, as with other engines.
 * Throws `link.format`, `link.child-missing`, `network-mode.links`.
 */
export const planLinks = (world: Needs, host: HostConfig): { host: HostConfig; links: ContainerLink[] } => {
  if (isOnOwnNetwork(host)) return { host, links: [] };
  const links = new Map<string, ContainerLink>();
  for (const text of host.links) {
    const { ref, alias } = parseLink(text);
    const child = standIn(world, findChild(world, ref));
    if (child.host.networkMode === 'host') throw engineError('network-mode.links', { network: 'host' });
    // The first of an alias stays.
    if (!links.has(alias)) links.set(alias, { alias: alias.replace(/^\//u, ''), childId: child.id });
  }
  return { host: { ...host, links: [] }, links: [...links.values()] };
};

const isOnOwnNetwork = ({ networkMode }: HostConfig): boolean =>
  parseNetworkMode(networkMode).kind === 'named' && !['default', 'bridge', ''].includes(networkMode);

const findChild = ({ records }: Needs, ref: string): Container => {
  try {
    return records.get(ref);
  } catch (error) {
    if (isEngineError(error)) throw engineError('link.child-missing', { ref }, error);
    throw error;
  }
};

/** Who is in another's network stands for the other. */
const standIn = (world: Needs, child: Container): Container => {
  const target = containerTarget(child.host.networkMode);
  return target === undefined || target === child.id ? child : standIn(world, findChild(world, target));
};
