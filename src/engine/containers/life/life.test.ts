import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerConfig, HostConfig } from '#domain/container/config.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { containerWorld, request } from '#test/fakes/container-world.ts';
import type { ContainerTestWorld } from '#test/fakes/container-world.ts';
import { settle } from '#test/fakes/settle.ts';

const never = new AbortController().signal;

const started = async (
  world: ContainerTestWorld,
  cmd: string,
  change: { config?: Partial<ContainerConfig>; host?: Partial<HostConfig>; name?: string } = {},
): Promise<string> => {
  const { id } = await world.engine.containers.create(request(cmd, change));
  await world.engine.containers.start(id, {});
  return id;
};

/** What a rejected promise says, as plain data. */
const failure = async (work: Promise<unknown>): Promise<object> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof EngineError) return { kind: error.kind, code: error.code, params: error.params };
    throw error;
  }
  throw new Error('it should have failed');
};

const holdsNothing = ({ machine, runtime }: ContainerTestWorld): void => {
  assert.deepEqual(
    [...machine.roots.values()].filter(({ mounted }) => mounted),
    [],
  );
  assert.equal(machine.pinned.size + machine.endpoints.size + machine.published.size + runtime.table.size, 0);
};

describe('start', () => {
  it('runs the process with addresses, ports, files and a record', async () => {
    const world = containerWorld();
    const id = await started(world, 'run', {
      host: {
        portBindings: { '80/tcp': [{ hostIp: '', hostPort: '8080' }] },
        extraHosts: ['me:host-gateway'],
      },
    });
    const { state, endpoints, published, files } = world.engine.containers.get(id);
    assert.equal(state.status, 'running');
    assert.ok(state.pid > 0);
    assert.equal(endpoints['bridge']?.ipAddress, '172.30.0.2');
    assert.equal(endpoints['bridge']?.macAddress, '02:42:ac:1e:00:02');
    assert.deepEqual(
      published.map(({ hostPort }) => hostPort),
      [8080],
    );
    assert.equal(files.log, `/logs/${id}`);
    assert.equal(world.machine.etcFiles.get(id)?.['hosts']?.split('\n').at(-3), '172.30.0.1\tme');
    assert.equal(world.machine.etcFiles.get(id)?.['resolvConf'], 'nameserver 192.0.2.53\n');
    const { spec } = world.runtime.requests[0] ?? {};
    assert.equal(spec?.linux?.cgroupsPath, `/test/${id}`);
    assert.deepEqual(world.actions, ['create', 'network connect', 'start']);
  });

  it('has stored `running` before the process begins', async () => {
    const world = containerWorld();
    const seen: (string | undefined)[] = [];
    world.runtime.onStep = (step, id) => {
      if (step === 'start') seen.push(world.state.containers.get(id)?.state.status);
    };
    await started(world, 'run');
    assert.deepEqual(seen, ['running']);
  });

  it('of a running one changes nothing, of a paused one is refused', async () => {
    const world = containerWorld();
    const id = await started(world, 'run');
    await assert.rejects(world.engine.containers.start(id, {}), { kind: 'unchanged' });
    await world.engine.containers.pause(id);
    await assert.rejects(world.engine.containers.start(id, {}), {
      kind: 'conflict',
      code: 'container.paused',
    });
  });

  it('that cannot find its command leaves nothing, with exit code 127', async () => {
    const world = containerWorld();
    const { id } = await world.engine.containers.create(
      request('missing', { host: { publishAllPorts: true }, config: { exposedPorts: ['80/tcp'] } }),
    );
    const error = await failure(world.engine.containers.start(id, {}));
    assert.partialDeepStrictEqual(error, {
      kind: 'invalid',
      code: 'container.start-failed',
      params: { id, exitCode: 127 },
    });
    const { state } = world.engine.containers.get(id);
    assert.partialDeepStrictEqual(state, { status: 'created', exitCode: 127, pid: 0 });
    assert.match(state.error, /executable file not found/);
    holdsNothing(world);
  });

  for (const step of ['mountRoot', 'sandbox', 'connect', 'publish']) {
    it(`that fails at ${step} leaves nothing, and works later`, async () => {
      const world = containerWorld();
      const { id } = await world.engine.containers.create(
        request('run', { host: { portBindings: { '80/tcp': [] } } }),
      );
      world.machine.onStep = (name) => {
        if (name === step) throw new Error('broken');
      };
      await assert.rejects(world.engine.containers.start(id, {}), { code: 'container.start-failed' });
      assert.equal(world.engine.containers.get(id).state.exitCode, 128);
      holdsNothing(world);
      world.machine.onStep = () => {};
      await world.engine.containers.start(id, {});
      assert.equal(world.engine.containers.get(id).endpoints['bridge']?.ipAddress, '172.30.0.3');
    });
  }

  it('on a taken port says which', async () => {
    const world = containerWorld();
    const host = { portBindings: { '80/tcp': [{ hostIp: '', hostPort: '80' }] } };
    await started(world, 'run', { host });
    const { id } = await world.engine.containers.create(request('run', { host }));
    const error = await failure(world.engine.containers.start(id, {}));
    assert.partialDeepStrictEqual(error, { params: { id, reason: 'port.allocated', port: 80 } });
  });

  it('that fails removes a container that was to remove itself', async () => {
    const world = containerWorld();
    const { id } = await world.engine.containers.create(request('missing', { host: { autoRemove: true } }));
    const gone = world.engine.containers.wait(id, 'removed', never);
    await assert.rejects(world.engine.containers.start(id, {}), { code: 'container.start-failed' });
    assert.deepEqual(await gone.result, { exitCode: 127 });
    assert.deepEqual(world.engine.containers.list(), []);
    assert.equal(world.machine.roots.size, 0);
  });

  it('in the network of another shares its files and sandbox', async () => {
    const world = containerWorld();
    const first = await started(world, 'run', { name: 'first' });
    const second = await started(world, 'run', { host: { networkMode: 'container:first' } });
    const [one, two] = [world.engine.containers.get(first), world.engine.containers.get(second)];
    assert.equal(two.sandboxId, one.sandboxId);
    assert.equal(two.files.hosts, one.files.hosts);
    assert.equal(two.config.hostname, one.config.hostname);
    assert.equal(two.host.networkMode, `container:${first}`);
    const network = world.runtime.requests[1]?.spec.linux?.namespaces.find(({ type }) => type === 'network');
    assert.equal(network?.path, `/ns/${first}/net`);
    await world.engine.containers.stop(first, {});
    await world.engine.containers.stop(second, {});
    await assert.rejects(world.engine.containers.start(second, {}), { code: 'container.start-failed' });
  });

  it('takes a host configuration of old clients', async () => {
    const world = containerWorld();
    const { id } = await world.engine.containers.create(request('run', { config: { volumes: ['/keep'] } }));
    const [kept] = world.engine.containers.get(id).mounts;
    const { host } = request('run', { host: { binds: ['/tmp:/t'], networkMode: 'none' } });
    await world.engine.containers.start(id, { host });
    const container = world.engine.containers.get(id);
    assert.deepEqual(
      container.mounts.map(({ destination }) => destination),
      ['/keep', '/t'],
    );
    assert.equal(container.mounts[0]?.name, kept?.name);
    assert.deepEqual(Object.keys(container.endpoints), ['none']);
  });
});

describe('the end of a process', () => {
  it('is stored before anything else is told, and gives everything back', async () => {
    const world = containerWorld();
    const { id } = await world.engine.containers.create(request('exit7'));
    const waiting = world.engine.containers.wait(id, 'next-exit', never);
    await world.engine.containers.start(id, {});
    assert.deepEqual(await waiting.result, { exitCode: 7 });
    const { state, endpoints } = world.engine.containers.get(id);
    assert.partialDeepStrictEqual(state, { status: 'exited', exitCode: 7, pid: 0 });
    assert.equal(endpoints['bridge']?.ipAddress, '');
    holdsNothing(world);
    await settle();
    assert.deepEqual(world.actions, ['create', 'network connect', 'start', 'die', 'network disconnect']);
  });

  it('by the OOM killer is told before `die`', async () => {
    const world = containerWorld();
    const id = await started(world, 'run');
    world.runtime.finish(id, 137, true);
    await settle();
    assert.deepEqual(world.actions.slice(-3), ['oom', 'die', 'network disconnect']);
    assert.equal(world.engine.containers.get(id).state.oomKilled, true);
  });

  it('removes a container that asked for it, with its anonymous volumes, and then wakes those who wait for that', async () => {
    const world = containerWorld();
    const { id } = await world.engine.containers.create(
      request('fast', { config: { volumes: ['/v'] }, host: { autoRemove: true } }),
    );
    const gone = world.engine.containers.wait(id, 'removed', never);
    await world.engine.containers.start(id, {});
    assert.deepEqual(await gone.result, { exitCode: 0 });
    assert.deepEqual(world.engine.containers.list(), []);
    assert.equal(world.machine.volumeNames.size, 0);
    await settle();
    assert.deepEqual(
      world.actions.filter((action) => !action.includes(' ')),
      ['create', 'start', 'die', 'destroy'],
    );
  });
});

describe('stop and kill', () => {
  it('stop ends with SIGTERM; again it changes nothing', async () => {
    const world = containerWorld();
    const id = await started(world, 'run');
    await world.engine.containers.stop(id, {});
    assert.equal(world.engine.containers.get(id).state.exitCode, 143);
    assert.deepEqual(world.runtime.signals, [[id, 15]]);
    await assert.rejects(world.engine.containers.stop(id, {}), {
      kind: 'unchanged',
      code: 'container.already-stopped',
    });
    await settle();
    assert.deepEqual(
      world.actions.filter((action) => !action.includes(' ')),
      ['create', 'start', 'kill', 'die', 'stop'],
    );
  });

  it('stop kills after the grace period', async () => {
    const world = containerWorld();
    const id = await started(world, 'stubborn', { config: { stopTimeoutSeconds: 3 } });
    const stopping = world.engine.containers.stop(id, {});
    await settle();
    assert.deepEqual(world.clock.pending, [3000]);
    world.clock.advance(3000);
    await stopping;
    assert.deepEqual(
      world.runtime.signals.map(([, signal]) => signal),
      [15, 9],
    );
    assert.equal(world.engine.containers.get(id).state.exitCode, 137);
    assert.deepEqual(world.clock.pending, []);
  });

  it('stop takes the signal of the container or of the request', async () => {
    const world = containerWorld();
    const id = await started(world, 'run', { config: { stopSignal: 'SIGINT' } });
    await world.engine.containers.stop(id, { signal: 'QUIT' });
    assert.equal(world.engine.containers.get(id).state.exitCode, 131);
  });

  it('kill waits for the end; other signals are only delivered', async () => {
    const world = containerWorld();
    const id = await started(world, 'run');
    await world.engine.containers.kill(id, 'SIGHUP');
    assert.equal(world.engine.containers.get(id).state.status, 'running');
    await world.engine.containers.kill(id, '');
    assert.equal(world.engine.containers.get(id).state.exitCode, 137);
    await assert.rejects(world.engine.containers.kill(id, 'KILL'), { code: 'container.not-running' });
    await assert.rejects(world.engine.containers.kill(id, 'BOGUS'), { code: 'signal.unknown' });
  });

  it('a paused container is thawed to die', async () => {
    const world = containerWorld();
    const id = await started(world, 'run');
    await world.engine.containers.pause(id);
    await world.engine.containers.stop(id, {});
    assert.equal(world.engine.containers.get(id).state.status, 'exited');
  });

  it('restart stops and starts; the restart count stays', async () => {
    const world = containerWorld();
    const id = await started(world, 'run', { host: { autoRemove: true } });
    await world.engine.containers.restart(id, {});
    assert.partialDeepStrictEqual(world.engine.containers.get(id), {
      restartCount: 0,
      state: { status: 'running' },
    });
    await settle();
    assert.deepEqual(
      world.actions.filter((action) => !action.includes(' ')),
      ['create', 'start', 'kill', 'die', 'stop', 'start', 'restart'],
    );
    await world.engine.containers.kill(id, '');
    await settle();
    assert.deepEqual(world.engine.containers.list(), []);
  });
});

describe('pause, rename, resize, wait', () => {
  it('pause and unpause', async () => {
    const world = containerWorld();
    const id = await started(world, 'run');
    await world.engine.containers.pause(id);
    await assert.rejects(world.engine.containers.pause(id), { code: 'container.already-paused' });
    await world.engine.containers.unpause(id);
    await assert.rejects(world.engine.containers.unpause(id), { code: 'container.not-paused' });
    assert.deepEqual(world.actions.slice(-2), ['pause', 'unpause']);
  });

  it('rename frees the old name and refuses its own', async () => {
    const world = containerWorld();
    const { id } = await world.engine.containers.create(request('run', { name: 'old' }));
    await assert.rejects(world.engine.containers.rename('old', 'old'), {
      kind: 'invalid',
      code: 'container.name-kept',
    });
    await assert.rejects(world.engine.containers.rename('old', ''), { code: 'container.name-empty' });
    await world.engine.containers.rename('old', 'new');
    await world.engine.containers.create(request('run', { name: 'old' }));
    assert.equal(world.engine.containers.get('new').id, id);
    assert.equal(world.events.find(({ action }) => action === 'rename')?.attributes['oldName'], '/old');
  });

  it('resize without a terminal changes nothing and is no error', async () => {
    const world = containerWorld();
    const id = await started(world, 'run');
    await world.engine.containers.resize(id, { rows: 1, columns: 2 });
    const tty = await started(world, 'run', { config: { tty: true } });
    await world.engine.containers.resize(tty, { rows: 24, columns: 80 });
    await settle();
    assert.partialDeepStrictEqual(world.events.at(-1), {
      action: 'resize',
      attributes: { height: '24', width: '80' },
    });
  });

  it('wait answers at once for what does not run, and leaves on abort', async () => {
    const world = containerWorld();
    const { id } = await world.engine.containers.create(request('run'));
    assert.deepEqual(await world.engine.containers.wait(id, 'not-running', never).result, { exitCode: 0 });
    const leaving = new AbortController();
    const { result } = world.engine.containers.wait(id, 'next-exit', leaving.signal);
    leaving.abort();
    await assert.rejects(result, { kind: 'cancelled' });
  });

  it('removing a container that never ran wakes those who wait for its exit', async () => {
    const world = containerWorld();
    const { id } = await world.engine.containers.create(request('run'));
    const { result } = world.engine.containers.wait(id, 'next-exit', never);
    await world.engine.containers.remove(id, { force: false, volumes: false, link: false });
    assert.deepEqual(await result, { exitCode: 0 });
  });
});

describe('remove', () => {
  const plain = { force: false, volumes: false, link: false };

  it('is refused for a running container, done with force', async () => {
    const world = containerWorld();
    const id = await started(world, 'stubborn');
    await assert.rejects(world.engine.containers.remove(id, plain), {
      kind: 'conflict',
      code: 'container.running',
    });
    await world.engine.containers.remove(id, { ...plain, force: true });
    assert.deepEqual(world.engine.containers.list(), []);
    holdsNothing(world);
    await settle();
    assert.deepEqual(
      world.actions.filter((action) => !action.includes(' ')),
      ['create', 'start', 'kill', 'die', 'destroy'],
    );
  });

  it('keeps volumes unless asked, and those that others use', async () => {
    const world = containerWorld();
    const config = { volumes: ['/v'] };
    await world.engine.containers.create(request('run', { name: 'aa', config }));
    await world.engine.containers.create(request('run', { name: 'bb', host: { volumesFrom: ['aa'] } }));
    await world.engine.containers.remove('aa', { ...plain, volumes: true });
    assert.equal(world.machine.volumeNames.size, 1);
    await world.engine.containers.remove('bb', { ...plain, volumes: true });
    assert.equal(world.machine.volumeNames.size, 0);
  });

  it('that fails leaves it dead, to be tried again', async () => {
    const world = containerWorld();
    const { id } = await world.engine.containers.create(request('run'));
    world.machine.onStep = (step) => {
      if (step === 'removeRoot') throw new Error('busy');
    };
    await assert.rejects(world.engine.containers.remove(id, plain), /busy/);
    assert.equal(world.engine.containers.get(id).state.status, 'dead');
    await assert.rejects(world.engine.containers.start(id, {}), { code: 'container.dead' });
    world.machine.onStep = () => {};
    await world.engine.containers.remove(id, plain);
    assert.deepEqual(world.engine.containers.list(), []);
  });

  it('a second time meanwhile is told so', async () => {
    const world = containerWorld();
    const { id } = await world.engine.containers.create(request('run'));
    const first = world.engine.containers.remove(id, plain);
    await Promise.resolve();
    await assert.rejects(world.engine.containers.remove(id, plain), {
      kind: 'conflict',
      code: 'container.removal-in-progress',
    });
    await first;
  });
});

describe('restart policy', () => {
  const policy = (name: HostConfig['restartPolicy']['name'], maximumRetryCount = 0): Partial<HostConfig> => ({
    restartPolicy: { name, maximumRetryCount },
  });

  it('tries again with doubled delays until its limit', async () => {
    const world = containerWorld();
    const id = await started(world, 'exit7', { host: policy('on-failure', 3) });
    for (const delay of [100, 200, 400]) {
      await settle();
      assert.equal(world.engine.containers.get(id).state.status, 'restarting');
      assert.deepEqual(world.clock.pending, [delay]);
      world.clock.advance(delay);
    }
    await settle();
    assert.partialDeepStrictEqual(world.engine.containers.get(id), {
      restartCount: 3,
      state: { status: 'exited', exitCode: 7 },
    });
    await world.engine.containers.start(id, {});
    assert.equal(world.engine.containers.get(id).restartCount, 0);
  });

  it('begins anew after a good run', async () => {
    const world = containerWorld();
    const id = await started(world, 'run', { host: policy('always') });
    for (const [runMs, delay] of [
      [5, 100],
      [5, 200],
      [20_000, 100],
    ] as const) {
      world.clock.advance(runMs);
      world.runtime.finish(id, 0);
      await settle();
      assert.deepEqual(world.clock.pending, [delay]);
      world.clock.advance(delay);
      await settle();
      assert.equal(world.engine.containers.get(id).state.status, 'running');
    }
  });

  it('measures a run by no clock that somebody may set', async () => {
    const world = containerWorld();
    const id = await started(world, 'run', { host: policy('always') });
    for (const [setByMs, runMs, delay] of [
      [3_600_000, 5, 100],
      [3_600_000, 5, 200],
      [-3_600_000, 5, 400],
      [-3_600_000, 20_000, 100],
    ] as const) {
      world.clock.set(world.clock.now() + setByMs);
      world.clock.advance(runMs);
      world.runtime.finish(id, 0);
      await settle();
      assert.deepEqual(world.clock.pending, [delay]);
      world.clock.advance(delay);
      await settle();
    }
    const died = world.events.filter(({ action }) => action === 'die');
    assert.deepEqual(
      died.map(({ attributes }) => attributes['execDuration']),
      ['0', '0', '0', '20'],
    );
  });

  it('is not applied after a stop, a kill or any signal', async () => {
    const world = containerWorld();
    const id = await started(world, 'run', { host: policy('always') });
    await world.engine.containers.kill(id, 'HUP');
    world.runtime.finish(id, 1);
    await settle();
    assert.equal(world.engine.containers.get(id).state.status, 'exited');
  });

  it('a stop during the wait ends it', async () => {
    const world = containerWorld();
    const id = await started(world, 'exit7', { host: policy('always') });
    await settle();
    const { result } = world.engine.containers.wait(id, 'not-running', never);
    await world.engine.containers.stop(id, {});
    assert.deepEqual(await result, { exitCode: 7 });
    assert.deepEqual(world.clock.pending, []);
    assert.equal(world.engine.containers.get(id).state.status, 'exited');
  });

  it('a removal with force during the wait ends it', async () => {
    const world = containerWorld();
    const id = await started(world, 'exit7', { host: policy('always') });
    await settle();
    await assert.rejects(world.engine.containers.remove(id, { force: false, volumes: false, link: false }), {
      code: 'container.running',
    });
    await world.engine.containers.remove(id, { force: true, volumes: false, link: false });
    assert.deepEqual(world.engine.containers.list(), []);
    assert.deepEqual(world.clock.pending, []);
  });

  it('a start that fails counts as a failed run', async () => {
    const world = containerWorld();
    const id = await started(world, 'exit7', { host: policy('on-failure', 2) });
    await settle();
    world.runtime.onStep = (step) => {
      if (step === 'create') throw new Error('broken');
    };
    world.clock.advance(100);
    await settle();
    assert.equal(world.engine.containers.get(id).state.status, 'restarting');
    world.clock.advance(10_000);
    await settle();
    assert.equal(world.engine.containers.get(id).state.status, 'exited');
  });
});
