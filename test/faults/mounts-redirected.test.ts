/** Links of an image or a shared volume that lead the runtime's mounts and writes elsewhere (the class of CVE-2025-52881). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { create, inspect, readLog, remove, removeAll, run, wait } from '#test/support/faults/containers.ts';
import { assertNoLeaks } from '#test/support/faults/machine.ts';
import { until } from '#test/support/network/until.ts';
import { ask } from '#test/support/versions/ask.ts';

const ROUNDS = 24;
const SETTINGS = ['/proc/sys/kernel/core_pattern', '/proc/sys/kernel/sysrq'];

let daemon: TestDaemon;
let folder: string;
before(async () => {
  daemon = await TestDaemon.start();
  folder = mkdtempSync(join(tmpdir(), 'gantry-redirected-'));
});
after(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await removeAll(daemon);
  await assertNoLeaks(daemon);
});

const settings = (): string[] =>
  SETTINGS.filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'));

const start = async (id: string): Promise<string | undefined> => {
  try {
    await daemon.client.json('POST', `/containers/${id}/start`);
    return undefined;
  } catch (error) {
    return String(error);
  }
};

/** Busybox with a link in place of one of its directories. */
const imageWith = async (name: string, target: string): Promise<string> => {
  const id = await create(daemon, 'true');
  const source = await daemon.client.open('GET', `/containers/${id}/export`);
  const files = mkdtempSync(join(folder, 'image-'));
  const archive = Buffer.concat(await source.toArray());
  execFileSync('tar', ['-xC', files], { input: archive });
  rmSync(join(files, name), { recursive: true });
  mkdirSync(join(files, 'fake'));
  symlinkSync(target, join(files, name));
  const body = execFileSync('tar', ['-cC', files, '.'], { maxBuffer: 64 << 20 });
  const headers = { 'Content-Type': 'application/x-tar' };
  const path = `/images/create?fromSrc=-&repo=linked-${name}`;
  assert.equal((await ask(daemon.socket, 'POST', path, { body, headers })).status, 200);
  await remove(daemon, id);
  return `linked-${name}`;
};

describe('an image whose own directories are links', () => {
  for (const [name, target] of [
    ['proc', '/fake'],
    ['proc', 'sys'],
    ['sys', '/fake'],
    ['sys', '/proc'],
  ] as const)
    it(`/${name} to ${target}: the link is gone, what the kernel shows is at its place`, async () => {
      const known = settings();
      const Image = await imageWith(name, target);
      for (const HostConfig of [{}, { Privileged: true }, { Binds: ['shared:/fake'] }]) {
        const id = await create(daemon, 'exec sleep 600', { Image, HostConfig });
        assert.equal(await start(id), undefined);
        await assertKernelsOwn(id);
      }
      assert.deepEqual(settings(), known);
    });

  it('nor does a link help that a privileged run has left for the next one', async () => {
    const known = settings();
    const script = `umount -l /proc; rmdir /proc && mkdir -p /fake && ln -s /fake /proc && ls -ld /proc`;
    const id = await run(daemon, `[ -d /fake ] && exec sleep 600; ${script}`, {
      HostConfig: { Privileged: true },
    });
    assert.equal(await wait(daemon, id), 0);
    const refusal = await start(id);
    if (refusal === undefined) await assertKernelsOwn(id);
    else assert.match(refusal, /`?\/proc`?.*(?:invalid|directory)/u);
    assert.deepEqual(settings(), known);
  });
});

const assertKernelsOwn = async (id: string): Promise<void> => {
  const { Pid } = (await inspect(daemon, id)).State;
  const seen = readFileSync(`/proc/${Pid}/mountinfo`, 'utf8');
  assert.match(seen, / \/ \/proc .* - proc /u);
  assert.match(seen, / \/ \/sys .* - sysfs /u);
  assert.doesNotMatch(seen, / \/fake .* - (?:proc|sysfs) /u);
};

describe('mounts over what the runtime writes to', () => {
  for (const place of [
    '/proc/self/attr',
    '/proc/sysrq-trigger',
    '/proc/self',
    '/proc/1/attr/exec',
    '/proc//self/../sys',
  ])
    for (const Binds of [[`shared:${place}`], [`/etc/hostname:${place}`]])
      it(`${Binds[0]} is refused`, async () => {
        const id = await create(daemon, 'sleep 600', { HostConfig: { Binds } });
        assert.match(String(await start(id)), /\/proc/u);
        assert.equal((await inspect(daemon, id)).State.Running, false);
      });

  it('a link in a shared volume that is swapped while others start leads no mount into /proc or out', async () => {
    const known = settings();
    const bait = join(folder, 'bait');
    const given = join(folder, 'given');
    for (const each of [bait, given]) mkdirSync(each);
    writeFileSync(join(given, 'mark'), 'given');
    const swapping = [bait, '/proc/self/attr', '/proc', '/proc/sys/kernel', '../../../../proc/self'].map(
      (target) =>
        `ln -sfn ${target} l; mv -T d x 2>/dev/null; mv -T l d 2>/dev/null; mv -T d l 2>/dev/null; mv -T x d 2>/dev/null`,
    );
    const swapper = await run(daemon, `cd /vol; mkdir -p d; while :; do ${swapping.join('; ')}; done`, {
      HostConfig: { Binds: ['swapped:/vol'], CpuShares: 128 },
    });
    const counts = { ran: 0, refused: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await create(daemon, 'cat /proc/self/mountinfo', {
        HostConfig: { Binds: ['swapped:/vol', `${given}:/vol/d`] },
      });
      if ((await start(id)) === undefined) {
        counts.ran += 1;
        assert.equal(await wait(daemon, id), 0);
        const lines = (await readLog(daemon, id)).stdout.split('\n').map((line) => line.split(' '));
        // Nothing that was given is below /proc.
        for (const [, , , root, place] of lines)
          assert.ok(!(root?.includes('given') && place?.startsWith('/proc')), `${root} at ${place}`);
      } else counts.refused += 1;
      assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(bait));
      await remove(daemon, id);
    }
    assert.equal(counts.ran + counts.refused, ROUNDS);
    assert.ok((await inspect(daemon, swapper)).State.Running);
    assert.deepEqual(settings(), known);
  });
});

describe('a bind source that changes while containers start', () => {
  it('is what the path led to at some time, whole, or the start fails', async () => {
    const [path, one, other, link] = ['path', 'one', 'other', 'link'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
      string,
    ];
    for (const each of [one, other]) {
      mkdirSync(each);
      writeFileSync(join(each, 'mark'), each);
    }
    symlinkSync(one, path);
    let isOver = false;
    let swaps = 0;
    const swapping = (async () => {
      while (!isOver) {
        symlinkSync(swaps % 2 === 0 ? other : one, link);
        renameSync(link, path);
        swaps += 1;
        await new Promise(setImmediate);
      }
    })();
    const lane = async (): Promise<void> => {
      for (let round = 0; round < ROUNDS / 4; round += 1) {
        const id = await create(daemon, 'cat /in/mark; ls /in', {
          HostConfig: { Binds: [`${path}:/in:ro`] },
        });
        assert.equal(await start(id), undefined);
        await wait(daemon, id);
        await until(async () => (await readLog(daemon, id)).stdout.endsWith('mark\n'));
        const { stdout } = await readLog(daemon, id);
        assert.ok([`${one}mark\n`, `${other}mark\n`].includes(stdout), stdout);
      }
    };
    try {
      await Promise.all([lane(), lane()]);
    } finally {
      isOver = true;
      await swapping;
    }
    assert.ok(swaps > 0);
  });
});
