import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import {
  eventually,
  leavePlace,
  makePlace,
  newId,
  readOutput,
  readUntil,
  RuntimeWorld,
  variants,
} from '#test/support/runtime/runtime-world.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

for (const { name, options } of variants) {
  describe(`exec by ${name}`, () => {
    const place = makePlace(options);
    let world: RuntimeWorld;
    let id: string;

    before(async () => {
      world = await RuntimeWorld.open(place);
      await world.runtime.recover([]);
      id = await world.start(['sleep', '1000']);
    });

    after(async () => {
      await world.runtime.delete(id);
      await world.close();
      await leavePlace(place);
    });

    it('streams come apart, the code comes last', async () => {
      const exec = await world.exec(id, ['sh', '-c', 'echo out; echo err >&2; exit 4']);
      assert.ok(exec.pid > 0);
      assert.deepEqual(await readOutput(exec.output), { stdout: 'out\n', stderr: 'err\n' });
      assert.deepEqual(await exec.exit, { exitCode: 4 });
    });

    it('has the user, folder and variables it was given', async () => {
      const exec = await world.exec(id, ['sh', '-c', 'id -u; id -g; id -G; pwd; echo $MARK'], {
        user: { uid: 1000, gid: 1001, additionalGids: [1002] },
        cwd: '/tmp',
        env: ['PATH=/bin', 'MARK=here'],
      });
      const { stdout } = await readOutput(exec.output);
      assert.equal(stdout, '1000\n1001\n1001 1002\n/tmp\nhere\n');
      await exec.exit;
    });

    it('has the capabilities it was given', async () => {
      const capsOf = async (capabilities: readonly string[]): Promise<string> => {
        const exec = await world.exec(id, ['grep', 'CapEff', '/proc/self/status'], { capabilities });
        return (await readOutput(exec.output)).stdout;
      };
      assert.equal(await capsOf(['CAP_CHOWN', 'CAP_KILL']), 'CapEff:\t0000000000000021\n');
      assert.equal(await capsOf([]), 'CapEff:\t0000000000000000\n');
    });

    it('input and its end reach the process; 20 MB go there and back', async () => {
      const input = Buffer.from(Array.from({ length: 20_000_000 }, (_, index) => (index * 31) >> 2));
      const exec = await world.exec(id, ['cat'], { attachStdin: true });
      const hash = createHash('sha256');
      const reading = (async () => {
        for await (const chunk of exec.output) hash.update(chunk.bytes);
      })();
      await exec.write(input);
      await exec.closeInput();
      await reading;
      assert.equal(hash.digest('hex'), createHash('sha256').update(input).digest('hex'));
      assert.deepEqual(await exec.exit, { exitCode: 0 });
    });

    it('without input the process reads its end at once', async () => {
      const exec = await world.exec(id, ['cat']);
      assert.deepEqual(await exec.exit, { exitCode: 0 });
    });

    it('writing to a process that closed its stdin does no harm', async () => {
      const exec = await world.exec(id, ['sh', '-c', 'exec <&-; sleep 0.05; exit 3'], { attachStdin: true });
      const writing = Promise.all([exec.write(Buffer.alloc(1_000_000)), exec.write(bytes('more'))]);
      assert.deepEqual(await exec.exit, { exitCode: 3 });
      await writing;
    });

    it('what cannot run ends with 127 or 126 and the words clients know', async () => {
      const failure = async (
        args: readonly string[],
        more = {},
      ): Promise<{ exitCode: number; error?: string }> => {
        const exec = await world.exec(id, args, more);
        assert.deepEqual(await readOutput(exec.output), { stdout: '', stderr: '' });
        return exec.exit;
      };
      const missing = await failure(['nope']);
      assert.equal(missing.exitCode, 127);
      assert.match(missing.error ?? '', /^exec: "nope": executable file not found in \$PATH/);
      const path = await failure(['/nope']);
      assert.equal(path.exitCode, 127);
      assert.match(path.error ?? '', /^exec: "\/nope": stat \/nope: no such file or directory/);
      const denied = await failure(['/bin/not-executable']);
      assert.equal(denied.exitCode, 126);
      assert.match(denied.error ?? '', /permission denied/);
      const folder = await failure(['true'], { cwd: '/nope' });
      assert.match(folder.error ?? '', /chdir to cwd/);
      assert.equal((await failure(['nope'], { tty: true })).exitCode, 127);
    });

    it('death by a signal is 128 + signal', async () => {
      const exec = await world.exec(id, ['sleep', '1000']);
      exec.kill(9);
      assert.equal((await exec.exit).exitCode, 137);
    });

    it('a process left in the background does not hold the end up', async () => {
      const exec = await world.exec(id, ['sh', '-c', 'sleep 1000 & echo started']);
      const reading = readOutput(exec.output);
      assert.deepEqual(await exec.exit, { exitCode: 0 });
      assert.equal((await reading).stdout, 'started\n');
    });

    it('a terminal has its size, is resized, and takes input', async () => {
      // crun hands the terminal out before it waits for anybody: the size may come a moment after the first step.
      const waitForSize = 'until [ "$(stty size 2>/dev/null)" = "30 90" ]; do sleep 0.01; done; echo sized';
      const script = `${waitForSize}; read line; stty size; echo "got $line"; exit 9`;
      const exec = await world.exec(id, ['sh', '-c', script], {
        tty: true,
        attachStdin: true,
        consoleSize: { rows: 30, columns: 90 },
      });
      const chunks = exec.output[Symbol.asyncIterator]();
      assert.match(await readUntil(chunks, 'sized'), /^sized/);
      await exec.resize({ rows: 41, columns: 121 });
      await exec.write(bytes('word\n'));
      assert.match(await readUntil(chunks, 'got word'), /41 121/);
      assert.deepEqual(await exec.exit, { exitCode: 9 });
    });

    it('a burst on a terminal is complete when the exit comes', async () => {
      const exec = await world.exec(id, ['seq', '1', '5000'], { tty: true });
      const { stdout } = await readOutput(exec.output);
      assert.equal(stdout.split('\r\n').length, 5001);
      assert.deepEqual(await exec.exit, { exitCode: 0 });
    });

    it('dies with its container', async () => {
      const other = await world.start(['sleep', '1000']);
      const exec = await world.exec(other, ['sleep', '1000']);
      await eventually(async () => assert.equal((await world.runtime.processes(other)).length, 2));
      await world.runtime.delete(other);
      assert.equal((await exec.exit).exitCode, 137);
      assert.equal(existsSync(`/proc/${exec.pid}`), false);
    });

    it('is refused where nothing runs', async () => {
      await assert.rejects(world.exec(newId(), ['true']), { kind: 'conflict', code: 'runtime.not-running' });
    });

    it('thirty at once all end with their own code', async () => {
      const run = async (code: number): Promise<void> => {
        const exec = await world.exec(id, ['sh', '-c', `echo ${code}; exit ${code}`]);
        const { stdout } = await readOutput(exec.output);
        assert.deepEqual([stdout, await exec.exit], [`${code}\n`, { exitCode: code }]);
      };
      await Promise.all(Array.from({ length: 30 }, (_, code) => run(code)));
    });
  });
}
