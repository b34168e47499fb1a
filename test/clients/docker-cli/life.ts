import assert from 'node:assert/strict';
import { until } from '#test/support/clients/until.ts';
import type { Bench, Scenario } from './scenario.ts';

/** From start to removal: signals, pauses, names, waiting. */
export const LIFE: readonly Scenario[] = [
  {
    title: 'wait answers the exit code, of one that runs and of one that has ended',
    run: async ({ docker, name }) => {
      await docker.says('run', '-di', '--name', name(), 'busybox', 'sh', '-c', 'read x; exit 11');
      await using waiting = docker.start(['wait', name()]);
      await docker.run(['attach', name()], 'end\n');
      assert.equal((await waiting.outcome).stdout, '11\n');
      assert.equal(await docker.says('wait', name()), '11');
    },
  },
  {
    title: 'kill -s sends that signal',
    run: async ({ docker, name, since }) => {
      const script = 'trap "echo usr1" USR1; echo ready; while :; do sleep 0.05; done';
      await docker.says('run', '-d', '--name', name(), 'busybox', 'sh', '-c', script);
      await until(async () => (await docker.says('logs', name())) === 'ready', 'the trap');
      await docker.says('kill', '-s', 'USR1', name());
      await until(async () => (await docker.says('logs', name())).endsWith('usr1'), 'the signal');
      await docker.says('kill', name());
      assert.equal(await docker.says('wait', name()), '137');
      if (since('1.20')) assert.match(await docker.complains('kill', name()), /is not running/u);
    },
  },
  {
    title: 'stop asks, then kills after -t; a second stop is no error',
    run: async ({ docker, name }) => {
      const script = 'trap "exit 21" TERM; echo ready; while :; do sleep 0.05; done';
      await docker.says('run', '-d', '--name', name('a'), 'busybox', 'sh', '-c', script);
      await until(async () => (await docker.says('logs', name('a'))) === 'ready', 'the trap');
      await docker.says('stop', '-t', '20', name('a'));
      assert.equal(await docker.says('wait', name('a')), '21');
      await docker.says('stop', '-t', '20', name('a'));
      await docker.says('run', '-d', '--name', name('b'), 'busybox', 'sleep', '1000');
      await docker.says('stop', '-t', '0', name('b'));
      assert.equal(await docker.says('wait', name('b')), '137');
    },
  },
  {
    title: '--stop-signal is the one that stop sends',
    since: '1.21',
    run: async ({ docker, name }) => {
      const script = 'trap "exit 22" USR2; echo ready; while :; do sleep 0.05; done';
      await docker.says(
        'run',
        '-d',
        '--stop-signal',
        'USR2',
        '--name',
        name(),
        'busybox',
        'sh',
        '-c',
        script,
      );
      await until(async () => (await docker.says('logs', name())) === 'ready', 'the trap');
      await docker.says('stop', '-t', '20', name());
      assert.equal(await docker.says('wait', name()), '22');
    },
  },
  {
    title: 'restart runs the same container anew',
    run: async ({ docker, name }) => {
      await docker.says('run', '-d', '--name', name(), 'busybox', 'sh', '-c', 'echo up; exec sleep 1000');
      await docker.says('restart', '-t', '0', name());
      await until(async () => (await docker.says('logs', name())) === 'up\nup', 'the second start');
      assert.equal(await docker.says('inspect', '-f', '{{.State.Running}}', name()), 'true');
    },
  },
  {
    title: 'pause stands still, unpause goes on',
    run: async (bench) => {
      const { docker, name } = await withSleeper(bench);
      await docker.says('pause', name());
      assert.equal(await docker.says('inspect', '-f', '{{.State.Paused}}', name()), 'true');
      assert.match(await docker.says('ps', '--filter', `name=${name()}`), /\(Paused\)/u);
      assert.match(await docker.complains('pause', name()), /already paused/u);
      await docker.says('unpause', name());
      assert.equal(await docker.says('inspect', '-f', '{{.State.Paused}}', name()), 'false');
    },
  },
  {
    title: 'rename gives another name and frees the old one',
    since: '1.17',
    run: async ({ docker, name }) => {
      await docker.says('create', '--name', name('a'), 'busybox', 'true');
      await docker.says('rename', name('a'), name('b'));
      assert.equal(await docker.says('inspect', '-f', '{{.Name}}', name('b')), `/${name('b')}`);
      await docker.says('create', '--name', name('a'), 'busybox', 'true');
      assert.match(await docker.complains('rename', name('a'), name('b')), /already in use/u);
    },
  },
  {
    title: 'rm refuses what runs, rm -f does not; several at once',
    run: async (bench) => {
      const { docker, name } = await withSleeper(bench);
      assert.match(await docker.complains('rm', name()), /remove a running container|container is running/u);
      await docker.says('create', '--name', name('d'), 'busybox');
      assert.equal(await docker.says('rm', '-f', name(), name('d')), `${name()}\n${name('d')}`);
      assert.match(await docker.complains('rm', name()), /No such container/u);
    },
  },
  {
    title: '--restart on-failure:2 tries two times more',
    since: '1.18',
    run: async ({ docker, name }) => {
      const script = 'echo try; exit 3';
      await docker.says(
        'run',
        '-d',
        '--restart',
        'on-failure:2',
        '--name',
        name(),
        'busybox',
        'sh',
        '-c',
        script,
      );
      await until(async () => (await docker.says('logs', name())) === 'try\ntry\ntry', 'three tries');
      const format = '{{.RestartCount}} {{.State.Running}} {{.State.ExitCode}}';
      await until(
        async () => (await docker.says('inspect', '-f', format, name())) === '2 false 3',
        'its end',
      );
    },
  },
  {
    title: 'a name that is a prefix of an id, and a short id, find the container',
    run: async (bench) => {
      const { docker, name } = await withSleeper(bench);
      const id = await docker.says('inspect', '-f', '{{.Id}}', name());
      assert.equal(await docker.says('inspect', '-f', '{{.Name}}', id.slice(0, 12)), `/${name()}`);
      assert.match(await docker.complains('start', name('nobody')), /no such/iu);
    },
  },
  {
    title: 'a container that was stopped starts again with what it wrote',
    run: async ({ docker, name }) => {
      const script = 'echo x >>/count; wc -l </count';
      await docker.says('run', '--name', name(), 'busybox', 'sh', '-c', script);
      assert.equal(await docker.says('start', '-a', name()), '2');
    },
  },
  {
    title: 'an ended container tells its code and times',
    run: async ({ docker, name }) => {
      await docker.run(['run', '--name', name(), 'busybox', 'false']);
      const format = '{{.State.Running}} {{.State.ExitCode}} {{.State.StartedAt}} {{.State.FinishedAt}}';
      assert.match(await docker.says('inspect', '-f', format, name()), /^false 1 20\d\d-\S+Z 20\d\d-\S+Z$/u);
    },
  },
];

const withSleeper = async (bench: Bench): Promise<Bench> => {
  await bench.docker.says('run', '-d', '--name', bench.name(), 'busybox', 'sleep', '1000');
  return bench;
};
