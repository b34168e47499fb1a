import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { readFrames } from '#formats/stdcopy/read-frames.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { anyMoment, openChance } from '#test/support/faults/chance.ts';
import {
  create,
  inspect,
  list,
  readLog,
  remove,
  removeAll,
  run,
  wait,
} from '#test/support/faults/containers.ts';
import { assertNoLeaks, assertRecordsMatch } from '#test/support/faults/machine.ts';
import { until } from '#test/support/network/until.ts';
import { freePort } from '#test/support/registry.ts';

const ROUNDS = 6;

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon[Symbol.asyncDispose]());

const reboot = async (): Promise<void> => {
  await daemon.kill();
  await daemon.boot();
};

const clean = async (): Promise<void> => {
  await removeAll(daemon);
  await assertRecordsMatch(daemon);
  await assertNoLeaks(daemon);
};

/** A step that may be cut off anywhere: what it answers does not count. */
const cutOff = async (work: readonly Promise<unknown>[], kill: () => Promise<void>): Promise<void> => {
  const settled = Promise.allSettled(work);
  await kill();
  await settled;
};

describe('kill -9 of the daemon', () => {
  it('during create: a container is there whole or not at all, and its name is free', async (context) => {
    const chance = openChance(context);
    for (let round = 0; round < ROUNDS; round += 1) {
      const names = Array.from({ length: 4 }, (_, number) => `c${round}-${number}`);
      await cutOff(
        names.map((name) => create(daemon, 'true', { Volumes: { '/data': {} } }, name)),
        async () => {
          await anyMoment(chance, 60);
          await reboot();
        },
      );
      await assertRecordsMatch(daemon);
      const left = new Set((await list(daemon)).flatMap(({ Names }) => Names));
      for (const name of names) {
        if (!left.has(`/${name}`)) await create(daemon, 'true', {}, name);
        await daemon.client.json('POST', `/containers/${name}/start`);
        assert.equal(await wait(daemon, name), 0);
      }
      await removeAll(daemon);
    }
    await clean();
  });

  it('between create and start, and during start: it runs whole or can be started', async (context) => {
    const chance = openChance(context);
    for (let round = 0; round < ROUNDS; round += 1) {
      const ids = await Promise.all(
        Array.from({ length: 4 }, () => create(daemon, 'echo begun; exec sleep 600')),
      );
      await cutOff(
        ids.map((id) => daemon.client.json('POST', `/containers/${id}/start`)),
        async () => {
          await anyMoment(chance, 120);
          await reboot();
        },
      );
      await assertRecordsMatch(daemon);
      for (const id of ids) {
        const { State } = await inspect(daemon, id);
        if (!State.Running) await daemon.client.json('POST', `/containers/${id}/start`);
        await until(async () => (await readLog(daemon, id)).stdout === 'begun\n');
      }
      await removeAll(daemon);
    }
    await clean();
  });

  it('during stop: each has ended, or runs and can be stopped', async (context) => {
    const chance = openChance(context);
    for (let round = 0; round < ROUNDS; round += 1) {
      const ids = await Promise.all(
        Array.from({ length: 3 }, () =>
          run(daemon, 'trap "exit 3" TERM; echo up; while :; do sleep 0.05; done'),
        ),
      );
      for (const id of ids) await until(async () => (await readLog(daemon, id)).stdout === 'up\n');
      await cutOff(
        ids.map((id) => daemon.client.json('POST', `/containers/${id}/stop`, { query: { t: 5 } })),
        async () => {
          await anyMoment(chance, 150);
          await reboot();
        },
      );
      await assertRecordsMatch(daemon);
      for (const id of ids) {
        await daemon.client.json('POST', `/containers/${id}/stop`, { query: { t: 5 } });
        assert.equal((await inspect(daemon, id)).State.ExitCode, 3);
      }
      await removeAll(daemon);
    }
    await clean();
  });

  it('during rm: it is gone, or whole and can be removed', async (context) => {
    const chance = openChance(context);
    for (let round = 0; round < ROUNDS; round += 1) {
      const ids = await Promise.all(
        Array.from({ length: 4 }, (_, number) =>
          run(daemon, number % 2 === 0 ? 'exec sleep 600' : 'true', { Volumes: { '/data': {} } }),
        ),
      );
      await cutOff(
        ids.map((id) => remove(daemon, id)),
        async () => {
          await anyMoment(chance, 80);
          await reboot();
        },
      );
      await assertRecordsMatch(daemon);
      await clean();
    }
  });

  it('during exec: the execs end, the container goes on', async (context) => {
    const chance = openChance(context);
    const id = await run(daemon, 'exec sleep 600');
    const { State } = await inspect(daemon, id);
    for (let round = 0; round < ROUNDS; round += 1) {
      const execs = Array.from({ length: 3 }, () => runExec(id, ['sh', '-c', 'echo hi; sleep 600']));
      await cutOff(execs, async () => {
        await anyMoment(chance, 100);
        await reboot();
      });
      await assertRecordsMatch(daemon);
      assert.equal((await inspect(daemon, id)).State.Pid, State.Pid);
      assert.equal(await runExec(id, ['echo', 'after']), 'after\n');
    }
    await clean();
  });

  it('while twenty run and log: nothing is missing, nothing twice, stdio, codes and ports live on', async (context) => {
    const chance = openChance(context);
    const port = await freePort();
    const lines = 4000;
    const talkers = await Promise.all(
      Array.from({ length: 16 }, (_, number) =>
        run(
          daemon,
          `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo $i; [ $((i%20)) = 0 ] && usleep 4000; done; exit ${number}`,
        ),
      ),
    );
    const cats = await Promise.all(
      Array.from({ length: 3 }, () => run(daemon, 'exec cat', { OpenStdin: true, AttachStdin: true })),
    );
    const web = await run(
      daemon,
      'while :; do printf "HTTP/1.0 200 OK\\r\\nConnection: close\\r\\n\\r\\nhello" | nc -l -p 80 >/dev/null; done',
      {
        ExposedPorts: { '80/tcp': {} },
        HostConfig: { PortBindings: { '80/tcp': [{ HostPort: String(port) }] } },
      },
    );
    for (let round = 0; round < 3; round += 1) {
      await anyMoment(chance, 200);
      await reboot();
      for (const cat of cats) assert.equal(await echo(cat, `round ${round}\n`), `round ${round}\n`);
      await until(async () => (await fetchText(port)) === 'hello');
    }
    for (const [number, id] of talkers.entries()) {
      assert.equal(await wait(daemon, id), number);
      const { stdout } = await readLog(daemon, id);
      assert.equal(stdout, Array.from({ length: lines }, (_, line) => `${line + 1}\n`).join(''));
    }
    await remove(daemon, web);
    await clean();
  });

  it('restart policies hold over it', async () => {
    const always = await run(daemon, 'exec sleep 600', { HostConfig: { RestartPolicy: { Name: 'always' } } });
    const stopped = await run(daemon, 'exec sleep 600', {
      HostConfig: { RestartPolicy: { Name: 'unless-stopped' } },
    });
    const forgotten = await run(daemon, 'sleep 0.2', { HostConfig: { AutoRemove: true } });
    const retries = await run(daemon, 'exit 9', {
      HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
    });
    await daemon.client.json('POST', `/containers/${stopped}/stop`, { query: { t: 0 } });
    const { State } = await inspect(daemon, always);
    await daemon.kill();
    process.kill(State.Pid, 'SIGKILL');
    await daemon.boot();
    await until(async () => {
      const now = await inspect(daemon, always);
      return now.State.Running && now.State.Pid !== State.Pid;
    });
    assert.equal((await inspect(daemon, stopped)).State.Running, false);
    await until(async () => (await list(daemon)).every(({ Id }) => Id !== forgotten));
    await until(async () => {
      const now = await inspect(daemon, retries);
      return now.State.Status === 'exited' && now.RestartCount === 3 && now.State.ExitCode === 9;
    });
    await clean();
  });
});

const runExec = async (id: string, command: readonly string[]): Promise<string> => {
  const { Id } = await daemon.client.json<{ Id: string }>('POST', `/containers/${id}/exec`, {
    body: { Cmd: command, AttachStdout: true, AttachStderr: true },
  });
  const { stream } = await daemon.client.hijack(`/exec/${Id}/start`, { body: { Detach: false, Tty: false } });
  let text = '';
  for await (const { bytes } of readFrames(stream)) text += Buffer.from(bytes).toString();
  return text;
};

/** Writes to a `cat` and reads what comes back. */
const echo = async (id: string, line: string): Promise<string> => {
  const { stream } = await daemon.client.hijack(`/containers/${id}/attach`, {
    query: { stream: 1, stdin: 1, stdout: 1, stderr: 1 },
  });
  stream.write(line);
  try {
    let text = '';
    for await (const { bytes } of readFrames(stream)) {
      text += Buffer.from(bytes).toString();
      if (text.length >= line.length) break;
    }
    return text;
  } finally {
    stream.destroy();
  }
};

const fetchText = async (port: number): Promise<string> => {
  try {
    const request = get({ host: '127.0.0.1', port, agent: false });
    const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
    return Buffer.concat(await Array.fromAsync(response)).toString();
  } catch {
    // The server is between two connections.
    return '';
  }
};
