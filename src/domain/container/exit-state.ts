import type { Container } from './container.ts';
import type { ContainerState, Endpoint } from './config.ts';

/** The record with parts of its state replaced. */
export const withState = (container: Container, change: Partial<ContainerState>): Container => ({
  ...container,
  state: { ...container.state, ...change },
});

/** Without process, addresses and ports: what stays of a container that does not run. */
export const atRest = (container: Container, change: Partial<ContainerState>): Container => ({
  ...withState(container, { pid: 0, processStartTime: '', ...change }),
  endpoints: Object.fromEntries(
    Object.entries(container.endpoints).map(([name, endpoint]) => [name, withoutAddress(endpoint)]),
  ),
  published: [],
});

const withoutAddress = (endpoint: Endpoint): Endpoint => ({
  ...endpoint,
  endpointId: '',
  gateway: '',
  ipAddress: '',
  ipPrefixLength: 0,
  macAddress: '',
});
