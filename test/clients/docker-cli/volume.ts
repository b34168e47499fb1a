import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scenario } from './scenario.ts';

/** Volumes: made, shared, refused, removed. */
export const VOLUME: readonly Scenario[] = [
  {
    title: 'volume create, ls, inspect and rm; one in use is kept',
    since: '1.23',
    run: async ({ docker, name }) => {
      assert.equal(await docker.says('volume', 'create', '--label', 'a=b', name('v')), name('v'));
      assert.equal(await docker.says('volume', 'ls', '-q', '-f', `name=${name('v')}`), name('v'));
      assert.equal(await docker.says('volume', 'ls', '-q', '-f', 'driver=nosuch'), '');
      const format = '{{.Driver}} {{.Labels.a}}';
      assert.equal(await docker.says('volume', 'inspect', '-f', format, name('v')), 'local b');
      const share = ['--name', name('c'), '-v', `${name('v')}:/data`];
      await docker.says('run', ...share, 'busybox', 'sh', '-c', 'echo kept > /data/file');
      assert.match(await docker.complains('volume', 'rm', name('v')), /volume is in use - \[[0-9a-f]{64}\]/u);
      const from = ['--rm', '--volumes-from', `${name('c')}:ro`, 'busybox'];
      assert.equal(await docker.says('run', ...from, 'cat', '/data/file'), 'kept');
      assert.match(await docker.complains('run', ...from, 'touch', '/data/x'), /Read-only file system/u);
      await docker.says('rm', '-v', name('c'));
      const dangling = ['-f', 'dangling=true', '-f', `name=${name('v')}`];
      assert.equal(await docker.says('volume', 'ls', '-q', ...dangling), name('v'));
      await docker.says('volume', 'rm', name('v'));
      assert.match(await docker.complains('volume', 'inspect', name('v')), /no such volume/iu);
    },
  },
  {
    title: 'volume create -o: memory of a size, a directory of the host; what cannot be is said',
    since: '1.25',
    run: async ({ docker, name, folder }) => {
      const memory = ['-o', 'type=tmpfs', '-o', 'device=tmpfs', '-o', 'o=size=1m,uid=1000'];
      await docker.says('volume', 'create', ...memory, name('m'));
      const format = '{{.Options.type}} {{.Options.device}} {{.Options.o}}';
      const inspected = await docker.says('volume', 'inspect', '-f', format, name('m'));
      assert.equal(inspected, 'tmpfs tmpfs size=1m,uid=1000');
      const run = ['run', '--rm', '-v', `${name('m')}:/data`, 'busybox', 'sh', '-c'];
      assert.match(await docker.says(...run, 'stat -c %u /data; df -k /data'), /^1000\n(?:.|\n)* 1024 /u);
      await docker.says(
        'volume',
        'create',
        '-o',
        'type=none',
        '-o',
        `device=${folder}`,
        '-o',
        'o=bind',
        name('b'),
      );
      const share = ['run', '--rm', '-v', `${name('b')}:/data`, 'busybox'];
      await docker.says(...share, 'sh', '-c', 'echo kept > /data/file');
      await docker.says('volume', 'rm', name('m'), name('b'));
      assert.equal(await readFile(join(folder, 'file'), 'utf8'), 'kept\n');
      const half = ['volume', 'create', '-o', 'type=tmpfs', name('x')];
      assert.match(await docker.complains(...half), /missing required option: "device"/u);
      assert.match(
        await docker.complains('volume', 'create', '-o', 'a=b', name('x')),
        /invalid option: "a"/u,
      );
      const gone = ['-o', 'type=none', '-o', `device=${folder}/nosuch`, '-o', 'o=bind'];
      await docker.says('volume', 'create', ...gone, name('g'));
      const fails = await docker.complains(
        'run',
        '--name',
        name(),
        '-v',
        `${name('g')}:/data`,
        'busybox',
        'true',
      );
      assert.match(
        fails,
        /failed to mount local volume: mount .*, flags: 0x1000: no such file or directory/u,
      );
      await docker.says('rm', name());
      await docker.says('volume', 'rm', name('g'));
    },
  },
  {
    title: 'system df counts images and volumes',
    since: '1.25',
    run: async ({ docker, name }) => {
      await docker.says('volume', 'create', name('v'));
      const said = await docker.says('system', 'df');
      for (const noun of ['Images', 'Local Volumes']) assert.match(said, new RegExp(`^${noun} +[1-9]`, 'mu'));
      assert.match(await docker.says('system', 'df', '-v'), new RegExp(`^${name('v')} +0 +0B`, 'mu'));
      await docker.says('volume', 'rm', name('v'));
    },
  },
];
