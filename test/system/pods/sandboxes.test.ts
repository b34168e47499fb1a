import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { PodEngine } from '#test/support/pods/pod-engine.ts';
import { container, pod } from '#test/support/pods/spec.ts';

let engine: PodEngine;
before(async () => (engine = await PodEngine.start()));
after(async () => engine[Symbol.asyncDispose]());

const limits = { cpus: 1, memoryBytes: 64 * 1024 * 1024 };

const groupOf = async (sandbox: string): Promise<string> =>
  `/sys/fs/cgroup/memory/gantry-${await engine.tag}/pod.${sandbox}`;

describe('a sandbox by itself', () => {
  it('has its limits, lets a pod in and out, and stays', async () => {
    const id = await engine.sandboxes.create({ id: '', isolation: '', resources: limits });
    assert.match(id, /^sandbox-[A-Za-z]{10}$/);
    assert.deepEqual(
      (await engine.sandboxes.list()).map((one) => [one.id, one.podId]),
      [[id, '']],
    );
    if (existsSync('/sys/fs/cgroup/memory')) assert.ok(existsSync(await groupOf(id)));
    await engine.pods.create(pod({ id: 'guest', resources: limits }), { boot: false });
    await engine.pods.start('guest', { sandboxId: id });
    assert.equal((await engine.pods.get('guest')).sandboxId, id);
    assert.equal((await engine.sandboxes.get(id)).podId, 'guest');
    await engine.pods.create(pod({ id: 'second', resources: limits }), { boot: false });
    await assert.rejects(engine.pods.start('second', { sandboxId: id }), {
      code: 'sandbox.busy',
      kind: 'conflict',
    });
    await engine.pods.stop('guest', { timeoutSeconds: 0, keepSandbox: true });
    assert.equal((await engine.sandboxes.get(id)).podId, '');
    await engine.pods.start('second', { sandboxId: id });
    assert.deepEqual(await engine.reborn(), []);
    assert.equal((await engine.sandboxes.get(id)).podId, 'second');
    await engine.sandboxes.destroy(id);
    assert.equal((await engine.pods.get('second')).status, 'stopped');
    assert.deepEqual(await engine.sandboxes.list(), []);
    assert.ok(!existsSync(await groupOf(id)));
    for (const one of ['guest', 'second']) await engine.pods.remove(one, {});
  });

  it('outlives the daemon with its limits', async () => {
    const id = await engine.sandboxes.create({ id: 'mine', isolation: 'namespace', resources: limits });
    assert.equal(id, 'mine');
    await assert.rejects(engine.sandboxes.create({ id: 'mine', isolation: '', resources: limits }), {
      code: 'sandbox.exists',
    });
    assert.deepEqual(await engine.reborn(), []);
    if (existsSync('/sys/fs/cgroup/memory')) assert.ok(existsSync(await groupOf('mine')));
    await engine.sandboxes.destroy('mine');
    await assert.rejects(engine.sandboxes.get('mine'), { code: 'sandbox.not-found', kind: 'not-found' });
  });

  it('must be as large as the pod asks for, and exist', async () => {
    const id = await engine.sandboxes.create({ id: '', isolation: '', resources: limits });
    await engine.pods.create(pod({ id: 'other', containers: [container()] }), { boot: false });
    await assert.rejects(engine.pods.start('other', { sandboxId: id }), { code: 'sandbox.resources' });
    await assert.rejects(engine.pods.start('other', { sandboxId: 'gone' }), { code: 'sandbox.not-found' });
    assert.equal((await engine.pods.get('other')).status, 'created');
    assert.equal((await engine.sandboxes.get(id)).podId, '');
    await engine.sandboxes.destroy(id);
    await engine.pods.remove('other', {});
    await assert.rejects(engine.sandboxes.create({ id: '', isolation: 'vm', resources: limits }), {
      code: 'pod.isolation',
      kind: 'unsupported',
    });
  });
});
