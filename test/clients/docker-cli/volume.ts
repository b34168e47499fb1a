import assert from 'node:assert/strict';
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
      assert.equal(await docker.says('volume', 'ls', '-q', '-f', 'dangling=true'), name('v'));
      await docker.says('volume', 'rm', name('v'));
      assert.match(await docker.complains('volume', 'inspect', name('v')), /no such volume/iu);
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
