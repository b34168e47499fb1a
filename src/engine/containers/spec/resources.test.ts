import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOST } from '#test/fakes/container-world.ts';
import { FACTS } from '#test/fakes/fake-machine.ts';
import { buildResources } from './resources.ts';

const build = (limits: Partial<typeof HOST.resources>): ReturnType<typeof buildResources> =>
  buildResources({ ...HOST.resources, ...limits }, [], FACTS, [{ path: '/dev/vda', major: 254, minor: 0 }]);

test('parts of a CPU are a quota, never less than the kernel takes', () => {
  assert.deepEqual(build({ nanoCpus: 1.5e9 }).cpu, { period: 100_000, quota: 150_000 });
  assert.deepEqual(build({ nanoCpus: 1e7 }).cpu, { period: 100_000, quota: 1000 });
  assert.deepEqual(build({ nanoCpus: 1 }).cpu, { period: 100_000, quota: 1000 });
  // Cut, not rounded, as other engines do.
  assert.deepEqual(build({ nanoCpus: 15_559_999 }).cpu, { period: 100_000, quota: 1555 });
});

test('block devices are limited by their numbers', () => {
  assert.equal(build({}).blockIO, undefined);
  const limits = { path: '/dev/vda', rate: 5 };
  assert.deepEqual(
    build({ blkioReadBps: [limits], blkioWriteIops: [limits], blkioWeight: 20, blkioWriteBps: [] }).blockIO,
    {
      weight: 20,
      throttleReadBpsDevice: [{ major: 254, minor: 0, rate: 5 }],
      throttleWriteIOPSDevice: [{ major: 254, minor: 0, rate: 5 }],
    },
  );
  assert.deepEqual(build({ blkioWeightDevice: [{ path: '/dev/vda', weight: 9 }] }).blockIO, {
    weightDevice: [{ major: 254, minor: 0, weight: 9 }],
  });
});
