import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PodContainerSpec, PodSpec } from '#domain/pod/spec.ts';
import { containerWorld } from '#test/fakes/container-world.ts';
import type { ContainerTestWorld } from '#test/fakes/container-world.ts';
import { settle } from '#test/fakes/settle.ts';
import { container as busybox, pod as plain } from '#test/support/pods/spec.ts';

const container = (change: Partial<PodContainerSpec> = {}): PodContainerSpec =>
  busybox({ image: 'base', command: ['run'], ...change });

const pod = (change: Partial<PodSpec> = {}): PodSpec =>
  plain({
    id: 'web',
    containers: [container({ name: 'one' }), container({ name: 'two' })],
    volumes: [{ name: 'data', kind: 'empty', source: '' }],
    portMappings: [{ containerPort: '80', hostPort: '8080', protocol: 'tcp' }],
    resources: { cpus: 1, memoryBytes: 0 },
    ...change,
  });

const up = async ({ engine }: ContainerTestWorld): Promise<void> => {
  await engine.pods.create(pod(), { boot: true });
  await engine.pods.start('web', {});
};

/** What the machine has is what the records say, and no more. */
const verify = ({ engine, machine, runtime, state }: ContainerTestWorld): void => {
  const pods = state.pods.list();
  for (const { status } of pods)
    assert.ok(['created', 'running', 'paused', 'stopped'].includes(status), status);
  const live = pods.filter(({ status }) => status === 'running' || status === 'paused');
  assert.deepEqual(
    [...machine.pinned.keys()],
    live.map(({ sandboxId }) => sandboxId),
  );
  assert.deepEqual(
    [...machine.endpoints.keys()],
    live.flatMap(({ endpoints }) => endpoints.map(({ endpointId }) => endpointId)),
  );
  assert.deepEqual(
    [...machine.published.keys()].toSorted(),
    live.flatMap(({ published }) => published.map(({ owner }) => owner)).toSorted(),
  );
  assert.deepEqual(
    [...machine.groupPaths],
    live.map(({ sandboxId }) => `/test/pod.${sandboxId}`),
  );
  assert.deepEqual(
    [...machine.podFolderNames],
    pods.map(({ id }) => id),
  );
  assert.deepEqual(
    state.sandboxes.list().map(({ podId }) => podId),
    live.map(({ id }) => id),
  );
  const members = new Set(pods.flatMap(({ containers }) => containers.map(({ id }) => id)));
  assert.deepEqual(new Set(engine.containers.list().map(({ id }) => id)), members);
  const dead = new Set(
    engine.containers.list().flatMap(({ id, state: { status } }) => (status === 'dead' ? [id] : [])),
  );
  // One whose removal failed can be removed again; its root may be gone.
  for (const id of members) assert.ok(machine.roots.has(id) || dead.has(id));
  for (const id of machine.roots.keys()) assert.ok(members.has(id));
  if (live.length === 0) assert.equal(runtime.table.size, 0);
};

const nothing = ({ machine, state }: ContainerTestWorld): void => {
  const { roots, pinned, endpoints, published, podFolderNames, groupPaths } = machine;
  for (const left of [roots, pinned, endpoints, published, podFolderNames, groupPaths])
    assert.equal(left.size, 0);
  assert.deepEqual([state.pods.list(), state.sandboxes.list(), state.containers.list()], [[], [], []]);
};

describe('pods', () => {
  it('come, run and go', async () => {
    const world = containerWorld();
    await up(world);
    verify(world);
    const { pod: found, containers } = world.engine.pods.inspect('web');
    assert.equal(found.status, 'running');
    assert.deepEqual(
      containers.map(({ state }) => state.status),
      ['running', 'running'],
    );
    const namespaces = world.runtime.requests[1]?.spec.linux?.namespaces ?? [];
    for (const type of ['network', 'ipc', 'uts'])
      assert.match(namespaces.find((one) => one.type === type)?.path ?? '', /^\/ns\/sandbox-/);
    assert.match(world.runtime.requests[0]?.spec.linux?.cgroupsPath ?? '', /^\/test\/pod\.sandbox-\w+\//);
    await world.engine.pods.remove('web', { timeoutSeconds: 0 });
    nothing(world);
    await settle();
    const news = world.actions.filter((action) => action.startsWith('pod '));
    assert.deepEqual(news, ['pod create', 'pod start', 'pod stop', 'pod destroy']);
  });

  it('are found by name after ids, and lead back from their containers', async () => {
    const { engine } = containerWorld();
    await engine.pods.create(pod({ name: 'nice' }), { boot: false });
    assert.equal(engine.pods.get('nice').id, 'web');
    assert.equal(engine.pods.podOf('one')?.id, 'web');
    // Names may be had by several: the oldest is found, and ids come first.
    for (const other of [
      { id: 'x1', name: 'nice' },
      { id: 'x2', name: 'web' },
    ])
      await engine.pods.create(pod({ ...other, containers: [] }), { boot: false });
    assert.deepEqual([engine.pods.get('nice').id, engine.pods.get('web').id], ['web', 'web']);
    await engine.pods.create(pod({ id: 'nice', containers: [] }), { boot: false });
    assert.equal(engine.pods.get('nice').id, 'nice');
    await assert.rejects(engine.pods.create(pod({ id: 'web', containers: [] }), { boot: false }), {
      code: 'pod.exists',
    });
    assert.throws(() => engine.pods.get('we'), { code: 'pod.not-found' });
  });

  it('get names for containers without', async () => {
    const { engine } = containerWorld();
    await engine.pods.create(pod({ containers: [container(), container()] }), { boot: true });
    const names = engine.pods.inspect('web').containers.map(({ name }) => name);
    assert.deepEqual(names, ['web-base-0', 'web-base-1']);
    await engine.pods.start('web', {});
    const { id } = await engine.pods.addContainer('web', container());
    assert.match(engine.containers.get(id).name, /^web-base-[A-Za-z]{10}$/);
  });

  it('have the ports they name before those that may be any', async () => {
    const { engine } = containerWorld();
    const portMappings = ['', '40000', '', '40001'].map((hostPort, index) => ({
      containerPort: String(80 + index),
      hostPort,
      protocol: 'tcp',
    })) satisfies PodSpec['portMappings'];
    await engine.pods.create(pod({ portMappings }), { boot: true });
    const { published } = engine.pods.get('web');
    assert.deepEqual(
      published.flatMap(({ ports }) => ports.map(({ containerPort, hostPort }) => [containerPort, hostPort])),
      [
        [80, 40_002],
        [81, 40_000],
        [82, 40_003],
        [83, 40_001],
      ],
    );
  });

  it('that were lost with the machine are at rest and start again', async () => {
    const before = containerWorld();
    await up(before);
    for (const part of [before.machine.pinned, before.machine.endpoints, before.machine.published])
      part.clear();
    before.runtime.table.clear();
    const after = before.reborn();
    const said = await after.running.recover();
    assert.ok(said.includes('pod web: was lost'), said.join());
    assert.equal(after.engine.pods.get('web').status, 'stopped');
    verify(after);
    await after.engine.pods.start('web', {});
    verify(after);
  });
});

/** From the step on the machine refuses everything, clean-up too; then another daemon takes over. */
const breakAt = (world: ContainerTestWorld, count: number): { readonly isOver: () => boolean } => {
  let left = count;
  const step = (): void => {
    left -= 1;
    if (left < 0) throw new Error('the machine is gone');
  };
  world.machine.onStep = step;
  world.runtime.onStep = step;
  return { isOver: () => left >= 0 };
};

const OPERATIONS: readonly {
  readonly name: string;
  readonly before: (world: ContainerTestWorld) => Promise<unknown>;
  readonly work: (world: ContainerTestWorld) => Promise<unknown>;
}[] = [
  {
    name: 'create',
    before: async () => {},
    work: async ({ engine }) => engine.pods.create(pod(), { boot: true }),
  },
  {
    name: 'start from rest',
    before: async ({ engine }) => engine.pods.create(pod(), { boot: false }),
    work: async ({ engine }) => engine.pods.start('web', {}),
  },
  {
    name: 'start of what stands',
    before: async ({ engine }) => engine.pods.create(pod(), { boot: true }),
    work: async ({ engine }) => engine.pods.start('web', {}),
  },
  { name: 'stop', before: up, work: async ({ engine }) => engine.pods.stop('web', { timeoutSeconds: 0 }) },
  {
    name: 'remove',
    before: up,
    work: async ({ engine }) => engine.pods.remove('web', { timeoutSeconds: 0 }),
  },
  {
    name: 'one more port',
    before: up,
    work: async ({ engine }) =>
      engine.pods.addPorts('web', [{ containerPort: '81', hostPort: '8081', protocol: 'tcp' }]),
  },
  {
    name: 'one port less',
    before: up,
    work: async ({ engine }) => engine.pods.deletePorts('web', pod().portMappings),
  },
  {
    name: 'one more container',
    before: up,
    work: async ({ engine }) => engine.pods.addContainer('web', container({ name: 'three' })),
  },
  {
    name: 'one container less',
    before: up,
    work: async ({ engine }) => engine.pods.removeContainer('two', { timeoutSeconds: 0 }),
  },
];

describe('a machine that fails at any step, and a daemon that is replaced, leave pods whole or gone', () => {
  for (const { name, before, work } of OPERATIONS) {
    it(name, async () => {
      for (let count = 0, isOver = false; !isOver; count += 1) {
        assert.ok(count < 200);
        const world = containerWorld();
        await before(world);
        const breaking = breakAt(world, count);
        await work(world).catch(() => undefined);
        await settle();
        isOver = breaking.isOver();
        world.machine.onStep = () => {};
        world.runtime.onStep = () => {};
        const after = world.reborn();
        await after.running.recover();
        await settle();
        verify(after);
        for (const { id } of after.engine.pods.list())
          await after.engine.pods.remove(id, { timeoutSeconds: 0 });
        nothing(after);
      }
    });
  }
});
