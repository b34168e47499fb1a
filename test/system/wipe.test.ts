import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listThings } from '#tools/leaks/machine.mjs';
import { toTag } from '#tools/leaks/records.mjs';
import { wipe } from '#tools/wipe.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('wipe refuses while the daemon runs, and leaves nothing of it afterwards', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-wipe-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const roots = { dataRoot: join(folder, 'data'), execRoot: join(folder, 'run') };
  const daemon = await startDaemon(folder, roots);
  try {
    assert.throws(() => wipe(roots), /a daemon still runs/);
  } finally {
    // One that is asked to end would take the most of it along.
    daemon.kill('SIGKILL');
    await once(daemon, 'exit');
  }
  const removed = wipe(roots);
  assert.ok(
    removed.some(({ kind }) => kind === 'mount'),
    'the exec root was a mount',
  );
  assert.deepEqual(ofDaemon(roots), []);
  assert.equal(existsSync(roots.dataRoot) || existsSync(roots.execRoot), false);
});

interface Roots {
  readonly dataRoot: string;
  readonly execRoot: string;
}

function ofDaemon({ dataRoot, execRoot }: Roots): string[] {
  return listThings([dataRoot, execRoot])
    .filter(({ tag, name }) => (tag && toTag(dataRoot).startsWith(tag)) || name.startsWith(execRoot))
    .map(({ name }) => name);
}

async function startDaemon(folder: string, { dataRoot, execRoot }: Roots): Promise<ChildProcess> {
  const places = ['--data-root', dataRoot, '--exec-root', execRoot, '--bip', '10.212.7.1/24'];
  const pods = ['--hyper-bip', '10.212.8.1/24'];
  const hosts = ['--host', `unix://${folder}/d.sock`, '--hyper-host', `unix://${folder}/h.sock`];
  const child = spawn(process.execPath, [join(ROOT, 'src/daemon/main.ts'), ...places, ...pods, ...hosts], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(() => assert.fail('the daemon did not start'));
  await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => undefined);
  child.stdout.resume();
  return child;
}
