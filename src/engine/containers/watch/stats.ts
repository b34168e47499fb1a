import type { Container } from '#domain/container/container.ts';
import { containerTarget } from '#domain/container/network-mode.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import type { ContainerStats, StatsRequest } from '#engine/engine.ts';
import type { ResourceSample } from '#engine/ports/resource-meter.ts';

type Needs = Pick<ContainerContext, 'records' | 'meter' | 'clock'>;

const INTERVAL_MS = 1000;

/**
 * What a container uses (docker-semantics.md 20). While it does not run there is no sample: a stream goes on, all
 * else answers so at once. Every sample of a stream knows the one before it, the first none.
 */
export const stats = (world: Needs, ref: string, request: StatsRequest): AsyncIterable<ContainerStats> => {
  const { id } = world.records.get(ref);
  return request.mode === 'stream' ? streamed(world, id, request) : once(world, id, request);
};

async function* streamed(world: Needs, id: string, { signal }: StatsRequest): AsyncGenerator<ContainerStats> {
  let previous: ResourceSample | undefined;
  for (;;) {
    const container = world.records.find(id);
    if (container === undefined || signal.aborted) return;
    const sample = await sampleOf(world, container);
    yield present(container, sample, previous);
    previous = sample;
    if (!(await rested(world, signal))) return;
  }
}

async function* once(
  world: Needs,
  id: string,
  { mode, signal }: StatsRequest,
): AsyncGenerator<ContainerStats> {
  const container = world.records.known(id);
  const first = await sampleOf(world, container);
  if (first === undefined || mode === 'single') {
    yield present(container, first, undefined);
    return;
  }
  if (!(await rested(world, signal))) return;
  const later = world.records.find(id) ?? container;
  const second = await sampleOf(world, later);
  yield present(later, second, second === undefined ? undefined : first);
}

const present = (
  { id, name }: Container,
  sample: ResourceSample | undefined,
  previous: ResourceSample | undefined,
): ContainerStats => ({
  id,
  name,
  ...(sample === undefined ? {} : { sample }),
  ...(sample === undefined || previous === undefined ? {} : { previous }),
});

const sampleOf = async ({ meter }: Needs, container: Container): Promise<ResourceSample | undefined> => {
  const { status, pid } = container.state;
  if (pid === 0 || (status !== 'running' && status !== 'paused')) return undefined;
  return meter.measure({ id: container.id, pid, network: hasOwnInterfaces(container) });
};

/** A container in another's network shows none: they are the other's. */
const hasOwnInterfaces = ({ host }: Container): boolean =>
  host.networkMode !== 'host' &&
  host.networkMode !== 'none' &&
  containerTarget(host.networkMode) === undefined;

/** False when nobody listens any more. */
const rested = async ({ clock }: Needs, signal: AbortSignal): Promise<boolean> => {
  try {
    await clock.sleep(INTERVAL_MS, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
};
