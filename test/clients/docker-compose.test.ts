import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { Program } from '#test/support/clients/program.ts';
import { TestDaemon } from '#test/support/daemon.ts';

const COMPOSE = '/usr/bin/docker-compose';

/** The first form of the file: no networks of its own, so all services stand on the default bridge. */
const FILE = `
web:
  image: busybox
  command: sh -c 'echo up; exec sleep 1000'
  environment:
    GREETING: hello
  ports:
    - "127.0.0.1::80"
worker:
  image: busybox
  command: sh -c 'echo working; exec sleep 1000'
  mem_limit: 64m
  labels:
    mark: worker
`;

const LINKED = `
db:
  image: busybox
  command: sh -c 'echo from the data > /data/index.html; exec httpd -f -p 80 -h /data'
  volumes:
    - /data
web:
  image: busybox
  command: sleep 1000
  links:
    - db:database
  volumes_from:
    - db
`;

const mounting = (folder: string): string => `
version: "2.4"
services:
  web:
    image: busybox
    network_mode: bridge
    command: sh -c 'df -k /memory; cat /shared/file; echo written > /shared/out; exec sleep 1000'
    volumes:
      - memory:/memory
      - shared:/shared
volumes:
  memory:
    driver_opts: { type: tmpfs, device: tmpfs, o: "size=1m,uid=1000" }
  shared:
    driver: local
    driver_opts: { type: none, device: ${folder}, o: bind }
`;

describe(
  'docker-compose 1.29',
  { skip: existsSync(COMPOSE) ? false : 'docker-compose is not installed' },
  () => {
    let daemon: TestDaemon;
    let compose: Program;

    before(async () => {
      daemon = await TestDaemon.start();
      await writeFile(`${daemon.folder}/docker-compose.yml`, FILE);
      compose = new Program(
        [COMPOSE, '-f', `${daemon.folder}/docker-compose.yml`, '-p', 'suite', '--no-ansi'],
        {
          DOCKER_HOST: `unix://${daemon.socket}`,
          HOME: daemon.folder,
        },
      );
    });
    after(() => daemon[Symbol.asyncDispose]());

    test('a project goes up, is looked at, and goes down', async () => {
      await compose.says('up', '-d');
      const ps = await compose.says('ps');
      assert.match(ps, /suite_web_1 .* Up .*127\.0\.0\.1:\d+->80\/tcp/u);
      assert.match(ps, /suite_worker_1 .* Up/u);
      assert.match(await compose.says('logs', 'web'), /up$/u);
      assert.match(await compose.says('port', 'web', '80'), /^127\.0\.0\.1:\d+$/u);
      assert.equal(await compose.says('exec', '-T', 'web', 'sh', '-c', 'echo $GREETING'), 'hello');
      await compose.says('up', '-d');
      await compose.says('up', '-d', '--scale', 'worker=2');
      assert.match(await compose.says('ps'), /suite_worker_2/u);
      await compose.says('restart', '-t', '0', 'web');
      await compose.says('pause', 'web');
      assert.match(await compose.says('ps'), /suite_web_1 .* Paused/u);
      await compose.says('unpause', 'web');
      await compose.says('stop', '-t', '0');
      assert.match(await compose.says('ps'), /suite_web_1 .* Exit 137/u);
      await compose.says('rm', '-f');
      assert.equal((await compose.says('ps', '-q')).trim(), '');
    });

    test('run starts one more of a service and takes its exit code', async () => {
      const { code, stdout } = await compose.run([
        'run',
        '--rm',
        '-T',
        'web',
        'sh',
        '-c',
        'echo one; exit 5',
      ]);
      assert.deepEqual({ code, stdout }, { code: 5, stdout: 'one\n' });
    });

    test('links and volumes of others; what has not changed is not made again', async () => {
      await writeFile(`${daemon.folder}/linked.yml`, LINKED);
      const environment = { DOCKER_HOST: `unix://${daemon.socket}`, HOME: daemon.folder };
      const file = ['-f', `${daemon.folder}/linked.yml`, '-p', 'linked', '--no-ansi'];
      const linked = new Program([COMPOSE, ...file], environment);
      await linked.says('up', '-d');
      const ids = await linked.says('ps', '-q');
      assert.equal(ids.split('\n').length, 2);
      const ask = ['exec', '-T', 'web', 'wget', '-q', '-O', '-', 'http://database/'];
      await until(
        async () => (await linked.run(ask)).stdout === 'from the data\n',
        'the other answers by its alias',
      );
      assert.equal(await linked.says('exec', '-T', 'web', 'cat', '/data/index.html'), 'from the data');
      await linked.says('up', '-d');
      assert.equal(await linked.says('ps', '-q'), ids);
      await linked.says('down', '-v', '-t', '0');
      assert.equal(await linked.says('ps', '-q'), '');
    });

    test('volumes with driver_opts are mounted, and the directory behind one outlives it', async () => {
      const folder = `${daemon.folder}/shared`;
      await mkdir(folder);
      await writeFile(`${folder}/file`, 'from the host');
      await writeFile(`${daemon.folder}/mounting.yml`, mounting(folder));
      const environment = { DOCKER_HOST: `unix://${daemon.socket}`, HOME: daemon.folder };
      const file = ['-f', `${daemon.folder}/mounting.yml`, '-p', 'mounting', '--no-ansi'];
      const mounts = new Program([COMPOSE, ...file], environment);
      await mounts.says('up', '-d');
      await until(
        async () => / 1024 (?:.|\n)*from the host/u.test(await mounts.says('logs', 'web')),
        'both are mounted',
      );
      const ids = await mounts.says('ps', '-q');
      await mounts.says('up', '-d');
      assert.equal(await mounts.says('ps', '-q'), ids);
      await mounts.says('down', '-v', '-t', '0');
      assert.equal(await readFile(`${folder}/out`, 'utf8'), 'written\n');
    });
  },
);
