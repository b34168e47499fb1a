import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Healthcheck } from '#domain/container/config.ts';
import { NO_EXECS } from '#engine/containers/hooks.ts';
import type { ExecHooks } from '#engine/containers/hooks.ts';
import type { ExecOperations } from '#engine/engine.ts';
import { containerWorld, request } from '#test/fakes/container-world.ts';
import type { ContainerTestWorld } from '#test/fakes/container-world.ts';
import { settle } from '#test/fakes/settle.ts';

const check = (change: Partial<Healthcheck> = {}): Healthcheck => ({
  test: ['CMD', 'true'],
  intervalNs: 1e9,
  timeoutNs: 0.2e9,
  startPeriodNs: 0,
  startIntervalNs: 0,
  retries: 2,
  ...change,
});

const missing = (): never => {
  throw new Error('not part of this test');
};

const worldWith = (probe: ExecHooks['probe']): ContainerTestWorld => {
  const operations: ExecOperations = {
    create: missing,
    get: missing,
    permitStart: missing,
    startDetached: missing,
    start: missing,
    resize: missing,
  };
  return containerWorld({ execs: () => ({ ...operations, ...NO_EXECS, probe }) });
};

const started = async (world: ContainerTestWorld, healthcheck = check()): Promise<string> => {
  const { id } = await world.engine.containers.create(request('run', { config: { healthcheck } }));
  await world.engine.containers.start(id, {});
  return id;
};

const pass = async (world: ContainerTestWorld, ms: number): Promise<void> => {
  world.clock.advance(ms);
  await settle();
};

const hung: ExecHooks['probe'] = (_id, _command, { signal }) => {
  const { promise, resolve } = Promise.withResolvers<number>();
  signal.addEventListener('abort', () => resolve(137), { once: true });
  return promise;
};

describe('health', () => {
  it('changes with what probes find, and is told once per change', async () => {
    const codes = [0, 0, 1, 1, 1];
    const world = worldWith(async () => codes.shift() ?? 0);
    const id = await started(world);
    const seen = [];
    for (let round = 0; round < 5; round += 1) {
      await pass(world, 1000);
      seen.push(world.engine.containers.get(id).state.health?.status);
    }
    assert.deepEqual(seen, ['healthy', 'healthy', 'healthy', 'unhealthy', 'unhealthy']);
    assert.deepEqual(
      world.actions.filter((action) => action.startsWith('health')),
      ['health_status: healthy', 'health_status: unhealthy'],
    );
  });

  it('a probe that hangs is killed at its timeout, and the next comes after it', async () => {
    let running = 0;
    let most = 0;
    const world = worldWith(async (...args) => {
      running += 1;
      most = Math.max(most, running);
      args[2].take(new TextEncoder().encode('wait'));
      const code = await hung(...args);
      running -= 1;
      return code;
    });
    const id = await started(world);
    await pass(world, 1000);
    await pass(world, 5000);
    assert.equal(running, 0);
    assert.equal(most, 1);
    const [first] = world.engine.containers.get(id).state.health?.log ?? [];
    assert.deepEqual([first?.exitCode, first?.output], [-1, 'Health check exceeded timeout (200ms): wait']);
  });

  it('ends with the run, without a result, and begins anew with the next', async () => {
    let probes = 0;
    const world = worldWith((...args) => {
      probes += 1;
      return hung(...args);
    });
    const id = await started(world);
    await pass(world, 1000);
    await world.engine.containers.kill(id, '');
    await settle();
    const { health } = world.engine.containers.get(id).state;
    assert.deepEqual([health?.status, health?.log], ['unhealthy', []]);
    await pass(world, 60_000);
    assert.equal(probes, 1);
    await world.engine.containers.start(id, {});
    assert.equal(world.engine.containers.get(id).state.health?.status, 'starting');
    await pass(world, 1000);
    assert.equal(probes, 2);
  });

  it('counts the start period by no clock that somebody may set', async () => {
    const world = worldWith(async () => 1);
    const id = await started(world, check({ startPeriodNs: 5e9, startIntervalNs: 1e9, retries: 1 }));
    world.clock.set(world.clock.now() + 3_600_000);
    await pass(world, 1000);
    assert.equal(world.engine.containers.get(id).state.health?.status, 'starting');
    world.clock.set(world.clock.now() - 7_200_000);
    for (let second = 0; second < 5; second += 1) await pass(world, 1000);
    assert.equal(world.engine.containers.get(id).state.health?.status, 'unhealthy');
  });

  it('rests during a pause', async () => {
    let probes = 0;
    const world = worldWith(async () => {
      probes += 1;
      return 0;
    });
    const id = await started(world);
    await pass(world, 1000);
    await world.engine.containers.pause(id);
    await pass(world, 10_000);
    assert.equal(probes, 1);
    await world.engine.containers.unpause(id);
    await pass(world, 1000);
    assert.equal(probes, 2);
  });

  it('is watched again by the next daemon', async () => {
    const world = worldWith(async () => 0);
    const id = await started(world);
    await pass(world, 1000);
    await world.running.close({ stopContainers: false });
    const next = world.reborn();
    await next.running.recover();
    assert.equal(next.engine.containers.get(id).state.health?.status, 'starting');
    await pass(next, 1000);
    assert.equal(next.engine.containers.get(id).state.health?.status, 'healthy');
  });

  it('does not end because a command cannot be run', async () => {
    const world = worldWith(async () => {
      throw new Error('no such file');
    });
    const id = await started(world);
    await pass(world, 1000);
    await pass(world, 1000);
    const { health } = world.engine.containers.get(id).state;
    assert.equal(health?.status, 'unhealthy');
    assert.deepEqual(
      [health.log.length, health.log[0]?.exitCode, health.log[0]?.output],
      [2, -1, 'no such file'],
    );
  });
});
