import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RuntimeFinding } from '#engine/ports/container-runtime.ts';
import type { Order } from '#test/support/runtime/runtime-owner.ts';
import type { Place } from '#test/support/runtime/runtime-world.ts';
import {
  eventually,
  leavePlace,
  makePlace,
  newId,
  readUntil,
  RuntimeWorld,
  variants,
} from '#test/support/runtime/runtime-world.ts';

const ownerPath = fileURLToPath(new URL('../support/runtime/runtime-owner.ts', import.meta.url));

/** Starts a process that owns a runtime; resolves when it said `word`. */
const startOwner = async (place: Place, orders: readonly Order[], word = 'ready'): Promise<ChildProcess> => {
  const args = [ownerPath, JSON.stringify(place), JSON.stringify(orders)];
  const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const part of owner.stdout) {
    said += String(part);
    if (said.includes(word)) return owner;
  }
  throw new Error(`the owner ended: ${said}`);
};

const killOwner = async (owner: ChildProcess): Promise<void> => {
  owner.kill('SIGKILL');
  if (owner.exitCode === null && owner.signalCode === null) await once(owner, 'exit');
};

for (const { name, options } of variants) {
  describe(`recovery of containers by ${name}`, () => {
    let place: Place;
    let world: RuntimeWorld | undefined;

    beforeEach(() => {
      place = makePlace(options);
    });

    afterEach(async () => {
      await world?.close();
      world = undefined;
      await leavePlace(place);
    });

    const recover = async (believed: readonly string[]): Promise<Map<string, RuntimeFinding>> => {
      world = await RuntimeWorld.open(place);
      const findings = await world.runtime.recover(believed);
      assert.equal(findings.length, believed.length);
      return new Map(findings.map((finding) => [finding.id, finding]));
    };

    /** Kills the owner with SIGKILL after it has carried out the orders. */
    const abandon = async (orders: readonly Order[]): Promise<void> =>
      killOwner(await startOwner(place, orders));

    it('what runs goes on, keeps its log and exit code, and can be attached to again', async () => {
      const id = newId();
      const script =
        'i=0; while [ ! -e /tmp/enough ]; do i=$((i+1)); echo $i; sleep 0.002; done; read last; exit $last';
      const more = { openStdin: true };
      await abandon([{ id, args: ['sh', '-c', script], more, step: 'start' }]);
      const findings = await recover([id]);
      const finding = findings.get(id);
      assert.equal(finding?.state, 'running');
      const console = await world!.runtime.attach(id);
      await readUntil(console.output[Symbol.asyncIterator](), '\n');
      const exec = await world!.exec(id, ['sh', '-c', ': > /tmp/enough']);
      assert.deepEqual(await exec.exit, { exitCode: 0 });
      await console.write(Buffer.from('42\n'));
      assert.equal((await world!.exitOf(id)).exitCode, 42);
      const lines = world!.readLog(id).trimEnd().split('\n');
      assert.deepEqual(
        lines.filter((line, index) => line !== String(index + 1)),
        [],
      );
      assert.equal(world!.exitCounts.get(id), 1);
      console.close();
      await world!.runtime.delete(id);
    });

    it('what ended while nobody watched is told with its code and time', async () => {
      const id = newId();
      const gate = join(place.root, 'rootfs/tmp/gate');
      const script = `until [ -e /tmp/gate ]; do sleep 0.01; done; exit 9`;
      await abandon([{ id, args: ['sh', '-c', script], step: 'start' }]);
      closeSync(openSync(gate, 'w'));
      const before = Date.now();
      const file = join(place.options.execRoot, 'exits', id);
      await eventually(() => assert.equal(readFileSync(file, 'utf8'), '9'));
      const finding = (await recover([id])).get(id);
      assert.ok(finding?.state === 'exited');
      assert.equal(finding.exit.exitCode, 9);
      assert.ok(Math.abs(finding.exit.finishedAt - before) < 5000);
      assert.deepEqual(await world!.exitOf(id), finding.exit);
      await world!.runtime.delete(id);
    });

    it('created, paused and unwanted containers are told apart', async () => {
      const [created, paused, unwanted] = [newId(), newId(), newId()];
      const args = ['sleep', '1000'];
      await abandon([
        { id: created, args, step: 'create' },
        { id: paused, args, step: 'pause' },
        { id: unwanted, args, step: 'exec' },
      ]);
      const never = newId();
      const findings = await recover([created, paused, never]);
      assert.equal(findings.get(created)?.state, 'created');
      assert.equal(findings.get(paused)?.state, 'paused');
      assert.equal(findings.get(never)?.state, 'lost');
      await world!.runtime.start(created);
      await world!.runtime.resume(paused);
      for (const id of [created, paused]) {
        await world!.runtime.signal(id, 9);
        assert.equal((await world!.exitOf(id)).exitCode, 137);
        await world!.runtime.delete(id);
      }
    });

    it('execs of a dead daemon end, their container goes on', async () => {
      const id = newId();
      await abandon([{ id, args: ['sleep', '1000'], step: 'exec' }]);
      await recover([id]);
      await eventually(async () => assert.equal((await world!.runtime.processes(id)).length, 1));
      await world!.runtime.delete(id);
    });

    it('detached execs of a dead daemon go on until they end, and leave nothing', async () => {
      const id = newId();
      await abandon([{ id, args: ['sleep', '1000'], step: 'detached-exec' }]);
      await recover([id]);
      const [, exec] = await eventually(async () => {
        const pids = await world!.runtime.processes(id);
        assert.equal(pids.length, 2);
        return pids;
      });
      process.kill(exec!, 'SIGKILL');
      await eventually(async () => assert.equal((await world!.runtime.processes(id)).length, 1));
      await world!.close();
      await recover([id]);
      assert.deepEqual(readdirSync(join(place.options.execRoot, 'execs')), []);
      await world!.runtime.delete(id);
    });

    it('a container whose monitor died is killed and its end is told', async () => {
      world = await RuntimeWorld.open(place);
      await world.runtime.recover([]);
      const id = await world.start(['sleep', '1000']);
      process.kill(monitorOf(place, id), 'SIGKILL');
      assert.equal((await world.exitOf(id)).exitCode, 137);
      await world.runtime.delete(id);
    });

    it('the death of an adopted monitor is noticed, and one found dead means lost', async () => {
      const [adopted, dead] = [newId(), newId()];
      const args = ['sleep', '1000'];
      await abandon([
        { id: adopted, args, step: 'start' },
        { id: dead, args, step: 'start' },
      ]);
      process.kill(monitorOf(place, dead), 'SIGKILL');
      await eventually(() => assert.equal(isRunning(monitorOf(place, dead)), false));
      const findings = await recover([adopted, dead]);
      assert.equal(findings.get(dead)?.state, 'lost');
      process.kill(monitorOf(place, adopted), 'SIGKILL');
      assert.equal((await world!.exitOf(adopted)).exitCode, 137);
      await world!.runtime.delete(adopted);
    });

    const killPoints = Array.from({ length: name === 'crun' ? 12 : 4 }, (_, index) => index * 2);
    it('a daemon killed while it creates leaves nothing once the next one recovered', async () => {
      for (const delayMs of killPoints) {
        const orders = Array.from(
          { length: 20 },
          () => ({ id: newId(), args: ['sleep', '1000'], step: 'create' }) as const,
        );
        const owner = await startOwner(place, orders, 'open');
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        await killOwner(owner);
        await recover([]);
        await world?.close();
        world = undefined;
      }
    });
  });
}

const monitorOf = (place: Place, id: string): number => {
  const path = join(place.options.execRoot, 'containers', id, 'gantry.json');
  const record = JSON.parse(readFileSync(path, 'utf8')) as { monitor: { pid: number } };
  return record.monitor.pid;
};

const isRunning = (pid: number): boolean => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // Reaped.
    return false;
  }
};
