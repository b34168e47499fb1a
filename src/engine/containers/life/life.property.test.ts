import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HostConfig } from '#domain/container/config.ts';
import { isLive, LIFECYCLE } from '#domain/container/lifecycle.ts';
import type { LifeCommand } from '#domain/container/lifecycle.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { WaitResult } from '#engine/engine.ts';
import { containerWorld, request } from '#test/fakes/container-world.ts';
import type { ContainerTestWorld } from '#test/fakes/container-world.ts';
import { settle } from '#test/fakes/settle.ts';

type Step =
  | {
      readonly do: 'create';
      readonly name: number;
      readonly cmd: string;
      readonly policy: string;
      readonly auto: boolean;
    }
  | { readonly do: LifeCommand | 'wait' | 'rename' | 'finish' | 'hup'; readonly on: number }
  | { readonly do: 'settle' | 'tick' };

const NAMES = ['n0', 'n1', 'n2', 'n3'];
const COMMANDS = [
  'start',
  'stop',
  'restart',
  'kill',
  'pause',
  'unpause',
  'remove',
  'force-remove',
  'wait',
  'rename',
  'finish',
  'hup',
] as const;

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('create' as const),
        name: fc.nat(3),
        cmd: fc.constantFrom('run', 'fast', 'exit7', 'stubborn', 'missing'),
        policy: fc.constantFrom('', 'always', 'on-failure'),
        auto: fc.boolean(),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom(...COMMANDS), on: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('settle' as const, 'tick' as const) }) },
  ),
  { minLength: 1, maxLength: 25 },
);

/** Commands that were sent; those that wait for time are not awaited, as clients side by side would. */
class Session {
  readonly world: ContainerTestWorld = containerWorld();
  readonly waits: { readonly id: string; readonly done: Promise<WaitResult> }[] = [];
  readonly #sent: Promise<void>[] = [];

  send(step: Step): void {
    const work = this.#run(step);
    // Refusals are the engine's right; anything but its own errors is a bug.
    this.#sent.push(
      work.catch((error: unknown) => {
        if (!(error instanceof EngineError)) throw error;
        assert.notEqual(error.kind, 'internal');
      }),
    );
  }

  /** Lets time pass until every command has come to its end. */
  async finish(): Promise<void> {
    let isDone = false;
    const all = Promise.all(this.#sent).then(() => (isDone = true));
    for (let round = 0; round < 10 && !isDone; round += 1) await this.#tick();
    assert.ok(isDone, 'every command ends');
    await all;
  }

  async #run(step: Step): Promise<void> {
    const { containers } = this.world.engine;
    switch (step.do) {
      case 'settle': {
        return settle();
      }
      case 'tick': {
        return this.#tick();
      }
      case 'create': {
        await containers.create(request(step.cmd, { name: NAMES[step.name] ?? '', host: hostOf(step) }));
        return undefined;
      }
      default: {
        return this.#command(step.do, NAMES[step.on] ?? '');
      }
    }
  }

  async #command(name: LifeCommand | 'wait' | 'rename' | 'finish' | 'hup', ref: string): Promise<void> {
    const { containers } = this.world.engine;
    const plain = { force: name === 'force-remove', volumes: true, link: false };
    const actions: Readonly<Record<string, () => Promise<void> | void>> = {
      start: () => containers.start(ref, {}),
      stop: () => containers.stop(ref, { timeoutSeconds: 1 }),
      restart: () => containers.restart(ref, { timeoutSeconds: 1 }),
      kill: () => containers.kill(ref, ''),
      hup: () => containers.kill(ref, 'HUP'),
      pause: () => containers.pause(ref),
      unpause: () => containers.unpause(ref),
      remove: () => containers.remove(ref, plain),
      'force-remove': () => containers.remove(ref, plain),
      rename: () => containers.rename(ref, NAMES[(NAMES.indexOf(ref) + 1) % NAMES.length] ?? ''),
      wait: () => this.#wait(ref),
      finish: () => this.world.runtime.finish(containers.get(ref).id, 3),
    };
    await actions[name]?.();
  }

  #wait(ref: string): void {
    const { id } = this.world.engine.containers.get(ref);
    const { result } = this.world.engine.containers.wait(id, 'not-running', new AbortController().signal);
    this.waits.push({ id, done: result });
  }

  async #tick(): Promise<void> {
    await settle();
    this.world.clock.advance(15_000);
    await settle();
  }
}

const hostOf = ({ policy, auto }: Extract<Step, { do: 'create' }>): Partial<HostConfig> => ({
  restartPolicy: {
    name: policy as HostConfig['restartPolicy']['name'],
    maximumRetryCount: policy === 'on-failure' ? 2 : 0,
  },
  autoRemove: auto && policy === '',
});

const unique = (values: readonly string[], what: string): void =>
  assert.equal(new Set(values).size, values.length, `${what} ${values.join(' ')}`);

/** What holds whenever nothing is under way. */
const holds = ({ engine, runtime, machine, state }: ContainerTestWorld): void => {
  const all = engine.containers.list();
  unique(
    all.map(({ name }) => name),
    'names',
  );
  unique(
    all
      .flatMap(({ endpoints }) => Object.values(endpoints).map(({ ipAddress }) => ipAddress))
      .filter((text) => text !== ''),
    'addresses',
  );
  const running = all
    .filter(({ state: { status } }) => status === 'running' || status === 'paused')
    .map(({ id }) => id);
  assert.deepEqual(
    [...runtime.table.keys()].toSorted(),
    running.toSorted(),
    'processes are those of running containers',
  );
  assert.deepEqual([...machine.pinned.keys()].toSorted(), running.toSorted(), 'sandboxes');
  assert.equal(machine.endpoints.size, running.length, 'endpoints');
  assert.deepEqual([...machine.roots.keys()].toSorted(), all.map(({ id }) => id).toSorted(), 'roots');
  for (const [id, { mounted }] of machine.roots) assert.equal(mounted, running.includes(id), 'mounted roots');
  assert.ok(
    state.containers.list().every(({ state: { status } }) => !['creating', 'removing'].includes(status)),
  );
};

describe('the life of containers, whatever clients do', () => {
  it('keeps names and addresses apart, leaks nothing, ends every wait', async () => {
    const property = fc.asyncProperty(steps, fc.boolean(), async (list, isOneByOne) => {
      const session = new Session();
      for (const step of list) {
        session.send(step);
        if (isOneByOne) await settle();
      }
      await session.finish();
      await settle();
      holds(session.world);
      await endAll(session);
      holds(session.world);
      assert.deepEqual(session.world.engine.containers.list(), []);
      for (const { done } of session.waits) await done;
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('follows the table: what it refuses fails with its code, what it allows does not', async () => {
    const commands = fc.constantFrom(
      ...Object.keys(LIFECYCLE.running).filter((name) => !['exec', 'resize'].includes(name)),
    );
    const property = fc.asyncProperty(fc.array(commands, { maxLength: 12 }), async (list) => {
      const session = containerWorld();
      const { id } = await session.engine.containers.create(request('run', { name: 'one' }));
      for (const name of list) {
        const { status } = session.state.containers.get(id)?.state ?? { status: undefined };
        if (status === undefined) break;
        const verdict = LIFECYCLE[status][name as LifeCommand];
        const failed = await codeOf(perform(session, name, id));
        assert.equal(failed, 'refuse' in verdict ? verdict.refuse : undefined, `${name} while ${status}`);
        if ('to' in verdict && verdict.to !== 'removing')
          assert.equal(session.engine.containers.get(id).state.status, verdict.to);
      }
    });
    await fc.assert(property, { numRuns: 200 });
  });
});

const endAll = async ({ world }: Session): Promise<void> => {
  for (const { id } of world.engine.containers.list()) {
    const removing = world.engine.containers.remove(id, { force: true, volumes: true, link: false });
    await settle();
    await removing;
  }
  await settle();
  assert.ok(world.engine.containers.list().every(({ state }) => !isLive(state.status)));
};

const perform = (world: ContainerTestWorld, name: string, id: string): Promise<void> => {
  const { containers } = world.engine;
  const actions: Readonly<Record<string, () => Promise<void>>> = {
    start: () => containers.start(id, {}),
    stop: () => containers.stop(id, {}),
    restart: () => containers.restart(id, {}),
    kill: () => containers.kill(id, ''),
    pause: () => containers.pause(id),
    unpause: () => containers.unpause(id),
    remove: () => containers.remove(id, { force: false, volumes: false, link: false }),
    'force-remove': () => containers.remove(id, { force: true, volumes: false, link: false }),
  };
  return (actions[name] ?? (() => Promise.reject(new Error(name))))();
};

const codeOf = async (work: Promise<void>): Promise<string | undefined> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
};
