import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { assertNoLeaks } from '#test/support/faults/machine.ts';
import { clear, cutOff, findPod, MOMENTS } from '#test/support/hyper/cut-off.ts';
import { killPod, removePod, stopPod } from '#test/support/hyper/pod-client.ts';
import { Victims } from '#test/support/hyper/victims.ts';

/** As `pods-killed-coming.test.ts`, for pods on their way out. */
let daemon: TestDaemon;
let victims: Victims;
before(async () => {
  daemon = await TestDaemon.start();
  victims = new Victims(daemon, ['halting', 'leaving', 'vanishing'], 12_000 + (process.pid % 900));
});
after(async () => daemon[Symbol.asyncDispose]());

describe('the daemon is killed while it stops a pod, and removes one that runs and one that rests', () => {
  for (const moment of MOMENTS) {
    it(`after ${moment} ms`, async () => {
      await Promise.all(['halting', 'leaving', 'vanishing'].map(async (id) => victims.run(id)));
      const halting = await victims.known('halting');
      await killPod(daemon, 'vanishing');
      const remove = (podId: string) => () => daemon.pods.json('DELETE', '/pod', { query: { podId } });
      const answered = await cutOff(daemon, moment, {
        halting: () => stopPod(daemon, 'halting'),
        leaving: remove('leaving'),
        vanishing: remove('vanishing'),
      });
      await daemon.boot();

      const { isRunning } = await victims.known('halting');
      if (answered.halting) assert.ok(!isRunning);
      if (!isRunning) await victims.rests('halting');
      await victims.works('halting', halting);

      for (const id of ['leaving', 'vanishing'] as const) {
        const left = await findPod(daemon, id);
        if (answered[id]) assert.equal(left, undefined);
        if (left !== undefined) {
          assert.equal(Object.keys(left.ids).length, 2);
          if (!left.isRunning) await victims.rests(id);
          await removePod(daemon, id);
        }
        await victims.run(id);
        await victims.works(id);
      }
      await clear(daemon);
    });
  }

  it('and nothing is left on the machine', async () => assertNoLeaks(daemon));
});
