import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { inspect, readLog, remove, run } from '#test/support/faults/containers.ts';
import { assertNoLeaks, assertNothingHalfMade, assertRecordsMatch } from '#test/support/faults/machine.ts';

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon[Symbol.asyncDispose]());

/** By either version of control groups. */
const isFrozen = (pid: number): boolean =>
  readFileSync(`/proc/${pid}/cgroup`, 'utf8')
    .split('\n')
    .some((line) => {
      const [, controllers, ...path] = line.split(':');
      const place = path.join(':');
      return controllers === 'freezer'
        ? readWord(`/sys/fs/cgroup/freezer${place}/freezer.state`) === 'FROZEN'
        : readWord(`/sys/fs/cgroup${place}/cgroup.freeze`) === '1';
    });

const readWord = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // Not the hierarchy in use here.
    return '';
  }
};

const beats = async (id: string): Promise<number> => (await readLog(daemon, id)).stdout.length;

describe('kill -9 of the daemon', () => {
  it('during commit: the container goes on, no image is left half made', async () => {
    // Nothing but zeroes, and more of them than a commit gets through before it is seen at work.
    const id = await run(daemon, 'truncate -s 4G /zeroes; while :; do echo -n .; sleep 0.05; done');
    await until(async () => (await beats(id)) > 0, 'it works');
    const { State } = await inspect(daemon, id);
    const committing = daemon.client.json('POST', '/commit', { query: { container: id, repo: 'half' } }).then(
      () => 'done',
      () => 'cut off',
    );
    await until(() => isFrozen(State.Pid), 'the commit has frozen it');
    await daemon.kill();
    assert.equal(await committing, 'cut off');
    assert.equal(isFrozen(State.Pid), true);
    await daemon.boot();
    assert.equal((await inspect(daemon, id)).State.Status, 'running');
    const done = await beats(id);
    await until(async () => (await beats(id)) > done, 'it goes on');
    await assertRecordsMatch(daemon);
    await assertNothingHalfMade(daemon);
    await assert.rejects(daemon.client.json('GET', '/images/half/json'));
    await remove(daemon, id);
    await assertNoLeaks(daemon);
  });

  it('leaves a paused container paused', async () => {
    const id = await run(daemon, 'exec sleep 600');
    await daemon.client.json('POST', `/containers/${id}/pause`);
    await daemon.kill();
    await daemon.boot();
    const { State } = await inspect(daemon, id);
    assert.deepEqual([State.Status, isFrozen(State.Pid)], ['paused', true]);
    await daemon.client.json('POST', `/containers/${id}/unpause`);
    await remove(daemon, id);
    await assertNoLeaks(daemon);
  });
});
