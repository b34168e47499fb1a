import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { TestDaemon } from '#test/support/daemon.ts';
import { create, inspect, list, readLog, removeAll, run, wait } from '#test/support/faults/containers.ts';
import { assertNoLeaks, assertRecordsMatch, residentBytes } from '#test/support/faults/machine.ts';
import { until } from '#test/support/network/until.ts';

const MEGABYTE = 1024 * 1024;

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon[Symbol.asyncDispose]());
afterEach(async () => {
  await removeAll(daemon);
  await assertRecordsMatch(daemon);
  await assertNoLeaks(daemon);
});

const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Runtimes and monitors at work for this daemon. */
const programsOf = ({ execRoot }: TestDaemon): { pid: number; program: string }[] =>
  readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      if (!args.some((word) => word.startsWith(`${execRoot}/`))) return [];
      return [{ pid: Number(name), program: basename(args[0] ?? '') }];
    } catch {
      return [];
    }
  });

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was quicker.
  }
};

describe('kill -9 during a start', () => {
  for (const victim of ['crun', 'conmon'] as const)
    it(`of ${victim}: the start fails or the container ends, and it can be started again`, async () => {
      for (let round = 0; round < 8; round += 1) {
        const id = await create(daemon, 'exec sleep 600');
        let isOver = false;
        const started = daemon.client.json('POST', `/containers/${id}/start`).then(
          () => (isOver = true),
          () => (isOver = true),
        );
        // Whatever is there at any moment of it.
        for (let killed = 0; !isOver && killed === 0; await pause(0)) {
          const victims = programsOf(daemon).filter(({ program }) => program === victim);
          for (const { pid } of victims) kill(pid);
          killed = victims.length;
        }
        await started;
        await until(async () =>
          ['created', 'exited', 'running'].includes((await inspect(daemon, id)).State.Status),
        );
        const { State } = await inspect(daemon, id);
        if (State.Running) await daemon.client.json('POST', `/containers/${id}/kill`);
        await until(async () => !(await inspect(daemon, id)).State.Running);
        await daemon.client.json('POST', `/containers/${id}/start`);
        assert.equal((await inspect(daemon, id)).State.Running, true);
        await removeAll(daemon);
      }
    });
});

describe('a container that attacks its runtime', () => {
  it('cannot write to the runtime’s program by /proc/self/exe (the class of CVE-2019-5736)', async () => {
    const crun = '/usr/bin/crun';
    const known = digest(crun);
    const id = await run(
      daemon,
      `printf '#!/proc/self/exe\\n' > /bin/trap; chmod 755 /bin/trap; own=$(readlink /proc/self/exe); echo ready
       while :; do for p in /proc/[0-9]*; do
         exe=$(readlink $p/exe) || continue
         [ "$exe" = "$own" ] && continue
         (echo seen $exe; exec 3>>$p/exe && echo HELD && printf pwned >&3 && echo WROTE) 2>&1
       done; done`,
    );
    await until(async () => (await readLog(daemon, id)).stdout.includes('ready'));
    for (let round = 0; round < 20; round += 1) {
      const { Id } = await daemon.client.json<{ Id: string }>('POST', `/containers/${id}/exec`, {
        body: { Cmd: ['/bin/trap'] },
      });
      await daemon.client
        .json('POST', `/exec/${Id}/start`, { body: { Detach: true } })
        .catch(() => undefined);
    }
    assert.equal(digest(crun), known);
    assert.doesNotMatch((await readLog(daemon, id)).stdout, /WROTE/);
  });

  it('does not turn masks and the console into writes to the kernel (the class of CVE-2025-31133, 52565)', async () => {
    const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
    const links = `ln -sf /proc/sys/kernel/core_pattern /dev/null; ln -sf /proc/sys/kernel/core_pattern /dev/console; ls /dev`;
    const binds = ['devices:/mnt'];
    const maker = await run(daemon, links.replaceAll('/dev', '/mnt'), { HostConfig: { Binds: binds } });
    assert.equal(await wait(daemon, maker), 0);
    for (const Tty of [true, false]) {
      const id = await create(
        daemon,
        'echo pwned > /dev/null; echo pwned > /dev/console; echo pwned > /proc/sys/kernel/core_pattern; cat /proc/timer_list | head -c 10',
        { Tty, HostConfig: { Binds: ['devices:/dev'] } },
      );
      // Refused by the runtime, or run behind its walls.
      await daemon.client.json('POST', `/containers/${id}/start`).catch(() => undefined);
      await until(async () => !(await inspect(daemon, id)).State.Running);
      assert.equal(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'), pattern);
    }
    await removeAll(daemon);
    await daemon.client.json('DELETE', '/volumes/devices');
  });

  it('forks up to its limit and no further; others are served', async () => {
    const id = await run(daemon, 'bomb() { bomb | bomb & }; bomb; while :; do :; done', {
      HostConfig: { PidsLimit: 50, NanoCpus: 300_000_000 },
    });
    const other = await run(daemon, 'exit 3');
    assert.equal(await wait(daemon, other), 3);
    const { Pid } = (await inspect(daemon, id)).State;
    assert.ok(Pid > 0);
    await daemon.client.json('POST', `/containers/${id}/kill`);
    assert.equal((await inspect(daemon, id)).State.Running, false);
  });
});

describe('a client that floods a process which does not read', () => {
  for (const kind of ['attach', 'exec'] as const)
    it(`by ${kind}: memory is bounded, others are served`, async () => {
      const id = await run(daemon, 'exec sleep 600', { OpenStdin: true });
      const open = async (): ReturnType<typeof daemon.client.hijack> => {
        if (kind === 'attach') return daemon.client.hijack(`/containers/${id}/attach?stream=1&stdin=1`);
        const { Id } = await daemon.client.json<{ Id: string }>('POST', `/containers/${id}/exec`, {
          body: { Cmd: ['sleep', '600'], AttachStdin: true, AttachStdout: true },
        });
        return daemon.client.hijack(`/exec/${Id}/start`, { body: {} });
      };
      const { stream } = await open();
      stream.on('error', () => undefined);
      const resident = residentBytes(daemon.pid);
      const piece = Buffer.alloc(MEGABYTE);
      let isFull = false;
      for (let sent = 0; sent < 200 && !isFull; sent += 1) {
        isFull = !stream.write(piece) && stream.writableLength > 64 * MEGABYTE;
        await pause(2);
      }
      await daemon.client.json('GET', '/info');
      assert.equal((await list(daemon)).length, 1);
      const growth = residentBytes(daemon.pid) - resident;
      assert.ok(growth < 48 * MEGABYTE, `the daemon grew by ${Math.round(growth / MEGABYTE)} MB`);
      stream.destroy();
    });
});
