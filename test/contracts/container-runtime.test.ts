import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EngineError } from '#domain/error/engine-error.ts';
import { denyingProfile } from '#test/support/runtime/rootfs.ts';
import {
  eventually,
  leavePlace,
  makePlace,
  newId,
  RuntimeWorld,
  variants,
} from '#test/support/runtime/runtime-world.ts';

/** The clock that stamps files ticks, and the fine clock drifts from that of the day. */
const CLOCKS_APART_MS = 100;

for (const { name, options } of variants) {
  describe(`ContainerRuntime by ${name}`, () => {
    const place = makePlace(options);
    let world: RuntimeWorld;

    before(async () => {
      world = await RuntimeWorld.open(place);
      assert.deepEqual(await world.runtime.recover([]), []);
    });

    after(async () => {
      await world.close();
      await leavePlace(place);
    });

    const assertNothingLeft = (id: string): void => {
      assert.equal(existsSync(join(place.options.execRoot, 'containers', id)), false);
      assert.equal(existsSync(join(place.options.execRoot, world.runtime.name, id)), false);
    };

    const refuses = async (args: readonly string[], detail: RegExp): Promise<void> => {
      const id = newId();
      const error: EngineError = await world.create(args, { id }).then(
        () => assert.fail('it was created'),
        (reason: EngineError) => reason,
      );
      assert.equal(error.kind, 'invalid');
      assert.equal(error.code, 'runtime.create');
      assert.match(String(error.params['detail']), detail);
      assertNothingLeft(id);
    };

    it('tells what it is made of', async () => {
      const parts = await world.runtime.describe();
      assert.match(parts[world.runtime.name] ?? '', /^\d/);
      assert.match(parts['conmon'] ?? '', /^\d/);
    });

    it('a process waits until it is started, then its exit code and time are told once', async () => {
      const id = await world.create(['sh', '-c', 'exit 42']);
      const [pid] = await world.runtime.processes(id);
      assert.ok(pid !== undefined && existsSync(`/proc/${pid}`));
      const begunAt = Date.now();
      await world.runtime.start(id);
      const exit = await world.exitOf(id);
      assert.equal(exit.exitCode, 42);
      assert.equal(exit.oomKilled, false);
      assert.ok(exit.finishedAt >= begunAt - CLOCKS_APART_MS, `${exit.finishedAt} before ${begunAt}`);
      assert.ok(exit.finishedAt <= Date.now() + CLOCKS_APART_MS);
      await world.runtime.delete(id);
      assert.equal(world.exitCounts.get(id), 1);
      assertNothingLeft(id);
    });

    it('the log is complete when the exit is told', async () => {
      const { log } = await world.run('seq 1 2000; echo last >&2');
      assert.equal(log.split('\n').length, 2002);
      assert.ok(log.includes('\n2000\n') && log.includes('last\n'));
    });

    it('the death by a signal counts as 128 + signal', async () => {
      const id = await world.start(['sh', '-c', 'kill -9 $$; sleep 100']);
      await world.runtime.signal(id, 9);
      assert.equal((await world.exitOf(id)).exitCode, 137);
      await assert.rejects(world.runtime.signal(id, 15), { kind: 'conflict', code: 'runtime.not-running' });
      await world.runtime.delete(id);
    });

    it('a signal reaches the process', async () => {
      const id = await world.start([
        'sh',
        '-c',
        'trap "exit 7" TERM; echo ready; while true; do sleep 0.01; done',
      ]);
      await eventually(() => assert.match(world.readLog(id), /ready/));
      await world.runtime.signal(id, 15);
      assert.equal((await world.exitOf(id)).exitCode, 7);
      await world.runtime.delete(id);
    });

    it('programs that cannot run are refused with the words clients know', async () => {
      await refuses(['no-such-thing'], /^exec: "no-such-thing": executable file not found in \$PATH/);
      await refuses(
        ['/no/such/thing'],
        /^exec: "\/no\/such\/thing": stat \/no\/such\/thing: no such file or directory/,
      );
      await refuses(['/bin/not-executable'], /^exec: "\/bin\/not-executable": permission denied/);
      await refuses(['/bin'], /permission denied/);
    });

    it('a create that fails late leaves nothing', async () => {
      const id = newId();
      const mounts = [{ destination: '/x', type: 'bind', source: '/no/such/source', options: ['bind'] }];
      await assert.rejects(world.create(['true'], { id, mounts }), {
        kind: 'invalid',
        code: 'runtime.create',
      });
      assertNothingLeft(id);
    });

    it('what a process leaves running ends with it', async () => {
      const id = await world.start(['sh', '-c', 'sleep 1000 & sleep 1000 & echo ready; wait']);
      const pids = await eventually(async () => {
        const found = await world.runtime.processes(id);
        assert.equal(found.length, 3);
        return found;
      });
      await world.runtime.killAll(id);
      assert.equal((await world.exitOf(id)).exitCode, 137);
      await world.runtime.delete(id);
      for (const pid of pids) assert.equal(existsSync(`/proc/${pid}`), false);
    });

    it('delete kills what runs, and is fine when there is nothing', async () => {
      const id = await world.start(['sleep', '1000']);
      await world.runtime.delete(id);
      assert.equal((await world.exitOf(id)).exitCode, 137);
      await world.runtime.delete(id);
      await world.runtime.delete(newId());
    });

    it('delete removes a container that never started, and a paused one', async () => {
      await world.runtime.delete(await world.create(['sleep', '1000']));
      const id = await world.start(['sleep', '1000']);
      await world.runtime.pause(id);
      await world.runtime.delete(id);
    });

    it('a paused container stands still until it is resumed', async () => {
      const id = await world.start(['sh', '-c', 'while true; do echo tick; sleep 0.01; done']);
      await eventually(() => assert.match(world.readLog(id), /tick/));
      await world.runtime.pause(id);
      const [pid] = await world.runtime.processes(id);
      const ticksOf = (): string | undefined =>
        readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15).join();
      const [ticks, size] = [ticksOf(), readFileSync(world.logPath(id)).length];
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(ticksOf(), ticks);
      assert.equal(readFileSync(world.logPath(id)).length, size);
      await world.runtime.resume(id);
      await eventually(() => assert.ok(readFileSync(world.logPath(id)).length > size));
      await world.runtime.delete(id);
    });

    it('the OOM killer is told of', async () => {
      const linux = { resources: { memory: { limit: 16 * 1024 * 1024, swap: 16 * 1024 * 1024 } } };
      const id = await world.start(['sh', '-c', 'tail /dev/zero'], { linux });
      const exit = await world.exitOf(id);
      assert.equal(exit.oomKilled, true);
      assert.equal(await world.runtime.wasOomKilled(id), true);
      await world.runtime.delete(id);
    });

    it('a limit of processes holds', async () => {
      const linux = { resources: { pids: { limit: 5 } } };
      const { log, exitCode } = await world.run('for i in 1 2 3 4 5 6 7; do sleep 1000 & done', { linux });
      assert.match(log, /can't fork/);
      assert.notEqual(exitCode, 0);
    });

    it('limits change while it runs', async () => {
      const linux = { resources: { memory: { limit: 64 * 1024 * 1024 } } };
      const id = await world.start(['sleep', '1000'], { linux });
      await world.runtime.update(id, { memory: { limit: 32 * 1024 * 1024 } });
      const [file] = globSync([
        `/sys/fs/cgroup/memory${place.options.cgroupParent}/${id}/memory.limit_in_bytes`,
        `/sys/fs/cgroup${place.options.cgroupParent}/${id}/memory.max`,
      ]);
      assert.equal(Number(readFileSync(file ?? '', 'utf8')), 32 * 1024 * 1024);
      await world.runtime.delete(id);
    });

    it('a seccomp profile holds in the first container and in later ones', async () => {
      const seccomp = denyingProfile('mkdir', 'mkdirat');
      for (let turn = 0; turn < 3; turn += 1) {
        const script = 'grep ^Seccomp: /proc/self/status; busybox mkdir /tmp/x || exit 3';
        const { log, exitCode } = await world.run(script, { linux: { seccomp } });
        assert.match(log, /Seccomp:\t2/);
        assert.equal(exitCode, 3, `turn ${turn}`);
      }
      const kept = globSync(`${place.options.dataRoot}/seccomp/*.bpf`);
      assert.equal(kept.length, name === 'crun' ? 1 : 0);
    });

    it('its control group may lie where the spec says', async () => {
      const cgroupsPath = `${place.options.cgroupParent}/deep/own`;
      const id = await world.start(['sleep', '1000'], { cgroupsPath });
      assert.equal((await world.runtime.processes(id)).length, 1);
      await world.runtime.delete(id);
      const { exitCode } = await world.run('exit 0', { cgroupsPath });
      assert.equal(exitCode, 0);
    });

    it('fifty at once come, run and go', async () => {
      const cycle = async (index: number): Promise<void> => {
        const { exitCode, log } = await world.run(`echo ${index}; exit ${index}`);
        assert.deepEqual([exitCode, log], [index, `${index}\n`]);
      };
      await Promise.all(Array.from({ length: 50 }, (_, index) => cycle(index)));
    });
  });
}
