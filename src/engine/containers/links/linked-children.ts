import type { Container } from '#domain/container/container.ts';
import { hasProcess } from '#domain/container/lifecycle.ts';
import { withLinkAddress } from '#domain/container/links.ts';
import type { LinkedChild } from '#domain/container/links.ts';
import { parseNetworkMode } from '#domain/container/network-mode.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { parentsOf } from './link-names.ts';

type Needs = Pick<ContainerContext, 'records' | 'files' | 'log'>;

/**
 * What a start needs of the containers that it is linked to. Who has no network to reach them by does not need them
 * to be there. Throws `link.not-running`, `link.other-network`.
 */
export const findLinked = ({ records }: Pick<Needs, 'records'>, parent: Container): LinkedChild[] =>
  (parent.links ?? []).flatMap(({ alias, childId }) => {
    const child = records.find(childId);
    if (child === undefined) return [];
    const path = `/${parent.name}/${alias}`;
    const [runs, address] = [hasProcess(child.state.status), addressOf(child)];
    if (!isBridged(parent)) {
      if (!runs || address === '') return [];
    } else if (!runs) throw engineError('link.not-running', { child: child.name, path });
    else if (address === '') throw engineError('link.other-network', { child: child.name });
    const { hostname, exposedPorts, env } = child.config;
    return [{ alias, path, address, name: child.name, hostname, exposedPorts, env }];
  });

const isBridged = ({ config, host }: Container): boolean =>
  !config.networkDisabled && parseNetworkMode(host.networkMode).kind === 'named';

const addressOf = ({ endpoints }: Container): string => endpoints['bridge']?.ipAddress ?? '';

/** A child runs (again), maybe with another address: running parents find it under the new one. */
export const tellParents = async (world: Needs, child: Container): Promise<void> => {
  const address = addressOf(child);
  if (address === '') return;
  await Promise.all(
    parentsOf(world.records, child.id)
      .filter(({ state }) => hasProcess(state.status))
      .map(async (parent) => {
        for (const { alias, childId } of parent.links ?? [])
          if (childId === child.id) await rewrite(world, parent, alias, address);
      }),
  );
};

/** The container's own changes of the file stay. */
const rewrite = async (
  { files, log }: Needs,
  parent: Container,
  alias: string,
  address: string | undefined,
): Promise<void> => {
  try {
    const before = await files.readHost(parent.files.hosts);
    const hosts = withLinkAddress(before, alias, address);
    if (hosts !== before) await files.write(parent.id, { hosts });
  } catch (error) {
    log('warn', 'the hosts file of a linked container could not be brought up to date', {
      container: parent.id,
      error,
    });
  }
};

/** Takes the link of this name (`parent/alias`) away. Throws `link.not-found`, `link.own-name`. */
export const removeLink = async (
  world: Needs & Pick<ContainerContext, 'locks'>,
  ref: string,
): Promise<void> => {
  const [parentName = '', alias = '', ...rest] = ref.replace(/^\//u, '').split('/');
  if (alias === '' && rest.length === 0) {
    world.records.get(ref);
    throw engineError('link.own-name', { ref });
  }
  const parentId = world.records.idOfName(parentName);
  if (parentId === undefined || rest.length > 0)
    throw engineError('link.no-parent', { ref, parent: parentName });
  await world.locks.run(parentId, async () => {
    const parent = world.records.known(parentId, ref);
    const links = (parent.links ?? []).filter((link) => link.alias !== alias);
    if (links.length === (parent.links ?? []).length) throw engineError('link.not-found', { ref });
    world.records.put({ ...parent, links });
    if (hasProcess(parent.state.status)) await rewrite(world, parent, alias, undefined);
  });
};
