import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ApiError } from '#client/api-error.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { assertNoLeaks } from '#test/support/faults/machine.ts';
import { clear } from '#test/support/hyper/cut-off.ts';
import {
  addressOf,
  createPod,
  hear,
  herald,
  idle,
  listed,
  podInfo,
  removePod,
  runPod,
} from '#test/support/hyper/pod-client.ts';
import { until } from '#test/support/clients/until.ts';

/** Fifty clients of hyperd at once. */
const COUNT = 50;
const base = 15_000 + (process.pid % 900);
const names = Array.from({ length: COUNT }, (_, index) => `crowd-${index}`);

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

describe('fifty pods of two containers at once', () => {
  it('come, each with its own address and port, and outlive the daemon', async () => {
    await Promise.all(
      names.map(async (id, index) =>
        runPod(daemon, {
          id,
          portmappings: [{ containerPort: '80', hostPort: String(base + index) }],
          containers: [herald(`${id}-web`, 80), idle(`${id}-idle`)],
        }),
      ),
    );
    const words = async (item: 'pod' | 'container'): Promise<(string | undefined)[]> =>
      (await listed(daemon, item)).map((line) => line[3]);
    assert.deepEqual(
      await words('pod'),
      Array.from({ length: COUNT }, () => 'running'),
    );
    assert.deepEqual(
      await words('container'),
      Array.from({ length: 2 * COUNT }, () => 'running'),
    );
    const addresses = await Promise.all(names.map(async (id) => addressOf(daemon, id)));
    assert.equal(new Set(addresses).size, COUNT);
    await daemon.kill();
    await daemon.boot();
    assert.deepEqual(await Promise.all(names.map(async (id) => addressOf(daemon, id))), addresses);
    await Promise.all(
      names.map(async (id, index) =>
        until(async () => (await hear('127.0.0.1', base + index)) === `${id}-web`, `${id} answers`),
      ),
    );
  });

  it('go at once, half of them by the door of the oldest clients, and are asked for again meanwhile', async () => {
    await Promise.all(
      names.map(async (id, index) => {
        await daemon.pods.json('POST', '/pod/kill', { query: { podName: id, signal: 9 } });
        assert.equal((await podInfo(daemon, id)).status.phase, 'Failed');
        const [method, path] = index % 2 === 0 ? ['DELETE', '/pod'] : ['POST', '/pod/remove'];
        await daemon.pods.json(method, path, { query: { podId: id } });
        await createPod(daemon, { id, containers: [{ name: `${id}-web`, image: 'busybox' }] });
        await removePod(daemon, id);
      }),
    );
    await clear(daemon);
    await assertNoLeaks(daemon);
  });

  it('of one name are one pod; the others are told, and leave nothing', async () => {
    const pod = { id: 'only', volumes: [{ name: 'data' }], containers: [idle('only-one')] };
    const outcomes = await Promise.allSettled(names.map(async () => createPod(daemon, pod)));
    const refusals = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as ApiError] : []));
    assert.equal(refusals.length, COUNT - 1);
    for (const { status, message } of refusals)
      assert.deepEqual([status, /only/u.test(message)], [500, true]);
    assert.equal((await listed(daemon, 'container')).length, 1);
    await clear(daemon);
    await assertNoLeaks(daemon);
  });
});
