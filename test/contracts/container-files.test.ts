import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createContainerFiles } from '#adapters/host-files/create-container-files.ts';
import { isEngineError } from '#domain/error/engine-error.ts';

describe('ContainerFiles on the host', () => {
  const dataRoot = mkdtempSync(join(tmpdir(), 'gantry-files-'));
  const files = createContainerFiles({ dataRoot });
  after(() => rmSync(dataRoot, { recursive: true }));

  it('are written, and rewritten in the same inode', async () => {
    const paths = await files.write('c1', { hosts: 'a long first text\n', hostname: 'one\n' });
    assert.deepEqual(paths, files.paths('c1'));
    const { ino } = statSync(paths.hosts);
    await files.write('c1', { hosts: 'short\n' });
    assert.equal(readFileSync(paths.hosts, 'utf8'), 'short\n');
    assert.equal(statSync(paths.hosts).ino, ino);
    assert.equal(statSync(paths.hosts).mode & 0o777, 0o644);
    assert.equal(readFileSync(paths.hostname, 'utf8'), 'one\n');
    assert.equal(existsSync(paths.resolvConf), false);
  });

  it('are removed, also when there are none', async () => {
    await files.write('c2', { hosts: '' });
    await files.remove('c2');
    await files.remove('c2');
    assert.equal(existsSync(files.paths('c2').hosts), false);
    await assert.rejects(files.remove('..'), (error) => isEngineError(error, 'invalid'));
  });

  it('tell what a bind source is', async () => {
    const directory = join(dataRoot, 'kinds');
    mkdirSync(directory);
    writeFileSync(join(directory, 'file'), '');
    symlinkSync(directory, join(directory, 'link'));
    assert.equal(await files.hostKind(join(directory, 'file')), 'file');
    assert.equal(await files.hostKind(join(directory, 'link')), 'directory');
    assert.equal(await files.hostKind('/dev/null'), 'other');
    assert.equal(await files.hostKind(join(directory, 'none')), undefined);
    assert.equal(await files.hostKind(join(directory, 'file', 'below')), undefined);
  });

  it('make a directory for a bind source, and read files of the host', async () => {
    const path = join(dataRoot, 'made', 'deep');
    await files.makeHostDirectory(path);
    await files.makeHostDirectory(path);
    assert.equal(await files.hostKind(path), 'directory');
    assert.equal(await files.readHost('/etc/hostname'), readFileSync('/etc/hostname', 'utf8'));
  });

  it('know the numbers of device nodes', async () => {
    const [zero] = await files.devices('/dev/zero');
    assert.deepEqual(
      { ...zero, uid: 0, gid: 0 },
      { path: '/dev/zero', type: 'c', major: 1, minor: 5, mode: 0o666, uid: 0, gid: 0 },
    );
    const directory = join(dataRoot, 'nodes');
    mkdirSync(join(directory, 'below'), { recursive: true });
    writeFileSync(join(directory, 'file'), '');
    execFileSync('mknod', ['-m', '600', join(directory, 'below', 'big'), 'b', '300', '70000']);
    symlinkSync('/dev/zero', join(directory, 'link'));
    const found = await files.devices(directory);
    assert.deepEqual(found, [
      {
        path: join(directory, 'below', 'big'),
        type: 'b',
        major: 300,
        minor: 70_000,
        mode: 0o600,
        uid: 0,
        gid: 0,
      },
    ]);
  });

  it('refuse devices that are none', async () => {
    await assert.rejects(files.devices('/dev/no-such-device'), (error) => isEngineError(error, 'not-found'));
    await assert.rejects(files.devices('/etc/hostname'), (error) => isEngineError(error, 'invalid'));
  });
});
