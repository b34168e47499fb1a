import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PodEngine } from '#test/support/pods/pod-engine.ts';
import { container, pod } from '#test/support/pods/spec.ts';

let engine: PodEngine;
before(async () => (engine = await PodEngine.start()));
after(async () => engine[Symbol.asyncDispose]());

describe('many pods at once', () => {
  it('fifty of two containers come, run, share nothing by mistake, and go', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `crowd-${index}`);
    const start = performance.now();
    await Promise.all(
      names.map(async (id) => {
        await engine.pods.create(pod({ id, containers: [container(), container()] }), { boot: true });
        await engine.pods.start(id, {});
      }),
    );
    const up = performance.now();
    const pods = await engine.pods.list();
    assert.equal(pods.length, 50);
    assert.equal(new Set(pods.map(({ endpoints }) => endpoints[0]?.ipAddress)).size, 50);
    const containers = await engine.containers.list();
    assert.equal(containers.filter(({ state }) => state.status === 'running').length, 100);
    assert.deepEqual(await engine.reborn(), []);
    assert.equal((await engine.pods.list()).filter(({ status }) => status === 'running').length, 50);
    const reborn = performance.now();
    await Promise.all(names.map(async (id) => engine.pods.remove(id, { timeoutSeconds: 0 })));
    assert.deepEqual(await engine.pods.list(), []);
    assert.deepEqual(await engine.containers.list(), []);
    const gone = performance.now();
    const seconds = (from: number, to: number): string => `${((to - from) / 1000).toFixed(1)} s`;
    console.log(`up in ${seconds(start, up)}, gone in ${seconds(reborn, gone)}`);
  });

  it('one name is given once', async () => {
    const tries = Array.from({ length: 8 }, async () =>
      engine.pods.create(pod({ id: 'only', containers: [container({ name: 'only-one' })] }), { boot: true }),
    );
    const results = await Promise.allSettled(tries);
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const result of results)
      if (result.status === 'rejected') assert.equal((result.reason as { code?: string }).code, 'pod.exists');
    await engine.pods.remove('only', { timeoutSeconds: 0 });
  });

  it('starts, stops and kills of one pod side by side end in peace', async () => {
    await engine.pods.create(pod({ id: 'torn', containers: [container(), container()] }), { boot: true });
    for (let round = 0; round < 5; round += 1) {
      await Promise.allSettled([
        engine.pods.start('torn', {}),
        engine.pods.stop('torn', { timeoutSeconds: 5 }),
        engine.pods.kill('torn', { signal: '9' }),
        engine.pods.start('torn', {}),
        engine.pods.stop('torn', { timeoutSeconds: 0 }),
      ]);
    }
    await engine.pods.stop('torn', { timeoutSeconds: 0 }).catch(() => undefined);
    assert.equal((await engine.pods.get('torn')).status, 'stopped');
    await engine.pods.start('torn', {});
    const { containers } = await engine.pods.inspect('torn');
    assert.ok(containers.every(({ state }) => state.status === 'running'));
    await engine.pods.remove('torn', { timeoutSeconds: 0 });
  });
});
