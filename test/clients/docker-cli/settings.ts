import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import type { Bench, Scenario } from './scenario.ts';

/** What `run` can set for a container, seen from inside it. */
export const SETTINGS: readonly Scenario[] = [
  {
    title: '-v binds a folder and a file, read-only on request',
    run: async ({ docker, folder }) => {
      await writeFile(`${folder}/in`, 'from the host');
      const script = 'cat /there/in; echo back >/there/out; echo x >/fixed/in || echo refused';
      const said = await inside({ docker }, ['-v', `${folder}:/there`, '-v', `${folder}:/fixed:ro`], script);
      assert.equal(said, 'from the hostrefused');
      assert.equal(await readFile(`${folder}/out`, 'utf8'), 'back\n');
    },
  },
  {
    title: '-v of a folder that is not there makes it',
    run: async ({ docker, folder }) => {
      assert.equal(await inside({ docker }, ['-v', `${folder}/new/deep:/d`], 'touch /d/x; ls /d'), 'x');
    },
  },
  {
    title: '--volumes-from shares the volumes of another',
    run: async ({ docker, name, folder }) => {
      await docker.says(
        'run',
        '--name',
        name(),
        '-v',
        `${folder}:/shared`,
        'busybox',
        'touch',
        '/shared/mark',
      );
      assert.equal(await inside({ docker }, ['--volumes-from', name()], 'ls /shared'), 'mark');
    },
  },
  {
    title: 'an anonymous volume holds what the image had there, and goes with rm -v',
    run: async ({ docker, name }) => {
      await docker.says('run', '--name', name(), '-v', '/etc', 'busybox', 'touch', '/etc/mark');
      const format = '{{range .Mounts}}{{.Source}}{{end}}';
      assert.match(await docker.says('inspect', '-f', format, name()), /^\//u);
      assert.match(await inside({ docker }, ['--volumes-from', name()], 'ls /etc'), /^mark$/mu);
      await docker.says('rm', '-v', name());
    },
    since: '1.20',
  },
  {
    title: '--mount type=bind and type=tmpfs',
    since: '1.30',
    run: async ({ docker, folder }) => {
      const mounts = [
        '--mount',
        `type=bind,src=${folder},dst=/b,ro`,
        '--mount',
        'type=tmpfs,dst=/t,tmpfs-size=1m',
      ];
      const said = await inside({ docker }, mounts, 'grep -E " /(b|t) " /proc/mounts | cut -d" " -f2,4');
      assert.match(said, /^\/b ro,/mu);
      assert.match(said, /^\/t rw.*size=1024k/mu);
    },
  },
  {
    title: '--tmpfs mounts memory with the options asked for',
    run: async ({ docker }) => {
      const said = await inside({ docker }, ['--tmpfs', '/t:size=1m,mode=700'], 'grep " /t " /proc/mounts');
      assert.match(said, /^tmpfs \/t tmpfs rw,nosuid,nodev,noexec,.*size=1024k,mode=700/u);
    },
  },
  {
    title: '--read-only keeps the root as it is',
    run: async ({ docker }) => {
      const said = await inside(
        { docker },
        ['--read-only', '--tmpfs', '/t'],
        'touch /x || echo no; touch /t/x && echo yes',
      );
      assert.equal(said, 'no\nyes');
    },
  },
  {
    title: '--cap-add and --cap-drop change what the process may do',
    run: async ({ docker }) => {
      const read = 'grep CapEff /proc/self/status | cut -f2';
      const [plain, more, less, none] = await Promise.all([
        inside({ docker }, [], read),
        inside({ docker }, ['--cap-add', 'NET_ADMIN'], read),
        inside({ docker }, ['--cap-drop', 'CHOWN'], read),
        inside({ docker }, ['--cap-drop', 'ALL'], read),
      ]);
      assert.equal(BigInt(`0x${more}`), BigInt(`0x${plain}`) | (1n << 12n));
      assert.equal(BigInt(`0x${less}`), BigInt(`0x${plain}`) & ~1n);
      assert.equal(BigInt(`0x${none}`), 0n);
    },
  },
  {
    title: '--privileged may do what the daemon may',
    run: async ({ docker }) => {
      const said = await inside(
        { docker },
        ['--privileged'],
        'grep -E "CapEff|Seccomp:" /proc/self/status | cut -f2',
      );
      const [capabilities = '0', seccomp] = said.split('\n');
      const own = /^CapEff:\t(.*)$/mu.exec(await readFile('/proc/self/status', 'utf8'))?.[1] ?? '';
      assert.equal(BigInt(`0x${capabilities}`), BigInt(`0x${own}`));
      assert.equal(seccomp, '0');
    },
  },
  {
    title: '--security-opt no-new-privileges',
    run: async ({ docker, since }) => {
      const option = since('1.22') ? 'no-new-privileges' : 'no-new-privileges:true';
      assert.equal(
        await inside({ docker }, ['--security-opt', option], 'grep NoNewPrivs /proc/self/status | cut -f2'),
        '1',
      );
    },
  },
  {
    title: '--security-opt seccomp=unconfined',
    run: async ({ docker }) => {
      const read = 'grep Seccomp: /proc/self/status | cut -f2';
      assert.equal(await inside({ docker }, [], read), '2');
      assert.equal(await inside({ docker }, ['--security-opt', 'seccomp=unconfined'], read), '0');
    },
  },
  {
    title: '--ulimit within what the daemon has',
    run: async ({ docker }) => {
      assert.equal(
        await inside({ docker }, ['--ulimit', 'nofile=100:200'], 'ulimit -n; ulimit -Hn'),
        '100\n200',
      );
    },
  },
  {
    title: '-m and -c reach the control groups',
    run: async ({ docker }) => {
      const said = await inside({ docker }, ['-m', '64m', '-c', '512'], READ_LIMITS);
      assert.match(said, /^memory 67108864$/mu);
      assert.match(said, /^(?:shares 512|weight 20)$/mu);
    },
  },
  {
    title: '--pids-limit reaches the control group',
    since: '1.23',
    run: async ({ docker }) => {
      assert.match(await inside({ docker }, ['--pids-limit', '50'], READ_LIMITS), /^pids 50$/mu);
    },
  },
  {
    title: '--cpus reaches the control group',
    since: '1.25',
    run: async ({ docker }) => {
      assert.match(await inside({ docker }, ['--cpus', '0.5'], READ_LIMITS), /^quota 50000/mu);
    },
  },
  {
    title: '--init is the first process and reaps',
    since: '1.25',
    run: async ({ docker }) => {
      assert.equal(await inside({ docker }, ['--init'], 'test $$ != 1 && echo child'), 'child');
    },
  },
  {
    title: '--shm-size',
    run: async ({ docker }) => {
      assert.match(
        await inside({ docker }, ['--shm-size', '8m'], 'grep /dev/shm /proc/mounts'),
        /size=8192k/u,
      );
    },
  },
  {
    title: '--sysctl net.*',
    run: async ({ docker }) => {
      const said = await inside(
        { docker },
        ['--sysctl', 'net.core.somaxconn=333'],
        'cat /proc/sys/net/core/somaxconn',
      );
      assert.equal(said, '333');
    },
  },
  {
    title: '--device gives a node another name',
    run: async ({ docker }) => {
      const said = await inside(
        { docker },
        ['--device', '/dev/null:/dev/nix'],
        'echo gone >/dev/nix; ls -l /dev/nix',
      );
      assert.match(said, /^crw.* 1, +3 /u);
    },
  },
  {
    title: '--pid host, --ipc host, --uts host share what the machine has',
    run: async ({ docker }) => {
      const links = async (option: string[], kind: string) =>
        inside({ docker }, option, `readlink /proc/self/ns/${kind}`);
      for (const kind of ['pid', 'ipc', 'uts']) {
        const [own, shared] = await Promise.all([links([], kind), links([`--${kind}`, 'host'], kind)]);
        assert.notEqual(own, shared);
      }
    },
  },
  {
    title: '--pid container: and --ipc container: join another',
    since: '1.40',
    run: async ({ docker, name }) => {
      await docker.says('run', '-d', '--name', name(), '--ipc', 'shareable', 'busybox', 'sleep', '1000');
      for (const kind of ['pid', 'ipc']) {
        const there = await docker.says('exec', name(), 'readlink', `/proc/1/ns/${kind}`);
        const joined = await inside(
          { docker },
          [`--${kind}`, `container:${name()}`],
          `readlink /proc/self/ns/${kind}`,
        );
        assert.equal(joined, there);
      }
      await docker.says('exec', name(), 'touch', '/dev/shm/mark');
      assert.equal(await inside({ docker }, ['--ipc', `container:${name()}`], 'ls /dev/shm'), 'mark');
      await docker.says('run', '-d', '--name', name('own'), 'busybox', 'sleep', '1000');
      const refused = await docker.complains(
        'run',
        '--rm',
        '--ipc',
        `container:${name('own')}`,
        'busybox',
        'true',
      );
      assert.match(refused, /non-shareable IPC/u);
    },
  },
  {
    title: '--group-add and -u with a group',
    run: async ({ docker }) => {
      assert.equal(
        await inside({ docker }, ['-u', '1000:1001', '--group-add', '1002'], 'id -u; id -g; id -G'),
        '1000\n1001\n1001 1002',
      );
    },
  },
  {
    title: '--log-opt max-size and max-file are kept, and the newest lines are there',
    since: '1.18',
    run: async ({ docker, name }) => {
      const options = ['--log-opt', 'max-size=10k', '--log-opt', 'max-file=2'];
      await docker.bytes('run', '--name', name(), ...options, 'busybox', 'seq', '2999');
      const lines = (await docker.says('logs', name())).split('\n');
      assert.equal(lines.at(-1), '2999');
      const config = await docker.says('inspect', '-f', '{{json .HostConfig.LogConfig.Config}}', name());
      assert.deepEqual(JSON.parse(config), { 'max-size': '10k', 'max-file': '2' });
    },
  },
  {
    title: '--log-driver none keeps nothing',
    run: async ({ docker, name }) => {
      await docker.says('run', '--name', name(), '--log-driver', 'none', 'busybox', 'echo', 'x');
      const { stdout, stderr } = await docker.run(['logs', name()]);
      assert.equal(stdout, '');
      assert.match(stderr, /does not support reading|is supported only/u);
    },
  },
  {
    title: '-e without a value takes ours, --env-file too',
    run: async ({ docker, folder }) => {
      await writeFile(`${folder}/env`, 'FROM_FILE=one\n# no\n');
      const said = await inside(
        { docker: docker.with({ OURS: 'two' }) },
        ['-e', 'OURS', '--env-file', `${folder}/env`],
        'echo $FROM_FILE $OURS',
      );
      assert.equal(said, 'one two');
    },
  },
  {
    title: '--oom-score-adj and --cpuset-cpus',
    run: async ({ docker }) => {
      const script = 'cat /proc/self/oom_score_adj; grep Cpus_allowed_list /proc/self/status | cut -f2';
      assert.equal(
        await inside({ docker }, ['--oom-score-adj', '500', '--cpuset-cpus', '0'], script),
        '500\n0',
      );
    },
  },
];

/** Both layouts of control groups. */
const READ_LIMITS = [
  'cd /sys/fs/cgroup',
  'echo memory $(cat memory.max memory/memory.limit_in_bytes 2>/dev/null)',
  'echo pids $(cat pids.max pids/pids.max 2>/dev/null)',
  'echo quota $(cat cpu.max cpu/cpu.cfs_quota_us 2>/dev/null)',
  'test -e cpu.weight && echo weight $(cat cpu.weight) || echo shares $(cat cpu/cpu.shares)',
].join('; ');

const inside = (
  { docker }: Pick<Bench, 'docker'>,
  options: readonly string[],
  script: string,
): Promise<string> => docker.says('run', '--rm', ...options, 'busybox', 'sh', '-c', script);
