import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';

type Inspect = {
  readonly State: { readonly Pid: number };
  readonly HostConfig: Readonly<Record<string, unknown>>;
};

/** A whole disk of the machine: limits are kept for those alone. */
const findDisk = (): { path: string; numbers: string } | undefined => {
  const lines = readFileSync('/proc/partitions', 'utf8').split('\n').slice(2);
  for (const line of lines) {
    const [major, minor, , name] = line.trim().split(/\s+/u);
    const path = `/dev/${name}`;
    const isWhole = existsSync(`/sys/block/${name}`);
    if (name !== undefined && isWhole && existsSync(path)) return { path, numbers: `${major}:${minor}` };
  }
  return undefined;
};

const disk = findDisk();
const isFirstVersion = existsSync('/sys/fs/cgroup/memory');

/** `254:0 rbps=1048576 wiops=max` of version 2, or the four files of version 1, as one form. */
const limitsOf = (pid: number): Record<string, string> => {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const line = lines.find((each) => (isFirstVersion ? each.includes(':blkio:') : each.startsWith('0::')));
  const group = line?.split(':').slice(2).join(':') ?? '';
  const read = (file: string): string => readFileSync(`/sys/fs/cgroup/${file}`, 'utf8').trim();
  if (!isFirstVersion) {
    const words = read(`${group}/io.max`).split(' ').slice(1);
    return Object.fromEntries(words.map((word) => word.split('=') as [string, string]));
  }
  const files = {
    rbps: 'read_bps',
    wbps: 'write_bps',
    riops: 'read_iops',
    wiops: 'write_iops',
  };
  const first = (name: string): string =>
    read(`blkio${group}/blkio.throttle.${name}_device`).split(' ')[1] ?? 'max';
  return Object.fromEntries(Object.entries(files).map(([key, name]) => [key, first(name)]));
};

describe('limits', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const create = async (host: object): Promise<{ Id: string; Warnings: string[] }> => {
    const body = { Image: 'busybox', Cmd: ['sleep', '600'], HostConfig: host };
    return daemon.client.json('POST', '/containers/create', { body });
  };
  const inspect = async (id: string): Promise<Inspect> =>
    daemon.client.json<Inspect>('GET', `/containers/${id}/json`);
  const path = disk?.path ?? '';
  const onDisk = { skip: disk === undefined && 'no disk here' };

  it('of a disk are in the kernel and in inspect, and change by an update', onDisk, async () => {
    const { Id: id, Warnings } = await create({
      BlkioDeviceReadBps: [{ Path: path, Rate: 1 << 20 }],
      BlkioDeviceWriteBps: [{ Path: path, Rate: 2 << 20 }],
      BlkioDeviceReadIOps: [{ Path: path, Rate: 300 }],
      BlkioDeviceWriteIOps: [{ Path: path, Rate: 400 }],
    });
    assert.deepEqual(
      Warnings.filter((warning) => warning.includes('Block')),
      [],
    );
    await daemon.client.json('POST', `/containers/${id}/start`);
    const { State, HostConfig } = await inspect(id);
    assert.deepEqual(limitsOf(State.Pid), { rbps: '1048576', wbps: '2097152', riops: '300', wiops: '400' });
    assert.deepEqual(HostConfig['BlkioDeviceReadBps'], [{ Path: path, Rate: 1 << 20 }]);
    assert.deepEqual(HostConfig['BlkioDeviceWriteIOps'], [{ Path: path, Rate: 400 }]);
    await daemon.client.json('POST', `/containers/${id}/update`, {
      body: { BlkioDeviceReadBps: [{ Path: path, Rate: 5 << 20 }], BlkioDeviceWriteBps: [] },
    });
    assert.equal(limitsOf(State.Pid)['rbps'], String(5 << 20));
    assert.equal(limitsOf(State.Pid)['wbps'], String(2 << 20));
    assert.deepEqual((await inspect(id)).HostConfig['BlkioDeviceReadBps'], [{ Path: path, Rate: 5 << 20 }]);
  });

  it('of weight act where the kernel has them, and are warned of where not', onDisk, async () => {
    const { Id: id, Warnings } = await create({
      BlkioWeight: 300,
      BlkioWeightDevice: [{ Path: path, Weight: 200 }],
    });
    await daemon.client.json('POST', `/containers/${id}/start`);
    const { HostConfig } = await inspect(id);
    const isDropped = Warnings.some((warning) => warning.includes('Block I/O weight or'));
    assert.equal(
      Warnings.some((warning) => warning.includes('weight_device')),
      isDropped,
    );
    assert.equal(HostConfig['BlkioWeight'], isDropped ? 0 : 300);
    assert.deepEqual(HostConfig['BlkioWeightDevice'], isDropped ? [] : [{ Path: path, Weight: 200 }]);
  });

  it('of a device that is not there fail the start in so many words', async () => {
    const { Id: id } = await create({ BlkioDeviceReadBps: [{ Path: '/dev/no-such-disk', Rate: 1 << 20 }] });
    await assert.rejects(
      daemon.client.json('POST', `/containers/${id}/start`),
      /stat \/dev\/no-such-disk: no such file or directory/u,
    );
  });

  it('of less CPU than the kernel can measure are its least', async () => {
    const { Id: id } = await create({ NanoCpus: 1_000_000 });
    await daemon.client.json('POST', `/containers/${id}/start`);
    const { State, HostConfig } = await inspect(id);
    assert.equal(HostConfig['NanoCpus'], 1_000_000);
    const lines = readFileSync(`/proc/${State.Pid}/cgroup`, 'utf8').split('\n');
    const line = lines.find((each) => (isFirstVersion ? /:cpu[,:]/u.test(each) : each.startsWith('0::')));
    const group = line?.split(':').slice(2).join(':') ?? '';
    const file = isFirstVersion ? `cpu${group}/cpu.cfs_quota_us` : `${group}/cpu.max`;
    assert.match(readFileSync(`/sys/fs/cgroup/${file}`, 'utf8'), /^1000\b/u);
  });
});
