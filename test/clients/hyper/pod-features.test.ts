import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { logOf, outputOf } from '#test/support/hyper/one-shot.ts';
import type { OneShot } from '#test/support/hyper/one-shot.ts';
import {
  addressOf,
  exitCode,
  idle,
  killPod,
  listed,
  removePod,
  runExec,
  runPod,
  startPod,
} from '#test/support/hyper/pod-client.ts';
import { assertRefused, bodyOf, done, tell } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const says = async (shot: OneShot): Promise<string> => outputOf(daemon, shot);

const run = async (container: string, line: string): Promise<string> =>
  (await runExec(daemon, container, ['sh', '-c', line])).text;

describe('the containers of a pod', () => {
  before(async () => {
    await runPod(daemon, { id: 'together', containers: [idle('tog-a'), idle('tog-b')] });
  });
  after(async () => removePod(daemon, 'together'));

  it('share network, host name and IPC, and nothing else', async () => {
    const spaces = 'for n in net uts ipc mnt pid; do readlink /proc/self/ns/$n; done';
    const [one, other] = [await run('tog-a', spaces), await run('tog-b', spaces)].map((text) =>
      text.split('\n'),
    );
    assert.deepEqual(
      one?.map((space, index) => space === other?.[index]),
      [true, true, true, false, false, true],
    );
    await run('tog-a', 'echo shared > /dev/shm/x; echo own > /x');
    assert.equal(
      await run('tog-b', 'cat /dev/shm/x; cat /x 2>&1'),
      "shared\ncat: can't open '/x': No such file or directory\n",
    );
  });

  it('hear each other on localhost', async () => {
    await run(
      'tog-a',
      'echo hello | nc -l -p 7000 & while ! netstat -lnt | grep -q :7000; do sleep 0.05; done',
    );
    assert.equal(await run('tog-b', 'nc -w 1 127.0.0.1 7000 < /dev/null'), 'hello\n');
  });

  it('have a hosts file in common, with the names of localhost and their own', async () => {
    const text = await run('tog-a', 'cat /etc/hosts');
    assert.equal(await run('tog-b', 'cat /etc/hosts'), text);
    assert.match(text, /^127\.0\.0\.1\s+localhost$/mu);
    assert.match(text, /^::1\s+.*localhost/mu);
    for (const [address, name] of [
      ['fe00::0', 'ip6-localnet'],
      ['ff00::0', 'ip6-mcastprefix'],
      ['ff02::1', 'ip6-allnodes'],
      ['ff02::2', 'ip6-allrouters'],
    ])
      assert.match(text, new RegExp(`^${address}\\s+${name}$`, 'mu'));
    const address = await addressOf(daemon, 'together');
    assert.match(text, new RegExp(`^${address}\\s+together$`, 'mu'));
    await run('tog-a', 'echo 192.0.2.7 written >> /etc/hosts');
    assert.match(await run('tog-b', 'cat /etc/hosts'), /192\.0\.2\.7 written/u);
  });
});

describe('names', () => {
  it('of containers are made of the pod’s and the image’s', async () => {
    const containers = [
      { image: 'busybox' },
      { image: 'busybox:latest' },
      { name: 'own-name', image: 'busybox' },
    ];
    await tell(daemon, 'POST /pod/create', { body: { id: 'namer', containers } });
    const names = (await listed(daemon, 'container')).map(([, name]) => name);
    assert.deepEqual(new Set(names), new Set(['namer-busybox-0', 'namer-busybox-1', 'own-name']));
    await removePod(daemon, 'namer');
  });

  it('of the host are the pod’s, cut where they are too long, or those asked for', async () => {
    assert.equal(await says({ line: 'hostname; cat /etc/hostname' }), 'one-shot\none-shot\n');
    const asked = { hostname: 'web-1.example.org' };
    assert.equal(await says({ line: 'hostname', pod: asked }), 'web-1.example.org\n');
    assert.equal(
      await says({ line: 'hostname', pod: { id: `P_${'x'.repeat(80)}` } }),
      `P_${'x'.repeat(61)}\n`,
    );
  });
});

describe('name servers', () => {
  const line = 'cat /etc/resolv.conf';
  const nameServers = (text: string): string[] =>
    text.split('\n').filter((one) => one.startsWith('nameserver '));

  it('are the host’s where the pod names none', async () => {
    const host = nameServers(readFileSync('/etc/resolv.conf', 'utf8')).filter(
      (one) => !/ (?:127\.|::1)/u.test(one),
    );
    const found = nameServers(await says({ line }));
    if (host.length > 0) assert.deepEqual(found, host);
    else assert.ok(found.length > 0);
  });

  it('are the pod’s where it does, with search domains and options, also after another start', async () => {
    const settings = {
      dns: ['192.0.2.53', '2001:db8::53'],
      dnsSearch: ['example.org', 'example.net'],
      dnsOptions: ['ndots:3', 'timeout:1'],
    };
    await runPod(daemon, { id: 'dns', containers: [idle('dns-c')], ...settings });
    const text = await run('dns-c', line);
    assert.deepEqual(nameServers(text), ['nameserver 192.0.2.53', 'nameserver 2001:db8::53']);
    assert.match(text, /^search example\.org example\.net$/mu);
    assert.match(text, /^options ndots:3 timeout:1$/mu);
    await killPod(daemon, 'dns');
    await startPod(daemon, 'dns');
    assert.equal(await run('dns-c', line), text);
    await removePod(daemon, 'dns');
  });

  it('are in the container’s own file where it brings one', async () => {
    const files = [
      { path: '/etc/resolv.conf', detail: { name: 'r', content: 'nameserver 198.51.100.1\n' } },
      { path: '/etc/hosts', detail: { name: 'h', content: '198.51.100.2 mine\n' } },
    ];
    const both = 'cat /etc/resolv.conf /etc/hosts';
    assert.equal(
      await says({ line: both, container: { files } }),
      'nameserver 198.51.100.1\n198.51.100.2 mine\n',
    );
    const volumes = [{ path: '/etc/hosts', detail: { name: 'h', source: '/etc/hostname', format: 'vfs' } }];
    assert.equal(
      await says({ line: 'cat /etc/hosts', container: { volumes } }),
      readFileSync('/etc/hostname', 'utf8'),
    );
  });
});

describe('interfaces', () => {
  const line = 'ip -o link; ip -o -4 addr; ip route';

  it('have the address, name, MAC address and MTU they are given', async () => {
    await tell(daemon, 'POST /pod/create', { body: { id: 'free', containers: [] } });
    const parts = (await addressOf(daemon, 'free')).split('.');
    await removePod(daemon, 'free');
    const subnet = parts.slice(0, 3).join('.');
    const interfaces = [
      { ifname: 'eth7', ip: `${subnet}.77/24`, bridge: 'hyper0', mac: '02:42:AC:11:00:99', mtu: 1400 },
    ];
    const text = await says({ line, pod: { interfaces } });
    assert.match(text, /eth7.* mtu 1400 .*02:42:ac:11:00:99/u);
    assert.match(text, new RegExp(`eth7 +inet ${subnet}\\.77/24`, 'u'));
    assert.match(text, new RegExp(`^default via ${subnet}\\.1 dev eth7`, 'mu'));
    assert.doesNotMatch(text, /eth0/u);
  });

  it('are several, one of which is the way out', async () => {
    await tell(daemon, 'POST /pod/create', { body: { id: 'free', containers: [] } });
    const subnet = (await addressOf(daemon, 'free')).split('.').slice(0, 3).join('.');
    await removePod(daemon, 'free');
    const two = [{}, { gateway: `${subnet}.1` }];
    const text = await says({ line, pod: { interfaces: two } });
    assert.match(text, /eth0 +inet/u);
    assert.match(text, /eth1 +inet/u);
    assert.deepEqual(
      text.split('\n').filter((one) => one.startsWith('default')),
      [`default via ${subnet}.1 dev eth1 `],
    );
    await tell(daemon, 'POST /pod/create', { body: { id: 'two', containers: [], interfaces: two } });
    const { status } = bodyOf(await tell(daemon, 'GET /pod/info?podName=two')) as {
      status: { podIP: string[] };
    };
    assert.equal(status.podIP.length, 2);
    await removePod(daemon, 'two');
  });
});

describe('settings of the kernel', () => {
  it('are those of the containers, in the namespaces they share', async () => {
    const sysctl = { 'net.ipv4.ip_default_ttl': '77', 'kernel.msgmax': '9000' };
    const line = 'cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/msgmax';
    assert.equal(await says({ line, container: { sysctl } }), '77\n9000\n');
    // Others were taken and never applied.
    const other = { sysctl: { 'vm.swappiness': '1' } };
    assert.equal(
      await says({ line: 'cat /proc/sys/vm/swappiness', container: other }),
      readFileSync('/proc/sys/vm/swappiness', 'utf8'),
    );
  });
});

describe('logs', () => {
  const command = ['sh', '-c', 'echo said'];
  const make = async (log: object): Promise<string> => {
    const body = { id: 'logged', log, containers: [{ name: 'log-c', image: 'busybox', command }] };
    const answer = await tell(daemon, 'POST /pod/create', { body });
    if (answer !== done(201, 'logged')) return answer;
    await startPod(daemon, 'logged');
    await exitCode(daemon, 'log-c');
    return answer;
  };

  it('are kept as JSON, where nothing else is said or in small files', async () => {
    for (const log of [
      {},
      { type: 'json-file' },
      { type: 'json-file', config: { 'max-size': '1m', 'max-file': '2' } },
    ]) {
      assert.equal(await make(log), done(201, 'logged'));
      assert.equal(await logOf(daemon, 'log-c'), 'said\n');
      await removePod(daemon, 'logged');
    }
  });

  it('are not kept where there are to be none', async () => {
    assert.equal(await make({ type: 'none' }), done(201, 'logged'));
    const answer = await tell(daemon, 'GET /container/logs?container=log-c&stdout=yes&stderr=yes');
    assert.doesNotMatch(answer, /said/u);
    await removePod(daemon, 'logged');
  });

  it('of a kind that nobody knows are refused by name', async () => {
    assertRefused(await make({ type: 'stone' }), 500, /stone/u);
  });
});

describe('limits', () => {
  /** The group above the containers of a pod, for one controller, in either layout. */
  const groupOf = async (container: string, controller: string): Promise<string> => {
    const { State } = await daemon.client.json<{ State: { Pid: number } }>(
      'GET',
      `/containers/${container}/json`,
    );
    const lines = readFileSync(`/proc/${State.Pid}/cgroup`, 'utf8')
      .split('\n')
      .map((text) => text.split(':'));
    const own = lines.find(([, names = '']) => names.split(',').includes(controller));
    const [, , group = ''] = own ?? lines.find(([id]) => id === '0') ?? [];
    const base = own === undefined ? '/sys/fs/cgroup' : `/sys/fs/cgroup/${controller}`;
    return path.dirname(`${base}${group}`);
  };

  const read = (group: string, ...names: string[]): string => {
    const name = names.find((one) => existsSync(`${group}/${one}`)) ?? names[0] ?? '';
    return readFileSync(`${group}/${name}`, 'utf8').trim();
  };

  it('are those of the pod, over all its containers, and there is one without a word', async () => {
    for (const [resource, memory, quota] of [
      [{ vcpu: 2, memory: 64 }, 64, 200_000],
      [undefined, 128, 100_000],
    ] as const) {
      await runPod(daemon, { id: 'limited', resource, containers: [idle('lim-a'), idle('lim-b')] });
      const group = await groupOf('lim-a', 'memory');
      assert.equal(await groupOf('lim-b', 'memory'), group);
      assert.equal(read(group, 'memory.limit_in_bytes', 'memory.max'), String(memory * 1024 * 1024));
      const cpu = await groupOf('lim-a', 'cpu');
      assert.match(read(cpu, 'cpu.cfs_quota_us', 'cpu.max'), new RegExp(`^${quota}\\b`, 'u'));
      await removePod(daemon, 'limited');
      assert.ok(!existsSync(group));
      assert.ok(!existsSync(cpu));
    }
  });

  it('end who takes more, and nobody else', async () => {
    const greedy = { name: 'greedy', image: 'busybox', command: ['tail', '/dev/zero'] };
    await runPod(daemon, {
      id: 'tight',
      resource: { vcpu: 1, memory: 32 },
      containers: [idle('modest'), greedy],
    });
    assert.equal(await exitCode(daemon, 'greedy'), 137);
    assert.equal((await listed(daemon, 'container')).find(([, name]) => name === 'modest')?.[3], 'running');
    await removePod(daemon, 'tight');
  });
});
