import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createProcessTable } from '#adapters/process-table/create-process-table.ts';
import { nameDevices } from '#adapters/cgroup/device-names.ts';
import { createResourceMeter } from '#adapters/cgroup/create-resource-meter.ts';
import { TCP_STATES } from '#engine/ports/resource-meter.ts';
import { parseCgroupLayout } from '#formats/proc/cgroup-layout.ts';

/** ResourceMeter and ProcessTable against a process of our own in a control group of our own. */

const HOST_MEMORY = 1024 ** 4;
const LIMIT = 64 * 1024 * 1024;
const id = randomBytes(32).toString('hex');
const layout = parseCgroupLayout(readFileSync('/proc/self/mounts', 'utf8'));
const roots =
  layout.version === 2
    ? [layout.unifiedPath ?? '/sys/fs/cgroup']
    : layout.hierarchies.map(({ path }) => path).filter((path) => !path.includes('cpuset'));
const folders = roots.map((root) => join(root, `gantry-meter-${id}`));
const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
const pid = child.pid ?? 0;

const put = (name: string, text: string): void => {
  for (const folder of folders) if (existsSync(join(folder, name))) writeFileSync(join(folder, name), text);
};

before(() => {
  for (const folder of folders) mkdirSync(folder);
  put('memory.limit_in_bytes', String(LIMIT));
  put('memory.max', String(LIMIT));
  put('pids.max', '17');
  put('cgroup.procs', String(pid));
});

after(async () => {
  const end = once(child, 'exit');
  child.kill('SIGKILL');
  await end;
  for (const folder of folders) rmdirSync(folder);
});

describe('ResourceMeter', () => {
  const meter = createResourceMeter({ hostMemoryBytes: HOST_MEMORY });

  it('tells limits and counts of a group', async () => {
    const sample = await meter.measure({ id, pid, network: false });
    assert.equal(sample?.memory.limitBytes, LIMIT);
    assert.deepEqual(sample.pids, { current: 1, limit: 17 });
    assert.equal(sample.interfaces, undefined);
    assert.equal(sample.cgroupVersion, layout.version);
  });

  it('tells the time of the whole host, which only grows', async () => {
    const first = await meter.measure({ id, pid, network: false });
    const second = await meter.measure({ id, pid, network: false });
    assert.ok(first && second && first.cpu.system > 0 && first.cpu.online > 0);
    assert.ok(second.cpu.system >= first.cpu.system && second.cpu.total >= first.cpu.total);
  });

  it('shows interfaces without loopback when asked', async () => {
    const sample = await meter.measure({ id, pid, network: true });
    assert.ok(sample?.interfaces);
    assert.equal('lo' in sample.interfaces, false);
  });

  it('counts connections by their state, when asked', async () => {
    assert.equal((await meter.measure({ id, pid, network: true }))?.connections, undefined);
    assert.equal((await meter.measure({ id, pid, network: false, detailed: true }))?.connections, undefined);
    const first = (await meter.measure({ id, pid, network: true, detailed: true }))?.connections;
    assert.ok(first);
    // The process is in our network; so many at once do not come and go by chance.
    const many = 40;
    const servers = Array.from({ length: many }, () => createServer().listen(0, '::1'));
    await Promise.all(servers.map(async (server) => once(server, 'listening')));
    const open = (await meter.measure({ id, pid, network: true, detailed: true }))?.connections;
    for (const server of servers) server.close();
    assert.ok(open && open.ipv6.listen >= first.ipv6.listen + many / 2);
    assert.deepEqual(Object.keys(open.ipv4), [...TCP_STATES]);
  });

  it('names devices as the machine does, when asked', async () => {
    const named = { major: 7, minor: 0, operation: 'Read', value: 1 };
    const name = existsSync('/sys/dev/block/7:0') ? { device: 'loop0' } : {};
    const unknown = { ...named, major: 4095 };
    const io = await nameDevices({ serviced: [named, unknown], time: [] });
    assert.deepEqual(io, { serviced: [{ ...named, ...name }, unknown], time: [] });
  });

  it("knows nothing of a process that is gone, and of another's", async () => {
    assert.equal(await meter.measure({ id, pid: 2 ** 22 + 1, network: false }), undefined);
    assert.equal(await meter.measure({ id, pid: process.pid, network: false }), undefined);
  });
});

/** The column STIME. */
const START = 4;

const withoutStart = (row: readonly string[]): string[] => row.toSpliced(START, 1);

const minuteOf = (time = ''): number => {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? Number.NaN) * 60 + (minutes ?? Number.NaN);
};

describe('ProcessTable', () => {
  const table = createProcessTable();

  it('lists in the form of ps -ef', async () => {
    const { titles, rows } = await table.list([pid, 2 ** 22 + 1]);
    assert.deepEqual(titles, ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD']);
    const shown = (await table.select([pid], ['-ef'])).rows;
    assert.deepEqual(rows.map(withoutStart), shown.map(withoutStart));
    // Both reckon back from their own now: at the turn of a minute they may fall on its two sides.
    const minutesApart = Math.abs(minuteOf(rows[0]?.[START]) - minuteOf(shown[0]?.[START]));
    assert.ok([0, 1, 24 * 60 - 1].includes(minutesApart), `${rows[0]?.[START]} and ${shown[0]?.[START]}`);
  });

  it('takes other arguments, the last column whole', async () => {
    const { titles, rows } = await table.select([pid], ['-o', 'pid,args']);
    assert.deepEqual([titles, rows], [['PID', 'COMMAND'], [[String(pid), 'sleep 1000']]]);
  });

  it('gives what ps says against its arguments, and minds a missing PID', async () => {
    await assert.rejects(table.select([pid], ['--nonsense']), { code: 'ps.failed' });
    await assert.rejects(table.select([pid], ['-o', 'args']), { code: 'ps.no-pid' });
  });
});
