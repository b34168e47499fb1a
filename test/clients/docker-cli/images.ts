import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { makeTar } from '#test/support/test-image.ts';
import type { Bench, Scenario } from './scenario.ts';

/** Images without a registry: names, removal, archives. */
export const IMAGES: readonly Scenario[] = [
  {
    title: 'import makes an image of a tar, with changes, and it runs',
    run: async (bench) => {
      const { docker, since } = bench;
      const id = await importImage(bench, 'made', since('1.18') ? ['--change', 'ENV A=b'] : []);
      assert.match(id, /^(?:sha256:)?[0-9a-f]{64}$/u);
      const env = await docker.says(
        'inspect',
        '--type',
        'image',
        '-f',
        '{{.Config.Env}}',
        bench.name('made'),
      );
      if (since('1.18')) assert.equal(env, '[A=b]');
      const { code } = await docker.run(['run', '--rm', bench.name('made'), '/nothing']);
      assert.equal(code, 127);
    },
  },
  {
    title: 'tag gives another name; rmi takes one away, the last one takes the image',
    run: async (bench) => {
      const { docker, name } = bench;
      const id = await importImage(bench, 'one');
      await docker.says('tag', name('one'), `${name('two')}:v2`);
      assert.equal(await docker.says('inspect', '--type', 'image', '-f', '{{.Id}}', `${name('two')}:v2`), id);
      assert.equal(await docker.says('rmi', `${name('two')}:v2`), `Untagged: ${name('two')}:v2`);
      const gone = await docker.says('rmi', name('one'));
      assert.match(gone, new RegExp(`^Untagged: ${name('one')}:latest$`, 'mu'));
      assert.match(gone, new RegExp(`^Deleted: ${id}$`, 'mu'));
      assert.match(await docker.complains('rmi', name('one')), /No such image/iu);
    },
  },
  {
    title: 'rmi refuses what a container uses; -f takes the name all the same',
    run: async (bench) => {
      const { docker, name } = bench;
      await importImage(bench, 'used');
      await docker.says('create', '--name', name(), name('used'), '/x');
      assert.match(await docker.complains('rmi', name('used')), /conflict/iu);
      assert.match(await docker.says('rmi', '-f', name('used')), /^Untagged: /mu);
      assert.match(
        await docker.says('ps', '-a', '--no-trunc', '--format', '{{.Names}} {{.Image}}'),
        new RegExp(name(), 'u'),
      );
    },
  },
  {
    title: 'save and load keep id, name and content',
    run: async (bench) => {
      const { docker, name, folder } = bench;
      const id = await importImage(bench, 'kept');
      const archive = await docker.bytes('save', name('kept'));
      await docker.says('rmi', name('kept'));
      const { code, stderr } = await docker.run(['load'], archive);
      assert.equal(code, 0, stderr);
      assert.equal(await docker.says('inspect', '--type', 'image', '-f', '{{.Id}}', name('kept')), id);
      await writeFile(`${folder}/archive.tar`, archive);
      await docker.says('load', '-i', `${folder}/archive.tar`);
    },
  },
  {
    title: 'save of two names loads as two names',
    since: '1.15',
    run: async (bench) => {
      const { docker, name, folder } = bench;
      await importImage(bench, 'a');
      await importImage(bench, 'b');
      await docker.says('save', '-o', `${folder}/two.tar`, name('a'), name('b'));
      await docker.says('rmi', name('a'), name('b'));
      await docker.says('load', '-i', `${folder}/two.tar`);
      assert.match(await docker.says('images', '-q', name('a')), /^[0-9a-f]{12}$/u);
      assert.match(await docker.says('images', '-q', name('b')), /^[0-9a-f]{12}$/u);
    },
  },
  {
    title: 'images lists, by name too; -q and --no-trunc',
    run: async (bench) => {
      const { docker, name } = bench;
      const id = await importImage(bench, 'listed');
      const lines = await docker.says('images', '--format', '{{.Repository}}:{{.Tag}}');
      assert.match(lines, /^busybox:latest$/mu);
      assert.match(lines, new RegExp(`^${name('listed')}:latest$`, 'mu'));
      assert.equal(await docker.says('images', '-q', '--no-trunc', name('listed')), id);
    },
  },
  {
    title: 'images filters by label, dangling, before, since and reference',
    since: '1.25',
    run: async (bench) => {
      const { docker, name } = bench;
      const mark = `LABEL mark=${name()}`;
      await importImage(bench, 'first', ['--change', mark]);
      await importImage(bench, 'second', ['--change', mark]);
      const list = async (...filters: string[]) => {
        const args = filters.flatMap((each) => ['--filter', each]);
        return (await docker.says('images', '--format', '{{.Repository}}', ...args)).split('\n').toSorted();
      };
      const label = `label=mark=${name()}`;
      assert.deepEqual(await list(label), [name('first'), name('second')]);
      assert.deepEqual(await list(label, `since=${name('first')}`), [name('second')]);
      assert.deepEqual(await list(label, `before=${name('second')}`), [name('first')]);
      assert.deepEqual(await list(label, `reference=${name('sec')}*`), [name('second')]);
      assert.deepEqual(await list(label, 'dangling=true'), ['']);
    },
  },
  {
    title: 'history tells how an image came about',
    run: async ({ docker }) => {
      const lines = (await docker.says('history', '--no-trunc', 'busybox')).split('\n');
      assert.match(lines[0] ?? '', /^IMAGE/u);
      assert.ok(lines.length >= 2);
    },
  },
  {
    title: 'an image’s defaults: command, environment, user, folder, volumes and ports',
    since: '1.20',
    run: async (bench) => {
      const { docker, name } = bench;
      const changes = ['ENV A=b', 'USER 7', 'WORKDIR /w', 'CMD ["one", "two"]', 'EXPOSE 8080', 'VOLUME /v'];
      await importImage(
        bench,
        'full',
        changes.flatMap((change) => ['--change', change]),
      );
      await docker.says('create', '--name', name(), name('full'));
      const format =
        '{{.Config.Env}} {{.Config.User}} {{.Config.WorkingDir}} {{.Config.Cmd}} {{.Config.ExposedPorts}} {{range .Mounts}}{{.Destination}}{{end}}';
      assert.equal(
        await docker.says('inspect', '-f', format, name()),
        '[A=b] 7 /w [one two] map[8080/tcp:{}] /v',
      );
    },
  },
];

/** Imports a tar nobody else has, under a name of the scenario's own; answers the image's id. */
export const importImage = async (
  { docker, name }: Bench,
  suffix: string,
  options: readonly string[] = [],
): Promise<string> => {
  const tar = await makeTar({ content: randomBytes(16).toString('hex') });
  const { code, stdout, stderr } = await docker.run(['import', ...options, '-', name(suffix)], tar);
  assert.equal(code, 0, stderr);
  return stdout.trim().split('\n').at(-1) ?? '';
};
