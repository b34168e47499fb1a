// `npm run test:machine`: tries Gantry on the machine that users have, in a guest: Debian 12 with systemd, pure cgroup v2,
// all capabilities, AppArmor. Not part of `npm test`. Writes what came of it into docs/machines.md.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findPinnedNode, handOver } from '../bin/pinned-node.mjs';
import { findMissing, installDebianPackages, MACHINE_PACKAGES } from './setup/debian-packages.mjs';
import { orExplain, setUp } from './setup.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGE = join(ROOT, 'docs/machines.md');

orExplain(() => {
  setUp('tests');
  const missing = findMissing(MACHINE_PACKAGES);
  if (missing.length > 0) installDebianPackages(missing);
});
const node = findPinnedNode();
if (node && node !== process.execPath)
  handOver(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
else await main();

async function main() {
  const { makeImage } = await import('./images.mjs');
  const { makeBase, makeProjectDisk } = await import('./machine/image.mjs');
  const { Guest } = await import('./machine/guest.mjs');
  makeImage('busybox');
  mkdirSync(join(ROOT, '.cache/machine'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.cache/machine/run-'));
  try {
    console.log('the guest is made');
    const commit = commitOfNow();
    const disks = { base: makeBase(), project: makeProjectDisk(folder) };
    const startedAt = performance.now();
    const guest = await Guest.boot(folder, disks);
    try {
      console.log(`the guest is up (${secondsSince(startedAt)} s, ${guest.accelerator})`);
      const results = await check(guest);
      const machine = await describe(guest);
      report(results, commit, machine);
      process.exitCode = results.every(({ failure }) => failure === '') ? 0 : 1;
    } finally {
      await guest.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @typedef {{ name: string, seconds: string, failure: string }} Result */

/** @param {import('./machine/guest.mjs').Guest} guest */
async function check(guest) {
  const { CHECKS } = await import('./machine/checks.mjs');
  /** @type {Result[]} */
  const results = [];
  for (const { name, run } of CHECKS) {
    const startedAt = performance.now();
    const failure = await run(guest).then(
      () => '',
      (/** @type {unknown} */ error) => (error instanceof Error ? error.message : String(error)),
    );
    const seconds = secondsSince(startedAt);
    console.log(`${failure === '' ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)${failure && `\n${failure}`}`);
    if (failure !== '') console.log(await journal(guest));
    results.push({ name, seconds, failure });
  }
  return results;
}

/** @param {import('./machine/guest.mjs').Guest} guest */
async function journal(guest) {
  const { out } = await guest.run('journalctl -u gantry --no-pager -n 25');
  return out;
}

/** @param {import('./machine/guest.mjs').Guest} guest */
async function describe(guest) {
  const words = await guest.demand(
    `. /etc/os-release; echo "$PRETTY_NAME, kernel $(uname -r), systemd $(systemctl --version | sed -n '1s/systemd \\([0-9]*\\).*/\\1/p')"
    echo "crun $(crun --version | sed -n '1s/.*version //p'), conmon $(conmon --version | sed -n '1s/.*version //p')"`,
  );
  const { qemuVersion } = await import('./machine/guest.mjs');
  return `${words.split('\n').join(', ')}; QEMU ${qemuVersion()} (${guest.accelerator})`;
}

/**
 * The part of the page between its marks is the tool's.
 * @param {Result[]} results
 * @param {string} commit
 * @param {string} machine
 */
function report(results, commit, machine) {
  const day = new Date().toISOString().slice(0, 10);
  const rows = results.map(
    ({ name, failure }) => `| ${name} | ${failure === '' ? 'yes' : `**no**: ${brief(failure)}`} |`,
  );
  const passed = results.filter(({ failure }) => failure === '').length;
  const text = [
    `${day}, after ${commit}: ${passed} of ${results.length}. ${machine}.`,
    '',
    '| what was tried | holds |',
    '|---|---|',
    ...rows,
  ].join('\n');
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = ['<!-- result -->', '<!-- end of result -->'];
  const head = page.slice(0, page.indexOf(begin) + begin.length);
  writeFileSync(PAGE, `${head}\n\n${text}\n\n${page.slice(page.indexOf(end))}`);
  console.log(`${passed} of ${results.length} passed; docs/machines.md says which`);
}

/** @param {string} failure */
function brief(failure) {
  return failure.split('\n').filter(Boolean).join(' ').replaceAll('|', '\\|').slice(0, 160);
}

/** @param {number} startedAt */
function secondsSince(startedAt) {
  return ((performance.now() - startedAt) / 1000).toFixed(0);
}

/** Of what goes into the guest: others may come while it runs. */
function commitOfNow() {
  return execFileSync('git', ['-C', ROOT, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
}
