import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOST } from '#test/fakes/container-world.ts';
import { FACTS } from '#test/fakes/fake-machine.ts';
import { verifyResources } from './verify-resources.ts';

const { cgroup, cpus } = FACTS;
const NONE = {
  weight: false,
  weightDevice: false,
  readBps: false,
  writeBps: false,
  readIops: false,
  writeIops: false,
};
const verify = (limits: Partial<typeof HOST.resources>, blockIo = NONE): ReturnType<typeof verifyResources> =>
  verifyResources(
    { ...HOST.resources, ...limits },
    { ...cgroup, blockIo, cgroupVersion: cgroup.version, cpus },
  );

test('no limit of a block device is dropped in silence', () => {
  const rate = [{ path: '/dev/vda', rate: 5 }];
  const wanted = {
    blkioWeight: 300,
    blkioWeightDevice: [{ path: '/dev/vda', weight: 20 }],
    blkioReadBps: rate,
    blkioWriteBps: rate,
    blkioReadIops: rate,
    blkioWriteIops: rate,
  };
  const { resources, warnings } = verify(wanted);
  assert.equal(warnings.length, Object.keys(wanted).length);
  assert.deepEqual(
    Object.keys(wanted).filter((name) => {
      const value = resources[name as keyof typeof wanted];
      return Array.isArray(value) ? value.length > 0 : value !== 0;
    }),
    [],
  );
  const all = {
    weight: true,
    weightDevice: true,
    readBps: true,
    writeBps: true,
    readIops: true,
    writeIops: true,
  };
  const kept = verify(wanted, all);
  assert.deepEqual(kept.warnings, []);
  assert.deepEqual({ ...kept.resources, ...wanted }, kept.resources);
});

test('any positive part of the CPUs that are there may be asked for', () => {
  assert.equal(verify({ nanoCpus: 1 }).resources.nanoCpus, 1);
  assert.throws(() => verify({ nanoCpus: -1 }), /CPU/u);
  assert.throws(() => verify({ nanoCpus: cpus * 1e9 + 1 }), /CPU/u);
});
