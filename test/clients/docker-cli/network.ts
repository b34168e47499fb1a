import assert from 'node:assert/strict';
import { freePort } from '#test/support/registry.ts';
import { heard } from '#test/support/clients/heard.ts';
import type { Scenario } from './scenario.ts';

/** Ports, names and namespaces of networks. */
export const NETWORK: readonly Scenario[] = [
  {
    title: '-p answers on 127.0.0.1, on ::1 and from another container',
    run: async ({ docker, name }) => {
      const port = await freePort();
      const script = 'while :; do echo served | nc -l -p 80; done';
      await docker.says('run', '-d', '--name', name(), '-p', `${port}:80`, 'busybox', 'sh', '-c', script);
      assert.equal(await heard('127.0.0.1', port), 'served\n');
      assert.equal(await heard('::1', port), 'served\n');
      const address = await docker.says('inspect', '-f', '{{.NetworkSettings.IPAddress}}', name());
      assert.equal(await docker.says('run', '--rm', 'busybox', 'nc', address, '80'), 'served');
    },
  },
  {
    title: '-p without a host port takes a free one; -P publishes what is exposed; udp too',
    run: async ({ docker, name }) => {
      await docker.says(
        'run',
        '-d',
        '--name',
        name(),
        '-p',
        '127.0.0.1::80',
        '--expose',
        '81',
        '-P',
        '-p',
        '127.0.0.1::53/udp',
        'busybox',
        'sleep',
        '1000',
      );
      const ports = await docker.says('port', name());
      assert.match(ports, /^80\/tcp -> 127\.0\.0\.1:\d+$/mu);
      assert.match(ports, /^81\/tcp -> 0\.0\.0\.0:\d+$/mu);
      assert.match(ports, /^53\/udp -> 127\.0\.0\.1:\d+$/mu);
    },
  },
  {
    title: 'a taken port is refused and freed by the end of its holder',
    run: async ({ docker, name }) => {
      const port = `127.0.0.1:${await freePort()}:80`;
      await docker.says('run', '-d', '--name', name('a'), '-p', port, 'busybox', 'sleep', '1000');
      const { code, stderr } = await docker.run(['run', '--name', name('b'), '-p', port, 'busybox', 'true']);
      assert.equal(code, 125);
      assert.match(stderr, /port is already allocated/u);
      await docker.says('rm', '-f', name('a'));
      await docker.says('start', name('b'));
    },
  },
  {
    title: '--net none, host and container:',
    run: async ({ docker, name }) => {
      const links = ['sh', '-c', 'ls /sys/class/net; readlink /proc/self/ns/net'];
      assert.match(await docker.says('run', '--rm', '--net', 'none', 'busybox', ...links), /^lo\n/u);
      await docker.says('run', '-d', '--name', name(), '-h', 'first', 'busybox', 'sleep', '1000');
      const joined = await docker.says('run', '--rm', '--net', `container:${name()}`, 'busybox', ...links);
      assert.match(joined, /^eth0\nlo\n/u);
      const shared = await docker.says('run', '--rm', '--net', `container:${name()}`, 'busybox', 'hostname');
      assert.equal(shared, 'first');
      const host = await docker.says('run', '--rm', '--net', 'host', 'busybox', ...links);
      assert.notEqual(host.split('\n').at(-1), joined.split('\n').at(-1));
    },
  },
  {
    title: '--dns, --dns-search, --dns-opt write resolv.conf',
    run: async ({ docker }) => {
      const options = ['--dns', '192.0.2.9', '--dns-search', 'example.org', '--dns-opt', 'timeout:3'];
      const said = await docker.says('run', '--rm', ...options, 'busybox', 'cat', '/etc/resolv.conf');
      assert.match(said, /^nameserver 192\.0\.2\.9$/mu);
      assert.match(said, /^search example\.org$/mu);
      assert.match(said, /^options .*timeout:3/mu);
    },
  },
  {
    title: '--add-host, host-gateway and the own name stand in /etc/hosts',
    run: async ({ docker, daemon }) => {
      const options = [
        '--add-host',
        'there:192.0.2.7',
        '--add-host',
        'gate:host-gateway',
        '-h',
        'box.example.org',
      ];
      const said = await docker.says(
        'run',
        '--rm',
        ...options,
        'busybox',
        'sh',
        '-c',
        'cat /etc/hosts; ip route',
      );
      assert.match(said, /^192\.0\.2\.7\s+there$/mu);
      const gateway = /^default via (\S+)/mu.exec(said)?.[1] ?? daemon.socket;
      assert.match(said, new RegExp(`^${gateway}\\s+gate$`, 'mu'));
      assert.match(said, /^[\d.]+\s+box\.example\.org box$/mu);
    },
  },
  {
    title: '--mac-address is the one inside',
    since: { 'docker-20': '1.15', 'docker-28': '1.44' },
    run: async ({ docker }) => {
      const mac = '02:42:ac:11:99:99';
      const said = await docker.says(
        'run',
        '--rm',
        '--mac-address',
        mac,
        'busybox',
        'cat',
        '/sys/class/net/eth0/address',
      );
      assert.equal(said, mac);
    },
  },
  {
    title: 'the network part of inspect tells address, gateway and links',
    run: async ({ docker, name }) => {
      await docker.says('run', '-d', '--name', name(), 'busybox', 'sleep', '1000');
      const format =
        '{{.NetworkSettings.IPAddress}} {{.NetworkSettings.Gateway}} {{.NetworkSettings.IPPrefixLen}}';
      const inside = await docker.says(
        'run',
        '--rm',
        '--net',
        `container:${name()}`,
        'busybox',
        'ip',
        '-4',
        'addr',
        'show',
        'eth0',
      );
      const [address = '', gateway = '', prefix = ''] = (
        await docker.says('inspect', '-f', format, name())
      ).split(' ');
      assert.ok(inside.includes(`inet ${address}/${prefix}`), `${inside} ${address}/${prefix}`);
      assert.equal(gateway.split('.').slice(0, 3).join('.'), address.split('.').slice(0, 3).join('.'));
    },
  },
  {
    title: 'network ls and inspect show the three that are always there, and who is on the bridge',
    since: '1.21',
    run: async ({ docker, name }) => {
      await docker.says('run', '-d', '--name', name(), 'busybox', 'sleep', '1000');
      const names = (await docker.says('network', 'ls', '--format', '{{.Name}}')).split('\n');
      assert.deepEqual(names.toSorted(), ['bridge', 'host', 'none']);
      assert.equal(await docker.says('network', 'ls', '-q', '--no-trunc', '-f', 'name=nosuch'), '');
      const format = '{{.Driver}} {{range .Containers}}{{.IPv4Address}} {{end}}';
      const said = await docker.says('network', 'inspect', '-f', format, 'bridge');
      const address = await docker.says('inspect', '-f', '{{.NetworkSettings.IPAddress}}', name());
      assert.match(said, /^bridge /u);
      assert.ok(said.includes(`${address}/`), said);
    },
  },
  {
    title: 'predefined networks are neither made again nor removed; others are said to come later',
    since: '1.21',
    run: async ({ docker }) => {
      assert.match(
        await docker.complains('network', 'rm', 'host'),
        /host is a pre-defined network and cannot be removed/u,
      );
      assert.match(await docker.complains('network', 'create', 'bridge'), /pre-?defined/u);
      assert.match(await docker.complains('network', 'create', 'mine'), /not supported yet/u);
      assert.match(
        await docker.complains('network', 'inspect', 'nosuch'),
        /(?:network nosuch not found|No such network)/u,
      );
    },
  },
];
