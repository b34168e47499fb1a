import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, describe, it } from 'node:test';
import { createResourceGroups } from '#adapters/cgroup/create-resource-groups.ts';
import { parseCgroupLayout } from '#formats/proc/cgroup-layout.ts';

const layout = parseCgroupLayout(readFileSync('/proc/self/mounts', 'utf8'));
const parent = `/gantry-${randomBytes(4).toString('hex')}`;
const path = `${parent}/pod.one`;
const groups = createResourceGroups();
const MEMORY = 64 * 1024 * 1024;

const folder = (controller: string): string => {
  const found = layout.hierarchies.find(({ controllers }) => controllers.includes(controller));
  return `${found?.path ?? layout.unifiedPath ?? ''}${path}`;
};
const read = (controller: string, v1: string, v2: string): string =>
  readFileSync(`${folder(controller)}/${layout.version === 1 ? v1 : v2}`, 'utf8').trim();

describe('Groups above several containers', () => {
  after(async () => {
    await groups.remove(path);
    for (const controller of ['memory', 'cpu']) rmdirSync(dirname(folder(controller)));
  });

  it('have limits, and get others', async () => {
    await groups.ensure(path, { cpus: 0.5, memoryBytes: MEMORY });
    assert.equal(read('memory', 'memory.limit_in_bytes', 'memory.max'), String(MEMORY));
    assert.match(read('cpu', 'cpu.cfs_quota_us', 'cpu.max'), /^50000/);
    await groups.ensure(path, { cpus: 2, memoryBytes: 2 * MEMORY });
    assert.equal(read('memory', 'memory.limit_in_bytes', 'memory.max'), String(2 * MEMORY));
    assert.match(read('cpu', 'cpu.cfs_quota_us', 'cpu.max'), /^200000/);
    assert.deepEqual(await groups.list(parent), ['pod.one']);
  });

  it('are nothing without limits', async () => {
    await groups.ensure(`${parent}/pod.two`, { cpus: 0, memoryBytes: 0 });
    assert.deepEqual(await groups.list(parent), ['pod.one']);
  });

  it('go with what runs in them, and twice', async () => {
    const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
    const gone = once(child, 'exit');
    writeFileSync(`${folder('memory')}/held/cgroup.procs`, String(child.pid));
    await groups.remove(path);
    await gone;
    assert.equal(child.signalCode, 'SIGKILL');
    assert.ok(!existsSync(folder('memory')) && !existsSync(folder('cpu')));
    await groups.remove(path);
    assert.deepEqual(await groups.list(parent), []);
    // Never the machine's own, nor a daemon's.
    await groups.remove('/');
    await groups.remove(parent);
  });
});
