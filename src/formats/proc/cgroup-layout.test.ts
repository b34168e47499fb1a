import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCgroupLayout, parseProcessCgroups } from './cgroup-layout.ts';

test('a pure version 2 machine has one unified hierarchy', () => {
  const layout = parseCgroupLayout(
    'sysfs /sys sysfs rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,memory_recursiveprot 0 0\n',
  );
  assert.deepEqual(layout, { version: 2, isHybrid: false, hierarchies: [], unifiedPath: '/sys/fs/cgroup' });
});

test('version 1 lists controllers of each hierarchy, and is hybrid with version 2 beside it', () => {
  const layout = parseCgroupLayout(
    [
      'cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,nodev,noexec,relatime,cpu,cpuacct 0 0',
      'cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,xattr,release_agent=/x,name=systemd 0 0',
      'cgroup /mnt/a\\040b cgroup rw,cpu,cpuacct 0 0',
      'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0',
    ].join('\n'),
  );
  assert.equal(layout.version, 1);
  assert.equal(layout.isHybrid, true);
  assert.deepEqual(layout.hierarchies, [
    { path: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['cpu', 'cpuacct'] },
    { path: '/sys/fs/cgroup/systemd', controllers: ['name=systemd'] },
  ]);
});

test('paths of a process are keyed by hierarchy', () => {
  const paths = parseProcessCgroups('9:name=systemd:/a:b\n4:memory:/x\n0::/user.slice\n');
  assert.deepEqual(
    [...paths],
    [
      ['name=systemd', '/a:b'],
      ['memory', '/x'],
      ['', '/user.slice'],
    ],
  );
});
