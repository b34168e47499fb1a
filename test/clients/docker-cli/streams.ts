import assert from 'node:assert/strict';
import { until } from '#test/support/clients/until.ts';
import type { Bench, Scenario } from './scenario.ts';

/** `logs`, `exec`, `attach`: bytes in and out of what runs already. */
export const STREAMS: readonly Scenario[] = [
  {
    title: 'logs shows both outputs, and their tail',
    run: async ({ docker, name, since }) => {
      await docker.says('run', '--name', name(), 'busybox', 'sh', '-c', 'seq 5; echo oh >&2');
      const { stdout, stderr } = await docker.run(['logs', name()]);
      assert.deepEqual({ stdout, stderr }, { stdout: '1\n2\n3\n4\n5\n', stderr: 'oh\n' });
      if (!since('1.13')) return;
      const tail = await docker.run(['logs', '--tail', '2', name()]);
      assert.equal(`${tail.stdout}${tail.stderr}`, '5\noh\n');
    },
  },
  {
    title: 'logs -t stamps each line',
    run: async ({ docker, name, since }) => {
      await docker.says('run', '--name', name(), 'busybox', 'seq', '2');
      const lines = (await docker.says('logs', '-t', name())).split('\n');
      assert.equal(lines.length, 2);
      for (const [at, line] of lines.entries())
        assert.match(line, since('1.13') ? /^\d{4}-\d\d-\d\dT[\d:.]+Z \d$/u : /^\[.+\] \d$/u, String(at));
    },
  },
  {
    title: 'logs -f goes on until the container ends',
    run: async ({ docker, name }) => {
      await docker.says('run', '-d', '-i', '--name', name(), 'busybox', 'sh', '-c', 'echo 1; read x; echo 2');
      await using follower = docker.start(['logs', '-f', name()]);
      await follower.shows(/1\n/u);
      await docker.run(['attach', '--sig-proxy=false', name()], 'go\n');
      assert.equal((await follower.outcome).stdout, '1\n2\n');
    },
  },
  {
    title: 'logs --since leaves out what is older',
    since: '1.19',
    run: async ({ docker, name }) => {
      await docker.says('run', '--name', name(), 'busybox', 'echo', 'old');
      assert.equal(await docker.says('logs', '--since', '2099-01-01T00:00:00Z', name()), '');
      assert.equal(await docker.says('logs', '--since', '1h', name()), 'old');
    },
  },
  {
    title: 'logs --until leaves out what is newer',
    since: '1.35',
    run: async ({ docker, name }) => {
      await docker.says('run', '--name', name(), 'busybox', 'echo', 'new');
      assert.equal(await docker.says('logs', '--until', '2001-01-01T00:00:00Z', name()), '');
    },
  },
  {
    title: 'logs of a container with a terminal are raw',
    run: async ({ docker, name }) => {
      await docker.says('run', '-d', '-t', '--name', name(), 'busybox', 'echo', 'raw');
      await docker.says('wait', name());
      assert.equal((await docker.run(['logs', name()])).stdout, 'raw\r\n');
    },
  },
  {
    title: 'exec prints, and its exit code is the command’s',
    since: '1.15',
    run: async (bench) => {
      const { docker, name } = await withSleeper(bench);
      const { code, stdout, stderr } = await docker.run([
        'exec',
        name(),
        'sh',
        '-c',
        'echo hi; echo oh >&2; exit 7',
      ]);
      assert.deepEqual({ code, stdout, stderr }, { code: 7, stdout: 'hi\n', stderr: 'oh\n' });
      assert.equal((await docker.run(['exec', name(), '/no/such'])).code, 127);
    },
  },
  {
    title: 'exec -i passes input on and its end too',
    since: '1.15',
    run: async (bench) => {
      const { docker, name } = await withSleeper(bench);
      assert.equal(
        (await docker.run(['exec', '-i', name(), 'wc', '-c'], 'y'.repeat(100_000))).stdout,
        '100000\n',
      );
    },
  },
  {
    title: 'exec -it gives a terminal that follows a resize',
    since: '1.16',
    run: async (bench) => {
      const { docker, name } = await withSleeper(bench);
      const { code } = await docker.onTerminal(
        ['exec', '-it', name(), 'sh'],
        [
          { resize: [25, 91], send: 'stty size\n', expect: '25 91', again: true },
          { resize: [44, 111], send: 'stty size\n', expect: '44 111', again: true },
          { send: 'exit 6\n' },
        ],
      );
      assert.equal(code, 6);
    },
  },
  {
    title: 'exec -d goes on by itself',
    since: '1.15',
    run: async (bench) => {
      const { docker, name } = await withSleeper(bench);
      await docker.says('exec', '-d', name(), 'sh', '-c', 'echo done >/mark');
      await until(
        async () => (await docker.run(['exec', name(), 'cat', '/mark'])).stdout === 'done\n',
        'the mark',
      );
    },
  },
  {
    title: 'exec -u is another user',
    since: '1.19',
    run: async (bench) => {
      const { docker, name } = await withSleeper(bench);
      assert.equal(await docker.says('exec', '-u', 'nobody', name(), 'id', '-u'), '65534');
    },
  },
  {
    title: 'exec -e and -w',
    since: '1.35',
    run: async (bench) => {
      const { docker, name } = await withSleeper(bench);
      const said = await docker.says('exec', '-e', 'A=b c', '-w', '/etc', name(), 'sh', '-c', 'echo $A $PWD');
      assert.equal(said, 'b c /etc');
    },
  },
  {
    title: 'exec --privileged has more capabilities',
    since: '1.19',
    run: async (bench) => {
      const { docker, name } = await withSleeper(bench);
      const read = ['sh', '-c', 'grep CapEff /proc/self/status'];
      const plain = await docker.says('exec', name(), ...read);
      assert.notEqual(await docker.says('exec', '--privileged', name(), ...read), plain);
    },
  },
  {
    title: 'exec where nothing runs is refused',
    since: '1.15',
    run: async ({ docker, name }) => {
      await docker.says('create', '--name', name(), 'busybox', 'true');
      assert.match(await docker.complains('exec', name(), 'true'), /is not running/u);
    },
  },
  {
    title: 'attach hears and is heard, and takes the exit code',
    run: async ({ docker, name }) => {
      await docker.says('run', '-di', '--name', name(), 'busybox', 'sh', '-c', 'read x; echo got $x; exit 9');
      await using attached = docker.start(['attach', name()]);
      attached.child.stdin.write('this\n'); // its end would be our leave: input outlives a client
      const { code, stdout } = await attached.outcome;
      assert.deepEqual({ code, stdout }, { code: 9, stdout: 'got this\n' });
    },
  },
  {
    title: 'ctrl-p ctrl-q detaches, and the container goes on',
    run: async ({ docker, name }) => {
      await docker.says('run', '-dit', '--name', name(), 'busybox', 'sh');
      await docker.onTerminal(
        ['attach', name()],
        [{ send: 'echo re""ady\n', expect: 'ready', again: true }, { send: '\u0010\u0011' }],
      );
      assert.equal(await docker.says('inspect', '-f', '{{.State.Running}}', name()), 'true');
    },
  },
  {
    title: '--detach-keys detaches from run, attach and exec',
    since: '1.22',
    run: async ({ docker, name }) => {
      const steps = [{ send: 'echo re""ady\n', expect: 'ready', again: true }, { send: '\u0018' }];
      const keys = ['--detach-keys', 'ctrl-x'];
      await docker.onTerminal(['run', '-it', ...keys, '--name', name(), 'busybox', 'sh'], steps);
      await docker.onTerminal(['attach', ...keys, name()], steps);
      await docker.onTerminal(['exec', '-it', ...keys, name(), 'sh'], steps);
      assert.equal(await docker.says('inspect', '-f', '{{.State.Running}}', name()), 'true');
    },
  },
  {
    title: 'attach passes signals on',
    run: async ({ docker, name }) => {
      const script = 'trap "echo caught; exit 8" TERM; while :; do echo tick; sleep 0.1; done';
      await docker.says('run', '-d', '--name', name(), 'busybox', 'sh', '-c', script);
      await using attached = docker.start(['attach', name()]);
      await attached.shows(/tick/u);
      attached.child.kill('SIGTERM');
      assert.match((await attached.outcome).stdout, /caught/u);
      assert.equal(await docker.says('wait', name()), '8');
    },
  },
];

const withSleeper = async (bench: Bench): Promise<Bench> => {
  await bench.docker.says('run', '-d', '--name', bench.name(), 'busybox', 'sleep', '1000');
  return bench;
};
