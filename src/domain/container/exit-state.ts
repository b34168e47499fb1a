import type { Container } from './container.ts';
import type { ContainerState, Endpoint } from './config.ts';
import { unwatchedHealth } from './health.ts';

/** The record with parts of its state replaced. */
export const withState = (container: Container, change: Partial<ContainerState>): Container => ({
  ...container,
  state: { ...container.state, ...change },
});

/** Without process, addresses and ports: what stays of a container that does not run. */
export const atRest = (container: Container, change: Partial<ContainerState>): Container => ({
  ...withState(container, { pid: 0, processStartTime: '', ...unwatched(container.state), ...change }),
  endpoints: Object.fromEntries(
    Object.entries(container.endpoints).map(([name, endpoint]) => [name, withoutAddress(endpoint)]),
  ),
  published: [],
});

/** Nobody probes what does not run. */
export const unwatched = ({ health }: ContainerState): Pick<ContainerState, 'health'> =>
  health === undefined ? {} : { health: unwatchedHealth(health) };

const withoutAddress = (endpoint: Endpoint): Endpoint => ({
  ...endpoint,
  endpointId: '',
  gateway: '',
  ipAddress: '',
  ipPrefixLength: 0,
  macAddress: '',
});
