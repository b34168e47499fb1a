import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostConfig } from '#domain/container/config.ts';
import type { RuntimeSpec } from '#formats/oci-runtime/spec.ts';
import { containerWorld, request } from '#test/fakes/container-world.ts';
import { FACTS } from '#test/fakes/fake-machine.ts';
import { buildRuntimeSpec } from './build-spec.ts';

const build = async (version: 1 | 2, host: Partial<HostConfig>): Promise<RuntimeSpec> => {
  const { engine } = containerWorld();
  const { id } = await engine.containers.create(request('run'));
  const container = engine.containers.get(id);
  return buildRuntimeSpec({
    container: { ...container, host: { ...container.host, cgroupnsMode: '', ...host } },
    rootPath: '/root',
    namespaces: { network: 'own', ipc: 'own', uts: 'own', pid: 'own' },
    user: { uid: 0, gid: 0, additionalGids: [], home: '/' },
    facts: { ...FACTS, cgroup: { ...FACTS.cgroup, version } },
    cgroupsPath: '/x',
    hostDevices: [],
    mappedDevices: [],
    blockNodes: [],
    defaultInit: false,
  }).spec;
};

const hasCgroupNamespace = ({ linux }: RuntimeSpec): boolean =>
  linux?.namespaces.some(({ type }) => type === 'cgroup') === true;

const cgroupAccess = ({ mounts }: RuntimeSpec): string | undefined =>
  mounts.find(({ destination }) => destination === '/sys/fs/cgroup')?.options[0];

test('on version 2 every container has a cgroup namespace of its own, unless it asks for the host’s', async () => {
  for (const privileged of [false, true]) {
    assert.equal(hasCgroupNamespace(await build(2, { privileged })), true);
    assert.equal(hasCgroupNamespace(await build(1, { privileged })), false);
    for (const version of [1, 2] as const) {
      assert.equal(hasCgroupNamespace(await build(version, { privileged, cgroupnsMode: 'host' })), false);
      assert.equal(hasCgroupNamespace(await build(version, { privileged, cgroupnsMode: 'private' })), true);
    }
  }
});

test('only privileged containers may write to their groups', async () => {
  for (const version of [1, 2] as const) {
    assert.equal(cgroupAccess(await build(version, { privileged: true })), 'rw');
    assert.equal(cgroupAccess(await build(version, { privileged: false })), 'ro');
  }
});
