import assert from 'node:assert/strict';
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
import { createLocalVolumes } from '#adapters/local-volume/create-local-volumes.ts';
import { mount, mountFlags, readMounts, unmount, unmountIfMounted } from '#adapters/libc/mounts.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { VolumeSource } from '#domain/volume/local-options.ts';

const tmpfs = (options = ''): VolumeSource => ({ type: 'tmpfs', device: 'tmpfs', options });
const bind = (device: string, options = 'bind'): VolumeSource => ({ type: 'none', device, options });

const optionsAt = (path: string): string =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[4] === path) ?? '';

describe('Volumes with something mounted at them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-volume-mounts-'));
  const dataRoot = join(folder, 'data');
  const volumes = createLocalVolumes({ dataRoot });
  const source = join(folder, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'precious'), 'kept');
  after(async () => {
    for (const name of await volumes.listMounted()) await volumes.unmount(name);
    await volumes.close({ isIdle: true });
    assert.deepEqual(
      readMounts().filter(({ mountPoint }) => mountPoint.startsWith(folder)),
      [],
    );
    rmSync(folder, { recursive: true });
  });

  it('are a file system with the options asked for, once', async () => {
    await volumes.mount('memory', tmpfs('size=1m,uid=1000,mode=0700,noexec'));
    const path = join(dataRoot, 'volumes/memory/_data');
    await volumes.mount('memory', tmpfs('size=2m'));
    assert.match(optionsAt(path), /noexec.* - tmpfs tmpfs .*size=1024k,mode=700,uid=1000/u);
    assert.deepEqual(await volumes.listMounted(), ['memory']);
    assert.equal(statSync(path).uid, 1000);
    writeFileSync(join(path, 'file'), 'abc');
    assert.equal(await volumes.sizeBytes('memory'), 3);
    await volumes.unmount('memory');
    await volumes.unmount('memory');
    assert.deepEqual(await volumes.listMounted(), []);
    assert.equal(await volumes.isEmpty('memory'), true);
  });

  it('are removed without what is mounted there, however often', async () => {
    await volumes.mount('bound', bind(source));
    const path = join(dataRoot, 'volumes/bound/_data');
    assert.equal(readFileSync(join(path, 'precious'), 'utf8'), 'kept');
    // Somebody's own hand.
    mount({ source, target: path, flags: mountFlags.bind });
    await volumes.remove('bound');
    assert.equal(existsSync(path), false);
    assert.equal(readFileSync(join(source, 'precious'), 'utf8'), 'kept');
  });

  it('are kept where somebody has mounted something else inside', async () => {
    const path = await volumes.create('crossed');
    mkdirSync(join(path, '../aside'));
    mount({ source, target: join(path, '../aside'), flags: mountFlags.bind });
    await assert.rejects(volumes.remove('crossed'), (error) => isEngineError(error, 'conflict'));
    assert.equal(readFileSync(join(source, 'precious'), 'utf8'), 'kept');
    unmount(join(path, '../aside'));
    await volumes.remove('crossed');
    assert.equal(readFileSync(join(source, 'precious'), 'utf8'), 'kept');
  });

  it('are read-only binds if asked for, of a link too', async () => {
    symlinkSync(source, join(folder, 'link'));
    await volumes.mount('linked', bind(join(folder, 'link'), 'bind,ro,nosuid'));
    const path = join(dataRoot, 'volumes/linked/_data');
    assert.throws(() => writeFileSync(join(path, 'new'), ''), { code: 'EROFS' });
    assert.match(optionsAt(path), / ro,nosuid/u);
    await volumes.remove('linked');
  });

  it('leave the mounts below their source alone when they go, even where all is shared', async () => {
    const outer = join(folder, 'outer');
    mkdirSync(join(outer, 'inner'), { recursive: true });
    mount({ source: 'outer', target: outer, type: 'tmpfs' });
    mount({ source: '', target: outer, flags: mountFlags.shared });
    mkdirSync(join(outer, 'inner'));
    mount({ source: 'inner', target: join(outer, 'inner'), type: 'tmpfs' });
    try {
      await volumes.mount('deep', bind(outer, 'rbind'));
      const path = join(dataRoot, 'volumes/deep/_data');
      writeFileSync(join(outer, 'inner/file'), 'seen');
      assert.equal(readFileSync(join(path, 'inner/file'), 'utf8'), 'seen');
      mkdirSync(join(outer, 'later'));
      mount({ source: 'later', target: join(outer, 'later'), type: 'tmpfs' });
      assert.notEqual(optionsAt(join(path, 'later')), '');
      await volumes.remove('deep');
      assert.equal(readFileSync(join(outer, 'inner/file'), 'utf8'), 'seen');
      assert.notEqual(optionsAt(join(outer, 'later')), '');
    } finally {
      for (const point of ['later', 'inner', '.']) unmountIfMounted(join(outer, point));
    }
  });

  it('say in the words of Docker why they could not be mounted', async () => {
    const target = join(dataRoot, 'volumes/broken/_data');
    const refused = async (wanted: VolumeSource, words: string): Promise<void> => {
      const message = `error while mounting volume '${target}': ${words}`;
      await assert.rejects(volumes.mount('broken', wanted), { code: 'volume.mount-failed', message });
      assert.deepEqual(await volumes.listMounted(), []);
    };
    const failed = 'failed to mount local volume: mount';
    await refused(bind('/nosuch'), `${failed} /nosuch:${target}, flags: 0x1000: no such file or directory`);
    await refused(
      { type: 'nosuchfs', device: 'x', options: 'ro,password=secret,a=b' },
      `${failed} x:${target}, flags: 0x1, data: password=********,a=b: no such device`,
    );
    await refused(tmpfs('nosuch=1'), `${failed} tmpfs:${target}, data: nosuch=1: invalid argument`);
    await refused({ type: 'tmpfs', device: '', options: '' }, 'missing device in volume options');
    await volumes.remove('broken');
  });
});
