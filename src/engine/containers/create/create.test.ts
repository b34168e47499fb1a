import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerConfig, HostConfig, Resources } from '#domain/container/config.ts';
import { containerWorld, HOST, request } from '#test/fakes/container-world.ts';
import { settle } from '#test/fakes/settle.ts';

const refused = async (
  code: string,
  change: { config?: Partial<ContainerConfig>; host?: Partial<HostConfig>; name?: string },
): Promise<void> => {
  const world = containerWorld();
  await assert.rejects(world.engine.containers.create(request('run', change)), { code });
  assert.deepEqual(world.engine.containers.list(), []);
  assert.equal(world.machine.roots.size, 0);
};

const limits = (change: Partial<Resources>): { host: Partial<HostConfig> } => ({
  host: { resources: { ...HOST.resources, ...change } },
});

describe('create', () => {
  it('makes a container from an image, with its defaults and a generated name', async () => {
    const { engine, machine, actions } = containerWorld();
    const { id, warnings } = await engine.containers.create({
      ...request('x'),
      config: { ...request('x').config, cmd: null },
    });
    const container = engine.containers.get(id);
    assert.deepEqual(warnings, []);
    assert.equal(container.state.status, 'created');
    assert.equal(container.path, 'sh');
    assert.deepEqual(container.config.env, ['PATH=/bin']);
    assert.equal(container.config.hostname, id.slice(0, 12));
    assert.match(container.name, /^[a-z]+_[a-z]+\d?$/);
    assert.deepEqual(Object.keys(container.endpoints), ['bridge']);
    assert.equal(container.host.networkMode, 'default');
    assert.equal(container.host.logConfig.type, 'json-file');
    assert.ok(machine.roots.has(id));
    await settle();
    assert.deepEqual(actions, ['create']);
  });

  it('finds it by id, prefix and name with or without slash; newest first in the list', async () => {
    const { engine } = containerWorld();
    const { id } = await engine.containers.create(request('run', { name: '/one' }));
    const { id: second } = await engine.containers.create(request('run', { name: 'two' }));
    for (const ref of [id, id.slice(0, 20), 'one', '/one']) assert.equal(engine.containers.get(ref).id, id);
    assert.deepEqual(
      engine.containers.list().map((container) => container.id),
      [second, id],
    );
    assert.throws(() => engine.containers.get('three'), { kind: 'not-found', code: 'container.not-found' });
    assert.throws(() => engine.containers.get(''), { code: 'container.empty-ref' });
  });

  it('gives a name to one of many who ask at once', async () => {
    const { engine, machine } = containerWorld();
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => engine.containers.create(request('run', { name: 'only' }))),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const result of results)
      if (result.status === 'rejected') assert.equal(result.reason.code, 'container.name-in-use');
    assert.equal(machine.roots.size, 1);
  });

  it('leaves nothing when a step fails', async () => {
    const world = containerWorld();
    world.machine.onStep = (step) => {
      if (step === 'copyOut') throw new Error('no room');
    };
    world.machine.inImage.set('/data', 'directory');
    const wanted = request('run', { name: 'half', config: { volumes: ['/data'] } });
    await assert.rejects(world.engine.containers.create(wanted), /no room/);
    assert.equal(world.machine.roots.size + world.machine.volumeNames.size, 0);
    assert.deepEqual(world.engine.containers.list(), []);
    assert.deepEqual(world.state.volumes.list(), []);
    world.machine.onStep = () => {};
    await world.engine.containers.create(wanted);
  });

  it('makes anonymous volumes, fills them and mounts them', async () => {
    const { engine, machine } = containerWorld();
    machine.inImage.set('/data', 'directory');
    const { id } = await engine.containers.create(
      request('run', { config: { volumes: ['/data'] }, host: { binds: ['/tmp:/t:ro', 'named:/n'] } }),
    );
    const mounts = new Map(engine.containers.get(id).mounts.map((mount) => [mount.destination, mount]));
    const data = mounts.get('/data');
    assert.equal(data?.anonymous, true);
    assert.match(data?.name ?? '', /^[0-9a-f]{64}$/);
    assert.equal(data?.source, `/volumes/${data?.name}`);
    assert.deepEqual(machine.copied, [['/data', data?.source]]);
    assert.deepEqual([mounts.get('/t')?.writable, mounts.get('/t')?.mode], [false, 'ro']);
    assert.equal(mounts.get('/n')?.name, 'named');
  });

  it('takes over the mounts of another container', async () => {
    const { engine } = containerWorld();
    await engine.containers.create(request('run', { name: 'base', config: { volumes: ['/data'] } }));
    const { id } = await engine.containers.create(request('run', { host: { volumesFrom: ['base:ro'] } }));
    const [mount] = engine.containers.get(id).mounts;
    assert.deepEqual([mount?.destination, mount?.writable], ['/data', false]);
  });

  it('drops limits that the kernel lacks, with a warning', async () => {
    const { engine } = containerWorld();
    const { id, warnings } = await engine.containers.create(
      request('run', limits({ blkioWeight: 300, memoryBytes: 64e6 })),
    );
    assert.match(warnings.join('\n'), /Weight discarded/);
    const { resources } = engine.containers.get(id).host;
    assert.deepEqual([resources.blkioWeight, resources.memorySwapBytes], [0, 128e6]);
  });

  it('warns of capabilities that it cannot give', async () => {
    const { warnings } = await containerWorld().engine.containers.create(
      request('run', { host: { capAdd: ['SYS_ADMIN'] } }),
    );
    assert.match(warnings.join('\n'), /CAP_SYS_ADMIN/);
  });

  it('exposes ports that are bound', async () => {
    const { engine } = containerWorld();
    const { id } = await engine.containers.create(request('run', { host: { portBindings: { '80': [] } } }));
    assert.deepEqual(engine.containers.get(id).config.exposedPorts, ['80/tcp']);
  });
});

describe('create refuses', () => {
  const cases: readonly [string, Parameters<typeof refused>[1]][] = [
    ['image.not-found', { config: { image: 'nope' } }],
    ['config.no-command', { config: { image: '', cmd: null } }],
    ['container.name-invalid', { name: 'a' }],
    ['config.working-dir', { config: { workingDir: 'rel' } }],
    ['signal.unknown', { config: { stopSignal: 'NOPE' } }],
    ['memory.minimum', limits({ memoryBytes: 524_287 })],
    ['memory.swap-below-memory', limits({ memoryBytes: 64e6, memorySwapBytes: 10e6 })],
    ['memory.swap-without-memory', limits({ memorySwapBytes: 10e6 })],
    ['memory.swappiness', limits({ memorySwappiness: 101 })],
    ['cpu.nano-and-period', limits({ nanoCpus: 1e9, cpuPeriod: 1000 })],
    ['cpu.nano-and-quota', limits({ nanoCpus: 1e9, cpuQuota: 1000 })],
    ['cpu.nano-range', limits({ nanoCpus: 64e9 })],
    ['cpuset.invalid', limits({ cpusetCpus: '1-42,,' })],
    ['cpuset.unavailable', limits({ cpusetCpus: '0-7' })],
    ['blkio.weight', limits({ blkioWeight: 5 })],
    [
      'config.auto-remove-and-restart',
      { host: { autoRemove: true, restartPolicy: { name: 'always', maximumRetryCount: 0 } } },
    ],
    ['config.retry-count', { host: { restartPolicy: { name: 'always', maximumRetryCount: 3 } } }],
    ['config.port', { host: { portBindings: { '8080/tcp': [{ hostIp: '', hostPort: 'aa80' }] } } }],
    ['network-mode.no-target', { host: { networkMode: 'container:' } }],
    ['container.not-found', { host: { networkMode: 'container:nobody' } }],
    ['namespace-mode.invalid', { host: { ipcMode: 'what' } }],
    ['capability.unknown', { host: { capAdd: ['FLY'] } }],
    ['log.unknown-driver', { host: { logConfig: { type: 'nope', config: {} } } }],
    ['log.driver-unsupported', { host: { logConfig: { type: 'gelf', config: {} } } }],
    ['log.unknown-option', { host: { logConfig: { type: 'json-file', config: { color: 'red' } } } }],
    ['log.option-value', { host: { logConfig: { type: 'json-file', config: { 'max-file': '0' } } } }],
    ['ulimit.unknown', { host: { ulimits: [{ name: 'patience', soft: 1, hard: 1 }] } }],
    ['mount.bad-spec', { host: { binds: ['a:/b:ro:x'] } }],
    ['mount.bad-mode', { host: { binds: ['/a:/b:nope'] } }],
    ['mount.destination', { host: { binds: ['/a:b'] } }],
    ['mount.duplicate', { host: { binds: ['/a:/b', '/c:/b/'] } }],
    ['volume.name-invalid', { host: { binds: ['-x:/b'] } }],
    [
      'mount.source-missing',
      { host: { mounts: [{ type: 'bind', source: '/nowhere', target: '/b', readOnly: false }] } },
    ],
    ['config.extra-host', { host: { extraHosts: ['nocolon'] } }],
    ['config.sysctl', { host: { sysctls: { 'kernel.panic': '1' } } }],
    ['link.child-missing', { host: { links: ['a:b'] } }],
    ['link.format', { host: { links: ['a:b:c'] } }],
  ];
  for (const [code, change] of cases) it(code, () => refused(code, change));

  it('options that clash with another container’s network', async () => {
    const { engine } = containerWorld();
    await engine.containers.create(request('run', { name: 'net' }));
    const attempt = (config: Partial<ContainerConfig>, host: Partial<HostConfig>): Promise<unknown> =>
      engine.containers.create(request('run', { config, host: { networkMode: 'container:net', ...host } }));
    await assert.rejects(attempt({ hostname: 'h' }, {}), { kind: 'conflict', code: 'network-mode.hostname' });
    await assert.rejects(attempt({}, { dns: ['192.0.2.1'] }), { code: 'network-mode.dns' });
    await assert.rejects(attempt({}, { publishAllPorts: true }), { code: 'network-mode.ports' });
    await assert.rejects(attempt({ exposedPorts: ['80/tcp'] }, {}), { code: 'network-mode.expose' });
  });

  it('a volume over a file of the image', async () => {
    const world = containerWorld();
    world.machine.inImage.set('/etc/passwd', 'file');
    await assert.rejects(
      world.engine.containers.create(request('run', { config: { volumes: ['/etc/passwd'] } })),
      { code: 'mount.over-file' },
    );
    assert.equal(world.machine.volumeNames.size, 0);
  });
});
