import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';

type Inspected = { readonly State: { readonly Pid: number } };

/** What a container's process finds around it, and what the machine holds against it. */
describe('inside a container', { concurrency: 4 }, () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(() => daemon[Symbol.asyncDispose]());

  const create = async (command: string, host: object, body: object = {}): Promise<string> => {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
      body: { Image: 'busybox', Cmd: ['sh', '-c', command], Tty: true, HostConfig: host, ...body },
    });
    await daemon.client.json('POST', `/containers/${Id}/start`);
    return Id;
  };

  const says = async (command: string, host: object = {}, body: object = {}): Promise<string> => {
    const id = await create(command, host, body);
    await daemon.client.json('POST', `/containers/${id}/wait`);
    let text = '';
    for await (const part of await daemon.client.open('GET', `/containers/${id}/logs`, {
      query: { stdout: 1 },
    }))
      text += String(part);
    return text.replaceAll('\r', '').trim();
  };

  test('limits stand in the cgroup’s files', async () => {
    const id = await create('sleep 1000', {
      Memory: 64 << 20,
      MemoryReservation: 32 << 20,
      NanoCpus: 500_000_000,
      CpuShares: 512,
      CpusetCpus: '0',
      PidsLimit: 50,
    });
    const read = await cgroupReader(
      (await daemon.client.json<Inspected>('GET', `/containers/${id}/json`)).State.Pid,
    );
    assert.equal(await read('memory', 'memory.max', 'memory.limit_in_bytes'), String(64 << 20));
    assert.equal(await read('memory', 'memory.low', 'memory.soft_limit_in_bytes'), String(32 << 20));
    assert.match(await read('cpu', 'cpu.max', 'cpu.cfs_quota_us'), /^50000/u);
    assert.match(await read('cpu', 'cpu.weight', 'cpu.shares'), /^(?:512|20)$/u);
    assert.equal(await read('cpuset', 'cpuset.cpus', 'cpuset.cpus'), '0');
    assert.equal(await read('pids', 'pids.max', 'pids.max'), '50');
  });

  test('who takes more memory than its limit is killed, and inspect says why', async () => {
    const id = await create('head -c 200m /dev/zero | tail >/dev/null', {
      Memory: 16 << 20,
      MemorySwap: 16 << 20,
    });
    await daemon.client.json('POST', `/containers/${id}/wait`);
    const { State } = await daemon.client.json<{ State: { OOMKilled: boolean; ExitCode: number } }>(
      'GET',
      `/containers/${id}/json`,
    );
    assert.equal(State.OOMKilled, true);
    assert.notEqual(State.ExitCode, 0);
  });

  test('capabilities and seccomp are the usual ones', async () => {
    const status = await says('cat /proc/self/status');
    // The fourteen of Docker.
    for (const set of ['CapPrm', 'CapEff', 'CapBnd'])
      assert.match(status, new RegExp(`^${set}:\t00000000a80425fb$`, 'mu'));
    for (const set of ['CapInh', 'CapAmb'])
      assert.match(status, new RegExp(`^${set}:\t0000000000000000$`, 'mu'));
    assert.match(status, /^Seccomp:\t2$/mu);
    assert.match(status, /^NoNewPrivs:\t0$/mu);
  });

  test('another user has none of them in effect', async () => {
    const status = await says('cat /proc/self/status', {}, { User: '1000' });
    assert.match(status, /^CapEff:\t0{16}$/mu);
    assert.match(status, /^CapBnd:\t00000000a80425fb$/mu);
  });

  test('kernel files are masked or cannot be written', async () => {
    const said = await says(
      [
        'for f in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug; do head -c1 $f 2>/dev/null; done',
        'ls /sys/firmware /proc/acpi /proc/scsi 2>/dev/null | grep -v :',
        'for f in /proc/sys/kernel/panic /proc/sysrq-trigger /sys/kernel/uevent_helper $(ls /sys/fs/cgroup/memory.max /sys/fs/cgroup/*/memory.limit_in_bytes 2>/dev/null); do',
        '  (echo 0 >$f) 2>/dev/null && echo wrote $f',
        'done',
        'mkdir /mnt; mount -t tmpfs none /mnt 2>/dev/null && echo mounted',
        'mknod /dev/sda b 8 0 2>/dev/null && head -c1 /dev/sda >/dev/null 2>&1 && echo read a disk',
        'echo end',
      ].join('\n'),
    );
    assert.equal(said, 'end');
  });

  test('a privileged one may mount', async () => {
    assert.equal(
      await says('mkdir /mnt; mount -t tmpfs none /mnt && echo mounted', { Privileged: true }),
      'mounted',
    );
  });

  test('resolv.conf, hosts and hostname hold what was asked for', async () => {
    const host = {
      Dns: ['192.0.2.1', '192.0.2.2'],
      DnsSearch: ['a.example'],
      DnsOptions: ['ndots:2'],
      ExtraHosts: ['x:192.0.2.3'],
    };
    const said = await says('cat /etc/resolv.conf /etc/hosts /etc/hostname; hostname; hostname -f', host, {
      Hostname: 'box',
      Domainname: 'b.example',
    });
    for (const line of [
      'nameserver 192.0.2.1',
      'nameserver 192.0.2.2',
      'search a.example',
      'options ndots:2',
      '192.0.2.3\tx',
    ])
      assert.ok(said.split('\n').includes(line), `${line} in ${said}`);
    assert.match(said, /^[\d.]+\tbox\.b\.example box$/mu);
    assert.match(said, /^127\.0\.0\.1\tlocalhost$/mu);
    assert.match(said, /\nbox\.b\.example\n(?:box|box\.b\.example)\nbox\.b\.example$/u);
  });

  test('nobody else’s processes, mounts or links are seen', async () => {
    const said = await says('ps | wc -l; ls -1 /sys/class/net; grep -c gantry /proc/mounts');
    const [processes = '', ...rest] = said.split('\n');
    assert.ok(Number(processes) <= 5, said);
    assert.deepEqual(rest.slice(0, 2), ['eth0', 'lo']);
  });

  test('devices are the usual ones, and allowed ones open', async () => {
    const said = await says(
      'ls -1 /dev; head -c3 /dev/zero | wc -c; echo x >/dev/null && echo null; head -c1 /dev/nix | wc -c',
      {
        Devices: [{ PathOnHost: '/dev/zero', PathInContainer: '/dev/nix', CgroupPermissions: 'r' }],
      },
    );
    for (const name of ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'pts', 'shm', 'mqueue', 'nix'])
      assert.match(said, new RegExp(`^${name}$`, 'mu'));
    assert.match(said, /^3\nnull\n1$/mu);
  });

  test('a log that is limited turns over while its container writes', async () => {
    const command =
      'i=0; while :; do i=$((i+1)); echo "line $i of a log that is limited to very little"; usleep 1000; done';
    const id = await create(command, {
      LogConfig: { Type: 'json-file', Config: { 'max-size': '4k', 'max-file': '2' } },
    });
    const first = async (): Promise<number> => {
      let text = '';
      for await (const part of await daemon.client.open('GET', `/containers/${id}/logs`, {
        query: { stdout: 1 },
      }))
        text += String(part);
      return Number(/^line (\d+)/u.exec(text)?.[1] ?? 0);
    };
    await until(async () => (await first()) > 100, 'the first lines to go');
  });
});

/** Reads a control file of a process's cgroup, under either hierarchy: the first name is the unified one's. */
const cgroupReader = async (
  pid: number,
): Promise<(controller: string, unified: string, legacy: string) => Promise<string>> => {
  const own = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).split('\n');
  const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers');
  return async (controller, unified, legacy) => {
    const line = own.find((each) =>
      isUnified ? each.startsWith('0::') : each.split(':')[1]?.split(',').includes(controller),
    );
    const group = line?.split(':')[2] ?? '';
    const file = isUnified
      ? `/sys/fs/cgroup${group}/${unified}`
      : `/sys/fs/cgroup/${controller}${group}/${legacy}`;
    return (await readFile(file, 'utf8')).trim();
  };
};
