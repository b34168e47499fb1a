import assert from 'node:assert/strict';
import type { Bench, Scenario } from './scenario.ts';

const MIB = 1024 * 1024;

const sleeper = async ({ docker, name }: Bench, ...options: string[]): Promise<void> => {
  await docker.says('run', '-d', '--name', name(), ...options, 'busybox', 'sleep', '1000');
};

/** What runs, what it uses, and other limits for it. */
export const WATCH: readonly Scenario[] = [
  {
    title: 'top shows the processes, by the columns of ps -ef and by others',
    run: async (bench) => {
      const { docker, name } = bench;
      await sleeper(bench);
      const usual = await docker.says('top', name());
      assert.match(usual, /^UID +PID +PPID +C +STIME +TTY +TIME +CMD\n/);
      assert.match(usual, /sleep 1000$/);
      const chosen = await docker.says('top', name(), '-o', 'pid,args');
      assert.match(chosen, /^PID +COMMAND\n\d+ +sleep 1000$/);
    },
  },
  {
    title: 'top of a container that does not run is refused',
    run: async ({ docker, name }) => {
      await docker.says('create', '--name', name(), 'busybox', 'true');
      assert.match(await docker.complains('top', name()), /is not running/);
    },
  },
  {
    title: 'stats --no-stream tells limit, memory and processes',
    since: '1.21',
    run: async (bench) => {
      const { docker, name } = bench;
      await sleeper(bench, '--memory', '64m');
      const said = await docker.says('stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}}', name());
      assert.match(said, new RegExp(`^${name()} \\S+ / 64MiB$`));
    },
  },
  {
    title: 'update changes limits and restart policy',
    since: '1.23',
    run: async (bench) => {
      const { docker, name } = bench;
      await sleeper(bench, '--memory', '64m');
      await docker.says('update', '--memory', '32m', '--restart', 'on-failure:3', name());
      const format = '{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}';
      assert.equal(await docker.says('inspect', '--format', format, name()), `${32 * MIB} on-failure`);
      assert.match(
        await docker.complains('update', '--memory', '4g', name()),
        /already set memoryswap limit/,
      );
    },
  },
  {
    title: 'commit makes an image that runs with what was changed',
    run: async (bench) => {
      const { docker, name } = bench;
      await sleeper(bench);
      await docker.says('exec', name(), 'sh', '-c', 'echo kept >/made; rm /etc/group');
      const image = `committed/${name()}-${bench.column.tool}:${bench.column.version ?? 'new'}`;
      const changes = bench.since('1.19')
        ? ['--change', 'ENV COLOUR=blue', '-c', 'CMD ["cat", "/made"]']
        : [];
      await docker.says('commit', '-m', 'words', '-a', 'somebody', ...changes, name(), image);
      const command = changes.length === 0 ? ['cat', '/made'] : [];
      assert.equal(await docker.says('run', '--rm', image, ...command), 'kept');
      assert.equal(
        await docker.says('run', '--rm', image, 'sh', '-c', 'ls /etc/group 2>&1 || true'),
        'ls: /etc/group: No such file or directory',
      );
      if (changes.length > 0)
        assert.equal(await docker.says('run', '--rm', image, 'sh', '-c', 'echo $COLOUR'), 'blue');
      await docker.says('rmi', image);
    },
  },
];
