import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCpuset } from './cpuset.ts';
import { hostsText, parseExtraHost, resolvConfText } from './host-files.ts';
import { rotationOf } from './log/config.ts';
import { parseBind } from './mounts/bind-spec.ts';
import { exposedWithBindings, parseHostPort, parsePort, planPorts } from './ports.ts';
import { nextDelayMs, shouldRestart } from './restart-policy.ts';
import { parseSignal } from './signals.ts';
import { exitCodeOfFailure } from './start-failure.ts';

describe('signals', () => {
  it('are names in any case, with or without SIG, numbers, and real-time ones by offset', () => {
    const known = {
      TERM: 15,
      sigkill: 9,
      SigHup: 1,
      '15': 15,
      RTMIN: 34,
      'SIGRTMIN+3': 37,
      'rtmax-2': 62,
      '64': 64,
    };
    for (const [text, number] of Object.entries(known)) assert.equal(parseSignal(text), number);
  });

  it('are refused otherwise', () => {
    for (const text of ['', '0', '65', 'NOPE', '-9', 'RTMIN+16', 'RTMIN-1', 'RTMAX+1', 'constructor', '9x']) {
      assert.throws(() => parseSignal(text), { kind: 'invalid', code: 'signal.unknown' }, text);
    }
  });
});

describe('ports', () => {
  it('are a number with a protocol', () => {
    assert.deepEqual(parsePort('80'), { port: 80, protocol: 'tcp' });
    assert.deepEqual(parsePort('53/UDP'), { port: 53, protocol: 'udp' });
    for (const bad of ['', 'abc', '70000', '80/icmp', '80-81/tcp', '-1'])
      assert.throws(() => parsePort(bad), { code: 'config.port' });
  });

  it('on the host are empty, a number or a range', () => {
    assert.deepEqual(parseHostPort(''), { first: 0, last: 0 });
    assert.deepEqual(parseHostPort('8000-8010'), { first: 8000, last: 8010 });
    for (const bad of ['aa80', '9-8', '65536', '1-'])
      assert.throws(() => parseHostPort(bad), { code: 'config.port' });
  });

  it('are published by binding, and all exposed ones when asked', () => {
    const portBindings = {
      '80/tcp': [
        { hostIp: '127.0.0.1', hostPort: '8080' },
        { hostIp: '', hostPort: '' },
      ],
      '90': [],
    };
    const plain = planPorts({ portBindings, publishAllPorts: false }, ['53/udp']);
    assert.deepEqual(
      plain.map((port) => [port.containerPort, port.hostIp, port.hostPortFirst]),
      [
        [80, '127.0.0.1', 8080],
        [80, '', 0],
        [90, '', 0],
      ],
    );
    const all = planPorts({ portBindings, publishAllPorts: true }, ['53/udp', '80/tcp']);
    assert.deepEqual(
      all.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`),
      ['53/udp', '80/tcp', '80/tcp', '90/tcp'],
    );
    assert.deepEqual(exposedWithBindings(['53/udp'], { portBindings }).toSorted(), [
      '53/udp',
      '80/tcp',
      '90/tcp',
    ]);
  });
});

describe('binds', () => {
  it('are read in all their forms', () => {
    assert.partialDeepStrictEqual(parseBind('/a/../b/:/c/'), {
      source: '/b',
      isHostPath: true,
      destination: '/c',
      writable: true,
    });
    assert.partialDeepStrictEqual(parseBind('vol:/c:ro,z'), {
      source: 'vol',
      isHostPath: false,
      writable: false,
      mode: 'ro,z',
    });
    assert.partialDeepStrictEqual(parseBind('/a:/c:rslave,ro,cached'), {
      propagation: 'rslave',
      writable: false,
    });
    assert.partialDeepStrictEqual(parseBind('vol:/c:nocopy'), { noCopy: true });
    assert.partialDeepStrictEqual(parseBind('/c'), { source: '', destination: '/c' });
  });

  it('are refused for more than one word of a sort, parts, or a root', () => {
    const cases = {
      '/a:/b:ro,rw': 'mount.bad-mode',
      '/a:/b:z,Z': 'mount.bad-mode',
      '/a:/b:ro:': 'mount.bad-spec',
      ':/b': 'mount.bad-spec',
      '': 'mount.bad-spec',
      '/a:/': 'mount.destination',
      '/a:/x/..': 'mount.destination',
      'a b:/c': 'volume.name-invalid',
    };
    for (const [spec, code] of Object.entries(cases)) assert.throws(() => parseBind(spec), { code }, spec);
  });
});

describe('restart policy', () => {
  it('obeys stops, failures and its limit', () => {
    const run = { exitCode: 1, stopRequested: false, failures: 1 };
    assert.equal(shouldRestart({ name: 'always', maximumRetryCount: 0 }, { ...run, exitCode: 0 }), true);
    assert.equal(
      shouldRestart({ name: 'always', maximumRetryCount: 0 }, { ...run, stopRequested: true }),
      false,
    );
    assert.equal(shouldRestart({ name: 'on-failure', maximumRetryCount: 0 }, { ...run, exitCode: 0 }), false);
    assert.equal(shouldRestart({ name: 'on-failure', maximumRetryCount: 2 }, { ...run, failures: 2 }), true);
    assert.equal(shouldRestart({ name: 'on-failure', maximumRetryCount: 2 }, { ...run, failures: 3 }), false);
    assert.equal(shouldRestart({ name: 'no', maximumRetryCount: 0 }, run), false);
  });

  it('waits longer after every short run, up to a minute', () => {
    assert.deepEqual(
      [nextDelayMs(0, 0), nextDelayMs(100, 5), nextDelayMs(400, 10_001), nextDelayMs(50_000, 1)],
      [100, 200, 100, 60_000],
    );
  });
});

describe('files in /etc', () => {
  it('hosts has the own names, the gateway and the local names', () => {
    const text = hostsText({
      hostname: 'h',
      domainname: 'd.org',
      ipAddress: '10.0.0.2',
      gateway: '10.0.0.1',
      extraHosts: ['a:host-gateway', 'b=[fe80::1]'],
    });
    assert.ok(text.startsWith('127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n'));
    assert.ok(text.endsWith('10.0.0.1\ta\nfe80::1\tb\n10.0.0.2\th.d.org h\n'));
    assert.deepEqual(parseExtraHost('c:fe80::2'), { name: 'c', address: 'fe80::2' });
  });

  it('resolv.conf takes own settings one by one, and public servers at last', () => {
    const none = { dns: [], dnsSearch: [], dnsOptions: [] };
    assert.equal(
      resolvConfText(none, { servers: [], search: [], options: [], text: '' }),
      'nameserver 8.8.8.8\nnameserver 8.8.4.4\n',
    );
    const own = { dns: ['192.0.2.1'], dnsSearch: ['.'], dnsOptions: [] };
    const text = 'options ndots:2\n# by hand\nnameserver 192.0.2.9\nsearch x.org';
    const host = { servers: ['192.0.2.9'], search: ['x.org'], options: ['ndots:2'], text };
    assert.equal(resolvConfText(own, host), 'nameserver 192.0.2.1\noptions ndots:2\n');
    assert.equal(resolvConfText(none, host), 'nameserver 192.0.2.9\nsearch x.org\noptions ndots:2\n');
    for (const habit of ['servers-first', 'search-first'] as const)
      assert.equal(resolvConfText(none, host, habit), text);
    const searching = { ...own, dnsSearch: ['y.org'] };
    assert.equal(
      resolvConfText(searching, host, 'search-first'),
      'search y.org\nnameserver 192.0.2.1\noptions ndots:2\n',
    );
    assert.equal(
      resolvConfText(searching, host, 'servers-first'),
      'nameserver 192.0.2.1\nsearch y.org\noptions ndots:2\n',
    );
  });
});

describe('small rules', () => {
  it('cpusets are lists of numbers and ranges', () => {
    assert.deepEqual(parseCpuset('0-2,7'), [0, 1, 2, 7]);
    assert.deepEqual(parseCpuset(''), []);
    for (const bad of ['1-42,,', 'a', '3-1', '0-99999', ',']) assert.equal(parseCpuset(bad), undefined);
  });

  it('log rotation has a size and at least one file', () => {
    assert.deepEqual(rotationOf({ type: 'json-file', config: { 'max-size': '10k', 'max-file': '3' } }), {
      maxSizeBytes: 10_240,
      maxFiles: 3,
    });
    assert.equal(rotationOf({ type: 'json-file', config: {} }), undefined);
    for (const config of [
      { 'max-size': 'x' },
      { 'max-size': '0' },
      { 'max-file': '0' },
      { 'max-file': '1.5' },
    ]) {
      assert.throws(() => rotationOf({ type: 'json-file', config }), { code: 'log.option-value' });
    }
  });

  it('a failed start has the code that a shell would give', () => {
    assert.equal(exitCodeOfFailure('executable file `x` not found in $PATH', true), 127);
    assert.equal(exitCodeOfFailure('open `/x`: No such file or directory', true), 127);
    assert.equal(exitCodeOfFailure('exec `/etc`: Permission denied', true), 126);
    assert.equal(exitCodeOfFailure('port is already allocated', false), 128);
  });
});
