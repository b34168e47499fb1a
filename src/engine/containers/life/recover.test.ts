import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HostConfig } from '#domain/container/config.ts';
import { containerWorld, request } from '#test/fakes/container-world.ts';
import type { ContainerTestWorld } from '#test/fakes/container-world.ts';
import { settle } from '#test/fakes/settle.ts';

const ports = { portBindings: { '80/tcp': [{ hostIp: '', hostPort: '80' }] } };

const started = async (
  world: ContainerTestWorld,
  cmd = 'run',
  host: Partial<HostConfig> = {},
): Promise<string> => {
  const { id } = await world.engine.containers.create(request(cmd, { host }));
  await world.engine.containers.start(id, {});
  return id;
};

/** Cuts the daemon off at a step: the step and everything after it never returns. */
const cutAt = (world: ContainerTestWorld, where: 'runtime' | 'machine', step: string): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (name: string): void => {
    if (name !== step) return;
    resolve();
    throw new Cut();
  };
  if (where === 'runtime') world.runtime.onStep = stop;
  else world.machine.onStep = stop;
  return promise;
};

class Cut extends Error {}

const mended = (world: ContainerTestWorld): ContainerTestWorld => {
  world.runtime.onStep = () => {};
  world.machine.onStep = () => {};
  return world.reborn();
};

describe('recovery', () => {
  it('takes up a container that went on running', async () => {
    const before = containerWorld();
    const id = await started(before, 'run', ports);
    before.machine.published.clear();
    const after = before.reborn();
    assert.deepEqual(await after.running.recover(), []);
    assert.equal(after.engine.containers.get(id).state.status, 'running');
    assert.deepEqual(after.machine.published.get(id), [80]);
    assert.equal(after.machine.endpoints.size, 1);
    const { id: next } = await after.engine.containers.create(request('run'));
    await after.engine.containers.start(next, {});
    assert.equal(after.engine.containers.get(next).endpoints['bridge']?.ipAddress, '172.30.0.3');
    await after.engine.containers.stop(id, {});
    assert.equal(after.engine.containers.get(id).state.exitCode, 143);
  });

  it('keeps the exit code of one that ended meanwhile, tells it once and gives everything back', async () => {
    const before = containerWorld();
    const id = await started(before, 'run', ports);
    await before.running.close({ stopContainers: false });
    before.clock.advance(5000);
    before.runtime.finish(id, 42);
    await settle();
    const after = before.reborn();
    assert.match((await after.running.recover()).join(), /ended with 42/);
    await settle();
    assert.partialDeepStrictEqual(after.engine.containers.get(id).state, { status: 'exited', exitCode: 42 });
    assert.deepEqual(
      after.actions.filter((action) => action === 'die'),
      ['die'],
    );
    assert.equal(after.machine.endpoints.size + after.machine.pinned.size + after.machine.published.size, 0);
  });

  it('restarts what its policy says after a reboot, with 137', async () => {
    const before = containerWorld();
    const kept = await started(before, 'run', {
      restartPolicy: { name: 'unless-stopped', maximumRetryCount: 0 },
    });
    const gone = await started(before, 'run');
    before.runtime.table.clear();
    before.machine.pinned.clear();
    const after = before.reborn();
    await after.running.recover();
    assert.partialDeepStrictEqual(after.engine.containers.get(gone).state, {
      status: 'exited',
      exitCode: 137,
    });
    assert.equal(after.engine.containers.get(kept).state.status, 'restarting');
    after.clock.advance(100);
    await settle();
    assert.equal(after.engine.containers.get(kept).state.status, 'running');
  });

  it('starts `always` even after a stop by hand, `unless-stopped` after the daemon’s own stop only', async () => {
    const before = containerWorld();
    const always = await started(before, 'run', { restartPolicy: { name: 'always', maximumRetryCount: 0 } });
    const unless = { restartPolicy: { name: 'unless-stopped', maximumRetryCount: 0 } } as const;
    const byHand = await started(before, 'run', unless);
    const byDaemon = await started(before, 'run', unless);
    await before.engine.containers.stop(always, {});
    await before.engine.containers.stop(byHand, {});
    await before.running.close({ stopContainers: true });
    assert.equal(before.engine.containers.get(byDaemon).state.status, 'exited');
    const after = before.reborn();
    await after.running.recover();
    await settle();
    const states = [always, byHand, byDaemon].map((id) => after.engine.containers.get(id).state.status);
    assert.deepEqual(states, ['running', 'exited', 'running']);
  });

  it('takes back a create that was cut off', async () => {
    const before = containerWorld();
    const cut = cutAt(before, 'machine', 'createVolume');
    // The daemon is gone: nobody cleans up after the failed step.
    before.machine.snapshotter.removeRoot = () => new Promise(() => {});
    void before.engine.containers
      .create(request('run', { name: 'half', config: { volumes: ['/v'] } }))
      .catch(() => undefined);
    await cut;
    await settle();
    assert.equal(before.state.containers.list()[0]?.state.status, 'creating');
    before.machine.snapshotter.removeRoot = async (id) => void before.machine.roots.delete(id);
    const after = mended(before);
    assert.match((await after.running.recover()).join(), /cut off/);
    assert.equal(after.machine.roots.size + after.machine.volumeNames.size, 0);
    await after.engine.containers.create(request('run', { name: 'half' }));
  });

  it('finishes a start that was cut off after the record said running', async () => {
    const before = containerWorld();
    const { id } = await before.engine.containers.create(request('run', { host: ports }));
    before.runtime.start = () => new Promise(() => {});
    void before.engine.containers.start(id, {});
    await settle();
    assert.equal(before.state.containers.get(id)?.state.status, 'running');
    assert.equal(before.runtime.table.get(id)?.state, 'created');
    Reflect.deleteProperty(before.runtime, 'start');
    const after = before.reborn();
    assert.match((await after.running.recover()).join(), /finished its start/);
    assert.equal(after.runtime.table.get(id)?.state, 'running');
    await settle();
    assert.deepEqual(after.actions, ['start']);
  });

  it('removes what a start had made before its record said running', async () => {
    const before = containerWorld();
    const { id } = await before.engine.containers.create(request('run', { host: ports }));
    before.machine.network.connect = () => new Promise(() => {});
    void before.engine.containers.start(id, {});
    await settle();
    assert.equal(before.runtime.table.size, 1);
    const after = before.reborn();
    await after.running.recover();
    assert.equal(after.runtime.table.size + after.machine.pinned.size + after.machine.published.size, 0);
    assert.equal(after.machine.roots.get(id)?.mounted, false);
    assert.equal(after.engine.containers.get(id).state.status, 'created');
  });

  it('finishes a removal, also that of a container that removes itself', async () => {
    const before = containerWorld();
    const { id } = await before.engine.containers.create(request('run'));
    const real = { ...before.machine.snapshotter };
    before.machine.snapshotter.removeRoot = () => new Promise(() => {});
    void before.engine.containers.remove(id, { force: false, volumes: false, link: false });
    const auto = await started(before, 'fast', { autoRemove: true });
    await settle();
    assert.deepEqual(
      before.state.containers.list().map(({ state }) => state.status),
      ['removing', 'removing'],
    );
    before.machine.snapshotter.removeRoot = (root) => real.removeRoot(root);
    const after = before.reborn();
    await after.running.recover();
    assert.deepEqual(after.engine.containers.list(), []);
    assert.ok(!after.machine.roots.has(auto));
  });

  it('removes what no record explains', async () => {
    const world = containerWorld();
    const stranger = 'f'.repeat(64);
    world.machine.roots.set(stranger, { mounted: true });
    world.machine.pinned.set(stranger, { id: stranger });
    world.machine.pinned.set('pod-1', { id: 'pod-1' });
    world.runtime.table.set(stranger, { pid: 1, startTime: '1', state: 'running', args: [] });
    const said = await world.running.recover();
    assert.equal(said.length, 4);
    assert.equal(world.machine.roots.size + world.runtime.table.size, 0);
    assert.deepEqual([...world.machine.pinned.keys()], []);
  });
});
