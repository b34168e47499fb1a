import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { assertNoLeaks } from '#test/support/faults/machine.ts';
import { clear, cutOff, findPod, MOMENTS } from '#test/support/hyper/cut-off.ts';
import { createPod, killPod, listed, startPod } from '#test/support/hyper/pod-client.ts';
import { Victims } from '#test/support/hyper/victims.ts';

/**
 * kill -9 of the daemon while hyperd's clients ask for something: afterwards each pod is whole or gone, what was answered
 * holds, and the ids that clients know are good. All at once, so that each moment falls on a step of each.
 */
let daemon: TestDaemon;
let victims: Victims;
before(async () => {
  daemon = await TestDaemon.start();
  victims = new Victims(daemon, ['fresh', 'asleep', 'resting'], 11_000 + (process.pid % 900));
});
after(async () => daemon[Symbol.asyncDispose]());

describe('the daemon is killed while it creates a pod, starts two others, and makes a VM', () => {
  for (const moment of MOMENTS) {
    it(`after ${moment} ms`, async () => {
      await Promise.all([
        createPod(daemon, victims.specOf('asleep')),
        victims.run('resting').then(() => killPod(daemon, 'resting')),
      ]);
      const known = { asleep: await victims.known('asleep'), resting: await victims.known('resting') };
      let vm = '';
      const answered = await cutOff(daemon, moment, {
        fresh: () => createPod(daemon, victims.specOf('fresh')),
        asleep: () => startPod(daemon, 'asleep'),
        resting: () => startPod(daemon, 'resting'),
        vm: async () => {
          const query = { cpu: 1, mem: 64 };
          vm = (await daemon.pods.json<{ ID: string }>('POST', '/vm/create', { query })).ID;
        },
      });
      await daemon.boot();

      const vms = (await listed(daemon, 'vm')).filter(([, owner]) => owner === '');
      assert.ok(vms.length <= 1);
      for (const [, , word] of vms) assert.equal(word, 'idle');
      if (answered.vm) assert.deepEqual(vms, [[vm, '', 'idle']]);

      const fresh = await findPod(daemon, 'fresh');
      if (answered.fresh) assert.ok(fresh !== undefined);
      if (fresh === undefined) await createPod(daemon, victims.specOf('fresh'));
      else assert.deepEqual(fresh.words, { 'fresh-web': 'pending', 'fresh-idle': 'pending' });
      await victims.works('fresh', fresh);

      for (const id of ['asleep', 'resting'] as const) {
        const { isRunning, words } = await victims.known(id);
        const running = Object.values(words).filter((word) => word === 'running').length;
        assert.ok(running === 0 || running === 2, JSON.stringify(words));
        if (answered[id]) assert.ok(isRunning && running === 2, `${id} was answered`);
        if (id === 'asleep') assert.ok(isRunning);
        else if (!isRunning) await victims.rests(id);
        await victims.works(id, known[id]);
      }
      await clear(daemon);
    });
  }

  it('a VM that was made before it takes a pod of an older client after it', async () => {
    const query = { cpu: 1, mem: 64 };
    const { ID: vmId } = await daemon.pods.json<{ ID: string }>('POST', '/vm/create', { query });
    await daemon.kill();
    await daemon.boot();
    assert.deepEqual(await listed(daemon, 'vm'), [[vmId, '', 'idle']]);
    await createPod(daemon, { ...victims.specOf('fresh'), resource: { vcpu: 1, memory: 64 } });
    await killPod(daemon, 'fresh');
    await daemon.pods.json('POST', '/pod/start', { query: { podId: 'fresh', vmId } });
    assert.deepEqual(await listed(daemon, 'vm'), [[vmId, 'fresh', 'associated']]);
    await victims.works('fresh');
    await daemon.pods.json('POST', '/vm/kill', { query: { vm: vmId } });
    assert.deepEqual(await listed(daemon, 'vm'), []);
    await victims.rests('fresh');
    await clear(daemon);
  });

  it('and nothing is left on the machine', async () => assertNoLeaks(daemon));
});
