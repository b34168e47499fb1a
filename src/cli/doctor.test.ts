import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, type Finding } from './doctor.ts';
import type { CommandOutcome, Probe } from './doctor/probe.ts';
import { findVersion, isOlder } from './doctor/tools.ts';

const VERSIONS: Record<string, string> = {
  crun: 'crun version 1.8.1\ncommit: f8a096be',
  conmon: 'conmon version 2.1.6\ncommit: unknown',
  'tini-static': 'tini version 0.19.0',
  nft: 'nftables v1.0.6 (Lester Gooch #5)',
  ip: 'ip utility, iproute2-6.1.0, libbpf 1.1.0',
  xz: 'xz (XZ Utils) 5.4.1\nliblzma 5.4.1',
  bzip2: 'bzip2, a block-sorting file compressor.  Version 1.0.8, 13-Jul-2019.',
  runc: 'runc version 1.1.5+ds1',
};

const V1_MOUNTS = ['cpu', 'memory', 'pids', 'freezer']
  .map((name) => `cgroup /sys/fs/cgroup/${name} cgroup rw,relatime,${name} 0 0`)
  .join('\n');

test('a machine that has everything gets no complaint', async () => {
  assert.deepEqual(complaints(await diagnose(machine())), []);
});

test('a missing tool is named with its package', async () => {
  const findings = await diagnose(machine({ run: { conmon: { outcome: 'missing' } } }));
  assert.deepEqual(complaints(findings), ['conmon: apt-get install conmon']);
});

test('a missing second runtime is no complaint', async () => {
  const findings = await diagnose(machine({ run: { runc: { outcome: 'missing' } } }));
  assert.deepEqual(complaints(findings), []);
});

test('a tool that is too old is named with the version that is needed', async () => {
  const findings = await diagnose(
    machine({ run: { crun: { outcome: 'done', output: 'crun version 0.17' } } }),
  );
  assert.equal(find(findings, 'crun').found, '0.17, needs 1.8');
});

test('a kernel feature that fails its trial is named with its module', async () => {
  const unshare: CommandOutcome = { outcome: 'failed', output: 'Unknown device type.' };
  const findings = await diagnose(machine({ run: { unshare } }));
  assert.equal(find(findings, 'bridges').found, 'does not work: Unknown device type.');
  assert.match(find(findings, 'bridges').fix, /modprobe bridge/);
});

test('without root nothing is tried, and the answer says so', async () => {
  const findings = await diagnose({ ...machine(), isRoot: false });
  assert.equal(find(findings, 'user').ok, false);
  assert.equal(find(findings, 'bridges').found, 'not looked at: only root can try it');
});

test('an old Node is named', async () => {
  assert.equal(
    find(await diagnose({ ...machine(), nodeVersion: '20.20.2' }), 'node').found,
    '20.20.2, needs 24',
  );
});

test('both cgroup versions are read, and a missing controller is named', async () => {
  const one = find(await diagnose(machine()), 'cgroup controllers');
  assert.equal(one.found, 'version 1: cpu freezer memory pids');
  const two = await diagnose(machine({ files: { '/sys/fs/cgroup/cgroup.controllers': 'cpu io pids\n' } }));
  assert.equal(find(two, 'cgroup controllers').found, 'version 2: cpu io pids; missing memory');
});

test('versions are found in what the tools print', () => {
  assert.deepEqual(Object.values(VERSIONS).map(findVersion), [
    '1.8.1',
    '2.1.6',
    '0.19.0',
    '1.0.6',
    '6.1.0',
    '5.4.1',
    '1.0.8',
    '1.1.5',
  ]);
});

test('versions are compared number by number', () => {
  assert.equal(isOlder('1.10', '1.9'), false);
  assert.equal(isOlder('1.8.1', '1.8'), false);
  assert.equal(isOlder('1.7.9', '1.8'), true);
  assert.equal(isOlder('24.21.0', '24'), false);
});

test('on this machine every finding says what was found, and every complaint what to do', async () => {
  for (const { what, ok, found, fix } of await diagnose()) {
    assert.notEqual(found, '', what);
    assert.equal(fix === '', ok, what);
  }
});

interface Differences {
  readonly files?: Readonly<Record<string, string>>;
  readonly run?: Readonly<Record<string, CommandOutcome>>;
}

function machine({ files = {}, run = {} }: Differences = {}): Probe {
  const all: Record<string, string> = {
    '/proc/self/mounts': V1_MOUNTS,
    '/proc/sys/kernel/seccomp/actions_avail': 'kill allow',
    ...files,
  };
  return {
    isRoot: true,
    nodeVersion: '24.21.0',
    read: (path) => Promise.resolve(all[path]),
    run: (program) => Promise.resolve(run[program] ?? { outcome: 'done', output: VERSIONS[program] ?? '' }),
  };
}

function complaints(findings: readonly Finding[]): string[] {
  return findings.filter(({ ok }) => !ok).map(({ what, fix }) => `${what}: ${fix}`);
}

function find(findings: readonly Finding[], what: string): Finding {
  const finding = findings.find((one) => one.what === what);
  assert.ok(finding, what);
  return finding;
}
