import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '#tools/leaks.mjs';
import { describeMount } from '#tools/leaks/machine.mjs';
import { toTag } from '#tools/leaks/records.mjs';

const id = 'a'.repeat(64);
const other = 'b'.repeat(64);
const claim = {
  dataRoot: '/var/lib/gantry',
  execRoots: ['/run/gantry'],
  tag: toTag('/var/lib/gantry'),
  containers: new Set([id]),
  endpoints: new Set(['e1']),
  isServed: true,
  isAlive: true,
  known: new Set([id]),
  volumes: new Set(['data']),
};

test('a daemon owns what bears its tag, or the first six characters of it', () => {
  assert.equal(covers(claim, { kind: 'table', name: 'inet', tag: claim.tag }), true);
  assert.equal(covers(claim, { kind: 'link', name: 'bridge', tag: claim.tag.slice(0, 6) }), true);
  assert.equal(covers(claim, { kind: 'table', name: 'inet', tag: '00000000' }), false);
});

test('what is the daemon’s own is covered only while it serves or something of it lives', () => {
  const idle = { ...claim, isServed: false, isAlive: false };
  assert.equal(covers(idle, { kind: 'table', name: 'inet', tag: claim.tag }), false);
  assert.equal(covers(idle, { kind: 'mount', name: '/run/gantry', root: '/run/gantry' }), false);
});

test('files need a record, or a daemon that is at work on them', () => {
  const file = { kind: 'file', name: 'x', root: '/var/lib/gantry' } as const;
  assert.equal(covers(claim, { ...file, container: id }), true);
  assert.equal(covers(claim, { ...file, container: other }), false);
  assert.equal(covers(claim, { ...file, volume: 'data' }), true);
  assert.equal(covers(claim, { ...file, volume: 'nobody' }), false);
  assert.equal(covers(claim, { ...file, work: 'trash' }), true);
  assert.equal(covers({ ...claim, isServed: false }, { ...file, work: 'trash' }), false);
  assert.equal(covers(claim, { ...file, isAbandoned: true }), false);
});

test('a cgroup of a container is covered only while the container is on record', () => {
  assert.equal(covers(claim, { kind: 'cgroup', name: 'x', tag: claim.tag, container: id }), true);
  assert.equal(covers(claim, { kind: 'cgroup', name: 'x', tag: claim.tag, container: other }), false);
});

test('a link of a container needs an endpoint on record', () => {
  assert.equal(covers(claim, { kind: 'link', name: 'gtv1', tag: claim.tag, endpoint: 'e1' }), true);
  assert.equal(covers(claim, { kind: 'link', name: 'gtv1', tag: claim.tag, endpoint: '' }), false);
});

test('what has neither tag nor root belongs to nobody', () => {
  assert.equal(covers(claim, { kind: 'link', name: 'gtv1', endpoint: 'e1' }), false);
});

test('mounts are told apart by their place', () => {
  assert.deepEqual(describeMount(`/run/gantry/sandboxes/${id}/net`, 'nsfs'), {
    kind: 'namespace',
    name: `/run/gantry/sandboxes/${id}/net`,
    root: '/run/gantry',
    container: id,
  });
  assert.equal(describeMount(`/data/rootfs/${id}/merged`, 'overlay')?.root, '/data');
  assert.equal(describeMount(`/run/gantry/containers/${id}/shm`, 'tmpfs')?.container, id);
  assert.equal(describeMount('/home', 'ext4'), undefined);
});
