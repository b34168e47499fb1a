import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { until } from '#test/support/clients/until.ts';
import { makeTar } from '#test/support/test-image.ts';
import type { Scenario } from './scenario.ts';

/** `ps`, `inspect`, `events`, `info`, `version`. */
export const LISTING: readonly Scenario[] = [
  {
    title: 'ps filters by status and exit code, and counts with -n',
    since: '1.18',
    run: async ({ docker, name }) => {
      await docker.says('run', '-d', '--name', name('up'), 'busybox', 'sleep', '1000');
      await docker.run(['run', '--name', name('down'), 'busybox', 'sh', '-c', 'exit 77']);
      const list = async (...args: string[]) =>
        (await docker.says('ps', '-a', '--format', '{{.Names}}', ...args))
          .split('\n')
          .filter((each) => each.startsWith(name('')));
      assert.deepEqual(await list('--filter', 'status=running'), [name('up')]);
      assert.deepEqual(await list('--filter', 'status=exited'), [name('down')]);
      assert.deepEqual(await list('--filter', 'exited=77'), [name('down')]);
      assert.deepEqual(await list(), [name('down'), name('up')]);
      assert.equal((await docker.says('ps', '-n', '1', '-q')).split('\n').length, 1);
    },
  },
  {
    title: 'ps filters by id, name, image and neighbour',
    since: '1.22',
    run: async ({ docker, name }) => {
      const first = await docker.says('create', '--name', name('a'), 'busybox');
      await docker.says('create', '--name', name('b'), 'busybox');
      const list = (...filters: string[]) =>
        docker.says('ps', '-a', '--format', '{{.Names}}', ...filters.flatMap((each) => ['--filter', each]));
      assert.equal(await list(`id=${first.slice(0, 20)}`), name('a'));
      assert.equal(await list(`name=^/${name('b')}$`), name('b'));
      assert.equal(await list(`name=${name('')}`, 'ancestor=busybox'), `${name('b')}\n${name('a')}`);
      assert.equal(await list(`name=${name('')}`, `before=${name('b')}`), name('a'));
      assert.equal(await list(`name=${name('')}`, `since=${name('a')}`), name('b'));
      assert.equal(await list(`name=${name('')}`, 'status=created'), `${name('b')}\n${name('a')}`);
    },
  },
  {
    title: 'ps shows command, state and name; -s the size',
    run: async ({ docker, name }) => {
      await docker.says('run', '--name', name(), 'busybox', 'sh', '-c', 'echo 12345 >/file');
      const format = '{{.Names}}|{{.Status}}|{{.Size}}';
      const lines = (await docker.says('ps', '-a', '-s', '--format', format)).split('\n');
      const line = lines.find((each) => each.startsWith(`${name()}|`)) ?? '';
      assert.match(line, /\|Exited \(0\) .* ago\|[1-9]\d*B/u);
    },
  },
  {
    title: 'inspect of several, of none and by template',
    run: async ({ docker, name }) => {
      await docker.says('create', '--name', name(), '-e', 'A=1', 'busybox', 'sleep', '5');
      const [{ Config, Name }] = JSON.parse(await docker.says('inspect', name())) as [
        { Name: string; Config: { Env: string[]; Cmd: string[] } },
      ];
      assert.equal(Name, `/${name()}`);
      assert.ok(Config.Env.includes('A=1'));
      assert.deepEqual(Config.Cmd, ['sleep', '5']);
      assert.match(await docker.complains('inspect', '--type', 'container', name('nobody')), /No such/u);
      assert.equal(await docker.says('inspect', '--type', 'image', '-f', '{{.Os}}', 'busybox'), 'linux');
    },
  },
  {
    title: 'events tells a life in order and ends at --until',
    since: '1.22',
    run: async ({ docker, name }) => {
      await using events = docker.start([
        'events',
        '--since',
        '1h',
        '--filter',
        `container=${name()}`,
        '--format',
        '{{.Action}}',
      ]);
      await docker.says('run', '--name', name(), 'busybox', 'true');
      await docker.says('rm', name());
      await events.shows(/destroy/u);
      const seen = events.stdout.trim().split('\n');
      const order = ['create', 'start', 'die', 'destroy'];
      assert.deepEqual(
        seen.filter((each) => order.includes(each)),
        order,
      );
    },
  },
  {
    title: 'events filters by type, action and image, and what is past can be asked for',
    since: '1.22',
    run: async ({ docker, name }) => {
      await docker.says('run', '--name', name(), 'busybox', 'true');
      const now = (Date.now() / 1000).toFixed(3); // a duration would be cut to whole seconds
      const ask = (...filters: string[]) =>
        docker.says(
          'events',
          '--since',
          '1h',
          '--until',
          now,
          '--format',
          '{{.Type}} {{.Action}}',
          ...filters.flatMap((each) => ['--filter', each]),
        );
      assert.equal(await ask(`container=${name()}`, 'event=start'), 'container start');
      assert.equal(await ask(`container=${name()}`, 'type=network', 'event=pull'), '');
      const dies = await ask('image=busybox', `container=${name()}`, 'event=die');
      assert.equal(dies, 'container die');
    },
  },
  {
    title: 'events of old: one line of status, id and image',
    run: async ({ docker, name, since }) => {
      await using events = docker.start(['events', '--since', '1h']);
      await docker.says('run', '--name', name(), 'busybox', 'true');
      const id = await docker.says('inspect', '-f', '{{.Id}}', name());
      await until(() => events.stdout.includes(`die`) && events.stdout.includes(id), 'its end');
      assert.match(events.stdout, since('1.22') ? /container start/u : /start/u);
    },
  },
  {
    title: 'info knows the machine',
    since: '1.19',
    run: async ({ docker }) => {
      const { code, stdout } = await docker.run(['info']);
      assert.equal(code, 0);
      assert.match(stdout, /Storage Driver: \S+/u);
      assert.match(stdout, /Server Version: \S+/u);
    },
  },
  {
    title: 'version shows both sides',
    run: async ({ docker, column }) => {
      const format = '{{.Client.APIVersion}} {{.Server.APIVersion}} {{.Server.Version}}';
      const [client, server, version] = (await docker.says('version', '-f', format)).split(' ');
      if (column.version !== undefined) assert.equal(client, column.version);
      assert.equal(server, '1.51');
      assert.match(version ?? '', /^\d+\.\d+\.\d+/u);
    },
  },
  {
    title: 'port tells the published ports',
    run: async ({ docker, name }) => {
      await docker.says('run', '-d', '--name', name(), '-p', '127.0.0.1::80', 'busybox', 'sleep', '1000');
      assert.match(await docker.says('port', name()), /^80\/tcp -> 127\.0\.0\.1:\d+$/u);
      assert.match(await docker.says('port', name(), '80'), /^127\.0\.0\.1:\d+$/u);
    },
  },
  {
    title: 'container prune and image prune take what has the label and is not used',
    since: '1.25',
    run: async ({ docker, name, folder }) => {
      const label = `pruned=${name()}`;
      await docker.says('create', '--name', name('gone'), '--label', label, 'busybox', 'true');
      await docker.says('run', '-d', '--name', name('runs'), '--label', label, 'busybox', 'sleep', '1000');
      const id = await docker.says('inspect', '-f', '{{.Id}}', name('gone'));
      assert.ok((await docker.says('container', 'prune', '-f', '--filter', `label=${label}`)).includes(id));
      assert.equal(await docker.says('inspect', '-f', '{{.State.Status}}', name('runs')), 'running');
      assert.match(await docker.complains('inspect', '--type', 'container', name('gone')), /No such/iu);
      const tar = path.join(folder, 'image.tar');
      await writeFile(tar, await makeTar({ file: name() }));
      await docker.says('import', '--change', `LABEL ${label}`, tar, name('image'));
      const dangling = await docker.says('image', 'prune', '-f', '--filter', `label=${label}`);
      assert.equal(dangling, 'Total reclaimed space: 0B');
      const all = await docker.says('image', 'prune', '-a', '-f', '--filter', `label=${label}`);
      assert.match(all, /^untagged: /mu);
      assert.match(all, /^deleted: sha256:/mu);
    },
  },
];
