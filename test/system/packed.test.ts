import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { wipe } from '#tools/wipe.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Node strips no types below node_modules: there everything, worker threads too, runs through our hook. */
suite('Gantry as a package below node_modules', () => {
  let folder = '';
  let command = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gantry-packed-'));
    command = installPacked(folder);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  test('the command answers', () => {
    const help = execFileSync(process.execPath, [command, '--help'], { encoding: 'utf8' });
    assert.match(help, /^Usage: gantry/);
  });

  test('the daemon starts, with its threads, and stops on SIGTERM', async () => {
    const roots = { dataRoot: join(folder, 'data'), execRoot: join(folder, 'run') };
    const places = ['--data-root', roots.dataRoot, '--exec-root', roots.execRoot, '--bip', '10.212.8.1/24'];
    const hosts = ['--host', `unix://${folder}/d.sock`, '--hyper-host', `unix://${folder}/h.sock`];
    const daemon = spawn(process.execPath, [command, 'daemon', ...places, ...hosts], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(daemon, 'exit');
    const [said] = (await Promise.race([once(daemon.stdout, 'data'), exit])) as unknown[];
    assert.match(String(said), /^ready/);
    daemon.stdout.resume();
    daemon.kill('SIGTERM');
    assert.deepEqual(await exit, [0, null]);
    wipe(roots);
  });
});

/** Packs the checkout, unpacks it as npm would, and links our packages beside it. Returns the command's file. */
function installPacked(folder: string): string {
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
    stdio: 'ignore',
  });
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  assert.ok(archive);
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'gantry'), { recursive: true });
  const into = ['--strip-components=1', '--directory', join(modules, 'gantry')];
  execFileSync('tar', ['--extract', '--file', join(folder, archive), ...into]);
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  return join(modules, 'gantry/bin/gantry.mjs');
}
