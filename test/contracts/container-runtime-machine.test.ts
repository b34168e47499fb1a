import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { mount, unmount } from '#adapters/libc/mounts.ts';
import { createOciRuntime } from '#adapters/oci-cli/runtime.ts';
import { leavePlace, makePlace, RuntimeWorld } from '#test/support/runtime/runtime-world.ts';
import type { Place } from '#test/support/runtime/runtime-world.ts';

describe('a runtime on a machine that changes', () => {
  let place: Place;
  let world: RuntimeWorld | undefined;

  beforeEach(() => {
    place = makePlace();
  });

  afterEach(async () => {
    await world?.close();
    world = undefined;
    await leavePlace(place);
  });

  const open = async (at: Place): Promise<RuntimeWorld> => {
    world = await RuntimeWorld.open(at);
    await world.runtime.recover([]);
    return world;
  };

  it('containers see what was mounted after it began', async () => {
    const opened = await open(place);
    const source = join(place.root, 'late');
    mkdirSync(source);
    mount({ source: 'tmpfs', target: source, type: 'tmpfs', data: 'size=64k' });
    writeFileSync(join(source, 'file'), 'inside');
    const mounts = [{ destination: '/mnt', type: 'bind', source, options: ['rbind'] }];
    const seen = await opened.run('cat /mnt/file', { mounts });
    assert.equal(seen.log, 'inside');
    unmount(source);
    const after = await opened.run('ls /mnt', { mounts });
    assert.equal(after.log, '');
  });

  it('root file systems mounted below the exec root are seen', async () => {
    const opened = await open(place);
    const merged = join(place.options.execRoot, 'roots/one');
    const layers = { lower: place.rootfs, upper: join(place.root, 'upper'), work: join(place.root, 'work') };
    for (const folder of [merged, layers.upper, layers.work]) mkdirSync(folder, { recursive: true });
    const data = `lowerdir=${layers.lower},upperdir=${layers.upper},workdir=${layers.work}`;
    mount({ source: 'overlay', target: merged, type: 'overlay', data });
    const id = 'a'.repeat(64);
    const spec = { ...opened.spec(['sh', '-c', 'echo hi > /made']), root: { path: merged } };
    await opened.runtime.create({ id, spec, openStdin: false, stdinOnce: false });
    await opened.runtime.start(id);
    assert.equal((await opened.exitOf(id)).exitCode, 0);
    await opened.runtime.delete(id);
    // No monitor or namespace keeps it busy.
    unmount(merged);
    assert.equal(readFileSync(join(layers.upper, 'made'), 'utf8'), 'hi\n');
  });

  it('crun may be replaced while it is in use', async () => {
    const runtimePath = join(place.root, 'crun');
    copyFileSync('/usr/bin/crun', runtimePath);
    const opened = await open({ ...place, options: { ...place.options, runtimePath } });
    assert.equal((await opened.run('exit 1')).exitCode, 1);
    copyFileSync('/usr/bin/crun', `${runtimePath}.new`);
    renameSync(`${runtimePath}.new`, runtimePath);
    assert.equal((await opened.run('exit 2')).exitCode, 2);
  });

  it('the daemon’s own mount namespace stays as it was', async () => {
    const before = readFileSync('/proc/self/mountinfo', 'utf8');
    await open(place);
    const added = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => !before.includes(line));
    // Other daemons of this machine come and go meanwhile: only what lies in this test's folder is ours.
    assert.deepEqual(
      added.map((line) => line.split(' ')[4] ?? '').filter((point) => point.startsWith(place.root)),
      [place.options.execRoot],
    );
  });

  it('a program that is missing is named', async () => {
    const asked = createOciRuntime({ ...place.options, runtimePath: '/no/crun' });
    await assert.rejects(asked, { kind: 'unavailable', code: 'runtime.missing' });
    // The place is left as after a start that succeeded.
    await open(place);
  });
});
