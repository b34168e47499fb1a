import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MountInfo } from '#adapters/libc/mounts.ts';
import type { RuntimeMount, RuntimeSpec } from '#formats/oci-runtime/spec.ts';
import { findAstray, refuseProcMounts } from './proc-mounts.ts';

const spec = (...mounts: RuntimeMount[]): RuntimeSpec => ({ mounts }) as unknown as RuntimeSpec;
const bind = (source: string, destination: string): RuntimeMount => ({
  type: 'bind',
  source,
  destination,
  options: [],
});

test('mounts into /proc and over it are refused however they are spelled', () => {
  for (const place of [
    '/proc/sys',
    '/proc//sys',
    '/proc/./sys/',
    '/a/../proc/sys',
    '//proc/1',
    '/proc/cpuinfo/x',
  ])
    assert.throws(() => refuseProcMounts(spec(bind('/tmp', place))), /inside \/proc$/u, place);
  for (const place of ['/proc', '//proc/', '/x/../proc'])
    assert.throws(() => refuseProcMounts(spec(bind('/tmp', place))), /not of type proc$/u, place);
});

test('the machine\u2019s own proc, single files of facts, and what only begins alike are let pass', () => {
  const proc: RuntimeMount = { type: 'proc', source: 'proc', destination: '/proc', options: [] };
  refuseProcMounts(spec(proc, bind('/proc', '/proc'), bind('/x', '/proc/meminfo'), bind('/x', '/process')));
});

test('a mount that a link led into /proc is found', () => {
  const at = (mountPoint: string, type: string, root = '/'): MountInfo => ({
    mountPoint,
    type,
    root,
    isShared: false,
    source: type,
  });
  const usual = [at('/', 'overlay'), at('/proc', 'proc'), at('/proc/sys', 'proc', '/sys')];
  const masks = [at('/proc/kcore', 'tmpfs', '/null'), at('/proc/scsi', 'tmpfs')];
  const masked = ['/proc/kcore', '/proc/scsi'];
  assert.equal(findAstray([...usual, ...masks], masked), undefined);
  const foreign = at('/proc/sys/kernel', 'ext4', '/data');
  assert.equal(findAstray([...usual, foreign, ...masks], masked), foreign);
  assert.equal(findAstray([...usual, ...masks], [])?.mountPoint, '/proc/kcore');
  assert.equal(findAstray([...usual, at('/proc/kcore', 'ext4', '/f'), ...masks], masked)?.type, 'ext4');
  assert.equal(findAstray([at('/proc', 'proc'), at('/proc', 'ext4', '/data')], [])?.type, 'ext4');
});
