// `npm test`: sets up what is missing, then runs the suites and adds them up.
// node tools/test.mjs [--verbose] [suite…] [part of a file's path…]
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findPinnedNode, handOver } from '../bin/pinned-node.mjs';
import { orExplain, setUp } from './setup.mjs';

const args = process.argv.slice(2);
const words = args.filter((word) => !word.startsWith('-'));

/** Suites and set-up need Node 24, and the pinned one, whatever runs this file. */
const { SUITES } = await import('./test/suites.mjs');
const asked = SUITES.filter(({ name }) => words.includes(name));
const chosen = asked.length > 0 ? asked : SUITES;
const filter = words.filter((word) => !SUITES.some(({ name }) => name === word));

orExplain(() => setUp(chosen.some(({ machine }) => machine) ? 'tests' : 'code'));
const node = findPinnedNode();
if (node && node !== process.execPath) handOver(node, [fileURLToPath(import.meta.url), ...args]);
else await main();

async function main() {
  const { runSuite, findFiles } = await import('./test/run-suite.mjs');
  if (chosen.some((suite) => suite.machine && findFiles(suite, filter).length > 0)) await makeImages();
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of filter.length > 0 ? chosen.filter(({ files }) => files) : chosen) {
    const startedAt = performance.now();
    const counts = await runSuite(suite, { filter, verbose: args.includes('--verbose') });
    if (!counts) continue;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${suite.name.padEnd(10)} ${formatCounts(counts)} (${seconds} s)`);
    for (const key of /** @type {(keyof typeof total)[]} */ (Object.keys(total))) total[key] += counts[key];
  }
  console.log(`\n${formatCounts(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

async function makeImages() {
  const { makeImage } = await import('./images.mjs');
  for (const name of ['busybox', 'debian']) await makeImage(name);
}

/** @param {{ passed: number, failed: number, skipped: number }} counts */
function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
