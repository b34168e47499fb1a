import type { Container } from '#domain/container/container.ts';
import { withState } from '#domain/container/exit-state.ts';
import { afterProbe, goDuration, nextProbeMs, planProbe, startingHealth } from '#domain/container/health.ts';
import type { ProbePlan, ProbeResult } from '#domain/container/health.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { ProbeOutput } from './probe-output.ts';

/**
 * Probes a container that has just begun to run, was found running, or was thawed, until `probes.end` or
 * the daemon's leave. Its record says `starting` already (`withHealth`). Under the container's lock.
 */
export const watchHealth = (world: ContainerContext, container: Container): void => {
  const plan = planProbe(container.config);
  if (plan === undefined) return;
  const signal = AbortSignal.any([world.probes.begin(container.id), world.leaving]);
  void probeOnAndOn({ world, container, plan, signal }).catch((error: unknown) => {
    if (!signal.aborted)
      world.log('error', 'the health of a container is no longer watched', {
        container: container.id,
        error,
      });
  });
};

/** The state with which a run begins. */
export const withHealth = (container: Container): Container =>
  planProbe(container.config) === undefined
    ? container
    : withState(container, { health: startingHealth(container.state.health) });

type Watch = {
  readonly world: ContainerContext;
  readonly container: Container;
  readonly plan: ProbePlan;
  readonly signal: AbortSignal;
};

const probeOnAndOn = async (watch: Watch): Promise<void> => {
  const { world, container, plan, signal } = watch;
  const begunAt = world.clock.elapsed();
  // Only here does the wall clock count: the run may be older than this daemon.
  const before = Math.max(0, world.clock.now() - container.state.startedAt);
  const runMs = (): number => before + world.clock.elapsed() - begunAt;
  while (!signal.aborted) {
    const status = world.records.find(container.id)?.state.health?.status ?? 'starting';
    await world.clock.sleep(nextProbeMs(plan, status, runMs()), signal);
    const probedAtMs = runMs();
    const result = await probe(watch);
    if (!signal.aborted) await store(watch, result, probedAtMs);
  }
};

const probe = async ({ world, container, plan, signal }: Watch): Promise<ProbeResult> => {
  const { clock, execs } = world;
  const start = clock.now();
  const output = new ProbeOutput();
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  let isLate = false;
  const timing = clock.sleep(plan.timeoutMs, either).then(
    () => {
      isLate = true;
      over.abort();
    },
    () => undefined,
  );
  try {
    const exitCode = await execs.probe(container.id, plan.command, {
      take: (bytes) => output.take(bytes),
      signal: either,
    });
    if (!isLate) return { start, end: clock.now(), exitCode, output: output.text };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    if (!isLate) return { start, end: clock.now(), exitCode: -1, output: words };
  } finally {
    over.abort();
    await timing;
  }
  return { start, end: clock.now(), exitCode: -1, output: lateText(plan.timeoutMs, output.text) };
};

const lateText = (timeoutMs: number, said: string): string =>
  `Health check exceeded timeout (${goDuration(timeoutMs)})${said === '' ? '' : `: ${said}`}`;

const store = (
  { world, container, plan, signal }: Watch,
  result: ProbeResult,
  runMs: number,
): Promise<void> =>
  world.locks.run(container.id, async () => {
    const now = world.records.find(container.id);
    // The run may have ended, and another begun, while the lock was not ours.
    if (signal.aborted || now?.state.health === undefined) return;
    const health = afterProbe(now.state.health, result, { plan, runMs });
    const stored = putQuietly(world, withState(now, { health }));
    if (stored && health.status !== now.state.health.status)
      announce(world, `health_status: ${health.status}`, now);
  });

/** A full disk must not end the watch: the next probe tries again. */
const putQuietly = (world: ContainerContext, container: Container): boolean => {
  try {
    world.records.put(container, 'soon-anyhow');
    return true;
  } catch (error) {
    if (!isEngineError(error, 'unavailable')) throw error;
    return false;
  }
};
