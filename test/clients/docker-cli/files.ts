import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, Scenario } from './scenario.ts';

const sleeper = async ({ docker, name }: Bench): Promise<void> => {
  await docker.says('run', '-d', '--name', name(), '-v', '/vol', 'busybox', 'sleep', '1000');
};

const shell = ({ docker, name }: Bench, command: string): Promise<string> =>
  docker.says('exec', name(), 'sh', '-c', command);

/** A tar made by the machine's own tar, and what it says of one. */
const tar = async (args: readonly string[], input?: Uint8Array): Promise<Buffer> => {
  const child = spawn('tar', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(input);
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => void parts.push(part));
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  return Buffer.concat(parts);
};

/** docker cp, diff, export and import. `cp` speaks of archives since API 1.20. */
export const FILES: readonly Scenario[] = [
  {
    title: 'cp takes a file into a container that runs and out again',
    since: '1.20',
    run: async (bench) => {
      const { docker, folder, name } = bench;
      await sleeper(bench);
      await writeFile(join(folder, 'in.txt'), 'words');
      await chmod(join(folder, 'in.txt'), 0o640);
      await docker.says('cp', join(folder, 'in.txt'), `${name()}:/vol/renamed`);
      assert.equal(await shell(bench, 'cat /vol/renamed; stat -c %a /vol/renamed'), 'words640');
      await docker.says('cp', `${name()}:/vol/renamed`, join(folder, 'out.txt'));
      assert.equal(await readFile(join(folder, 'out.txt'), 'utf8'), 'words');
    },
  },
  {
    title: 'cp of directories: into one that is there, as one that is not, and only the content',
    since: '1.20',
    run: async (bench) => {
      const { docker, folder, name } = bench;
      await docker.says('create', '--name', name(), 'busybox', 'true');
      await mkdir(join(folder, 'tree/deep'), { recursive: true });
      await writeFile(join(folder, 'tree/deep/leaf'), 'leaf');
      const source = join(folder, 'tree');
      await docker.says('cp', source, `${name()}:/tmp`);
      await docker.says('cp', source, `${name()}:/tmp/new`);
      await docker.says('cp', `${source}/.`, `${name()}:/root`);
      for (const path of ['/tmp/tree', '/tmp/new', '/root']) {
        const target = join(folder, path.replaceAll('/', '-'));
        await docker.says('cp', `${name()}:${path}/deep/leaf`, target);
        assert.equal(await readFile(target, 'utf8'), 'leaf');
      }
      await docker.says('cp', `${name()}:/tmp/tree`, join(folder, 'back'));
      assert.equal(await readFile(join(folder, 'back/deep/leaf'), 'utf8'), 'leaf');
    },
  },
  {
    title: 'cp with - reads and writes a tar',
    since: '1.20',
    run: async (bench) => {
      const { docker, folder, name } = bench;
      await docker.says('create', '--name', name(), 'busybox', 'true');
      await writeFile(join(folder, 'piece'), 'through a pipe');
      const input = await tar(['-C', folder, '-c', 'piece']);
      const put = await docker.run(['cp', '-', `${name()}:/tmp`], input);
      assert.equal(put.code, 0, put.stderr);
      const got = await docker.run(['cp', `${name()}:/tmp/piece`, '-']);
      assert.match(got.stdout, /^piece\0/);
      assert.match(got.stdout, /through a pipe/);
    },
  },
  {
    title: 'cp copies a link as a link, and with -L what it leads to',
    since: '1.20',
    run: async (bench) => {
      const { docker, folder, name } = bench;
      await sleeper(bench);
      await shell(bench, 'echo inside >/etc/target; ln -s /etc/target /tmp/link');
      await docker.says('cp', `${name()}:/tmp/link`, join(folder, 'as-link'));
      assert.equal(await readlink(join(folder, 'as-link')), '/etc/target');
      await docker.says('cp', '-L', `${name()}:/tmp/link`, join(folder, 'as-file'));
      assert.equal((await lstat(join(folder, 'as-file'))).isFile(), true);
      assert.equal(await readFile(join(folder, 'as-file'), 'utf8'), 'inside\n');
      await symlink('as-file', join(folder, 'local'));
      await docker.says('cp', '-L', join(folder, 'local'), `${name()}:/tmp/followed`);
      assert.equal(await shell(bench, 'cat /tmp/followed'), 'inside');
    },
  },
  {
    title: 'cp -a keeps owners within the user that the container runs as',
    since: '1.30',
    run: async (bench) => {
      const { docker, folder, name } = bench;
      await docker.says('run', '-d', '--name', name(), '-u', '1234:5678', 'busybox', 'sleep', '1000');
      await writeFile(join(folder, 'mine'), 'm');
      await docker.says('cp', '-a', join(folder, 'mine'), `${name()}:/tmp/mine`);
      assert.equal(await shell(bench, 'stat -c %u:%g /tmp/mine'), '1234:5678');
    },
  },
  {
    title: 'cp refuses what is missing, a directory over a file and a read-only root',
    since: '1.20',
    run: async (bench) => {
      const { docker, folder, name } = bench;
      await docker.says('create', '--name', name(), '--read-only', '-v', '/vol', 'busybox', 'true');
      const missing = await docker.run(['cp', `${name()}:/no/such`, folder]);
      assert.equal(missing.code, 1);
      assert.match(missing.stderr, /Could not find the file \/no\/such in container|No such container:path/);
      await writeFile(join(folder, 'x'), 'x');
      const refused = await docker.run(['cp', join(folder, 'x'), `${name()}:/tmp/x`]);
      assert.match(refused.stderr, /container rootfs is marked read-only/);
      await docker.says('cp', join(folder, 'x'), `${name()}:/vol/x`);
      const over = await docker.run(['cp', folder, `${name()}:/vol/x`]);
      assert.notEqual(over.code, 0);
    },
  },
  {
    title: 'diff lists what was added, changed and deleted',
    run: async ({ docker, name }) => {
      const script = 'echo n >/root/new; echo more >>/etc/passwd; rm /etc/group';
      await docker.says('run', '--name', name(), 'busybox', 'sh', '-c', script);
      assert.equal(
        await docker.says('diff', name()),
        'C /etc\nD /etc/group\nC /etc/passwd\nC /root\nA /root/new',
      );
      await docker.says('create', '--name', name('fresh'), 'busybox', 'true');
      assert.equal(await docker.says('diff', name('fresh')), '');
    },
  },
  {
    title: 'what export writes, import makes an image of',
    run: async ({ docker, name, folder }) => {
      const script = 'echo kept >/root/kept; ln /root/kept /root/twin; echo lost >/vol/lost';
      await docker.says('run', '--name', name(), '-v', '/vol', 'busybox', 'sh', '-c', script);
      const file = join(folder, 'root.tar');
      await docker.says('export', '-o', file, name());
      const names = (await tar(['-t'], await readFile(file))).toString().split('\n');
      assert.equal(
        names.includes('root/kept') && names.includes('vol/') && !names.includes('vol/lost'),
        true,
      );
      const image = `${name('image').toLowerCase()}:1`;
      await docker.says('import', file, image);
      const says = ['run', '--rm', '--name', name('again'), image, 'sh', '-c', 'cat /root/twin; ls /vol'];
      assert.equal(await docker.says(...says), 'kept');
      await docker.says('rmi', image);
    },
  },
];
