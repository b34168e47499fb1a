import assert from 'node:assert/strict';
import { until } from '#test/support/clients/until.ts';
import type { Scenario } from './scenario.ts';

/** `run`: what is started, with whom it talks, how it ends. */
export const RUNNING: readonly Scenario[] = [
  {
    title: 'run prints what the command prints, on both outputs',
    run: async ({ docker }) => {
      const { code, stdout, stderr } = await docker.run([
        'run',
        '--rm',
        'busybox',
        'sh',
        '-c',
        'echo hi; echo oh >&2',
      ]);
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'hi\n', stderr: 'oh\n' });
    },
  },
  {
    title: 'run -i passes input on and its end too',
    run: async ({ docker }) => {
      const { code, stdout } = await docker.run(
        ['run', '-i', '--rm', 'busybox', 'wc', '-c'],
        'x'.repeat(300_000),
      );
      assert.deepEqual({ code, stdout: stdout.trim() }, { code: 0, stdout: '300000' });
    },
  },
  {
    title: 'run -i hears what is said after its input has ended',
    run: async ({ docker }) => {
      const script = 'cat >/dev/null; echo after; exit 3';
      const { code, stdout } = await docker.run(['run', '-i', '--rm', 'busybox', 'sh', '-c', script], 'gone');
      assert.deepEqual({ code, stdout }, { code: 3, stdout: 'after\n' });
    },
  },
  {
    title: 'run -i -a stdin passes input on, and the container ends by itself',
    run: async ({ docker, name }) => {
      const { code } = await docker.run(
        ['run', '-i', '-a', 'stdin', '--name', name(), 'busybox', 'cat'],
        'x\n',
      );
      assert.equal(code, 0);
      assert.equal(await docker.says('wait', name()), '0');
      assert.equal(await docker.says('logs', name()), 'x');
    },
  },
  {
    title: 'run -it gives a terminal of the size of ours, and it follows a resize',
    run: async ({ docker }) => {
      const { code } = await docker.onTerminal(
        ['run', '-it', '--rm', 'busybox', 'sh'],
        [
          { resize: [31, 97], send: 'stty size\n', expect: '31 97', again: true },
          { resize: [40, 120], send: 'stty size\n', expect: '40 120', again: true },
          { send: 'exit 5\n' },
        ],
      );
      assert.equal(code, 5);
    },
  },
  {
    title: 'run -d answers with the id, and the container goes on',
    run: async ({ docker, name }) => {
      const id = await docker.says('run', '-d', '--name', name(), 'busybox', 'sleep', '1000');
      assert.match(id, /^[0-9a-f]{64}$/);
      assert.equal(await docker.says('inspect', '-f', '{{.Id}} {{.State.Running}}', name()), `${id} true`);
    },
  },
  {
    title: 'the exit code of run is the command’s, 126 or 127 when it cannot be run, 125 when we refuse',
    run: async ({ docker, name }) => {
      const codes = await Promise.all(
        [
          ['busybox', 'sh', '-c', 'exit 42'],
          ['busybox', '/etc/passwd'],
          ['busybox', '/no/such/thing'],
          ['--net', `container:${name('nobody')}`, 'busybox', 'true'],
        ].map(async (args) => (await docker.run(['run', '--rm', ...args])).code),
      );
      assert.deepEqual(codes, [42, 126, 127, 125]);
    },
  },
  {
    title: 'a name is taken once',
    run: async ({ docker, name }) => {
      await docker.says('create', '--name', name(), 'busybox', 'true');
      const { code, stderr } = await docker.run(['run', '--name', name(), 'busybox', 'true']);
      assert.equal(code, 125);
      assert.match(stderr, new RegExp(`Conflict.*${name()}.*already (?:in use|assigned)`, 'su'));
    },
  },
  {
    title: 'an image that is nowhere ends run with 125',
    run: async ({ docker }) => {
      const { code, stderr } = await docker.run(['run', '--rm', '127.0.0.1:1/nothing:here', 'true']);
      assert.equal(code, 125);
      assert.match(stderr, /127\.0\.0\.1:1/u);
    },
  },
  {
    title: 'create, start -a and start -ai',
    run: async ({ docker, name }) => {
      await docker.says('create', '--name', name('a'), 'busybox', 'sh', '-c', 'echo out; exit 4');
      const started = await docker.run(['start', '-a', name('a')]);
      assert.deepEqual([started.code, started.stdout], [4, 'out\n']);
      await docker.says('create', '-i', '--name', name('b'), 'busybox', 'cat');
      assert.equal((await docker.run(['start', '-ai', name('b')], 'word')).stdout, 'word');
    },
  },
  {
    title: 'run --rm leaves nothing behind',
    run: async ({ docker, name }) => {
      await docker.says('run', '--rm', '--name', name('a'), 'busybox', 'true');
      assert.match(await docker.complains('inspect', '--type', 'container', name('a')), /No such/u);
      assert.doesNotMatch(await docker.says('ps', '-a'), new RegExp(name('a'), 'u'));
    },
  },
  {
    title: 'run -d --rm goes by itself when it ends',
    since: '1.25',
    run: async ({ docker, name }) => {
      await docker.says('run', '-d', '--rm', '--name', name(), 'busybox', 'sleep', '1000');
      await docker.says('kill', name());
      await until(
        async () => (await docker.run(['inspect', '--type', 'container', name()])).code !== 0,
        'removal',
      );
    },
  },
  {
    title: 'cidfile, environment, user, folder, host name, label and entry point arrive',
    run: async ({ docker, folder }) => {
      const script = 'echo $GREETING $(id -u) $PWD $(hostname)';
      const said = await docker.says(
        'run',
        '--rm',
        '--cidfile',
        `${folder}/cid`,
        '-e',
        'GREETING=hello',
        '-u',
        '65534',
        '-w',
        '/tmp',
        '-h',
        'box',
        '--entrypoint',
        'sh',
        'busybox',
        '-c',
        script,
      );
      assert.equal(said, 'hello 65534 /tmp box');
    },
  },
  {
    title: 'labels are kept and filter',
    since: '1.18',
    run: async ({ docker, name }) => {
      await docker.says('create', '--name', name(), '-l', `mark=${name()}`, '-l', 'bare', 'busybox');
      const format = '{{index .Config.Labels "mark"}}|{{index .Config.Labels "bare"}}';
      assert.equal(await docker.says('inspect', '-f', format, name()), `${name()}|`);
      const listed = await docker.says(
        'ps',
        '-a',
        '--filter',
        `label=mark=${name()}`,
        '--format',
        '{{.Names}}',
      );
      assert.equal(listed, name());
    },
  },
];
