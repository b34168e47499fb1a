// `npm test`: sets up what is missing, then runs the suites and adds them up.
// node tools/test.mjs [--verbose] [suite…] [part of a file's path…]
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findPinnedNode, handOver } from '../bin/pinned-node.mjs';
import { orExplain, setUp } from './setup.mjs';
import { LEAKS_BEFORE, SUITES } from './test/suites.mjs';

const args = process.argv.slice(2);
const words = args.filter((word) => !word.startsWith('-'));

const asked = SUITES.filter(({ name }) => words.includes(name));
const chosen = asked.length > 0 ? asked : SUITES;
const filter = words.filter((word) => !SUITES.some(({ name }) => name === word));

orExplain(() => setUp(chosen.some(({ machine }) => machine) ? 'tests' : 'code'));
const node = findPinnedNode();
if (node && node !== process.execPath) handOver(node, [fileURLToPath(import.meta.url), ...args]);
else await main();

async function main() {
  const { runSuite, findFiles } = await import('./test/run-suite.mjs');
  const running = chosen.filter((suite) => suite.commands || findFiles(suite, filter).length > 0);
  await makeImages(new Set(running.flatMap(({ images }) => images ?? [])));
  await noteLeaks();
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of filter.length > 0 ? running.filter(({ files }) => files) : running) {
    const startedAt = performance.now();
    const counts = await runSuite(suite, { filter, verbose: args.includes('--verbose') });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${suite.name.padEnd(10)} ${formatCounts(counts)} (${seconds} s)`);
    for (const key of /** @type {(keyof typeof total)[]} */ (Object.keys(total))) total[key] += counts[key];
  }
  console.log(`\n${formatCounts(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

async function noteLeaks() {
  const { findLeaks } = await import('./leaks.mjs');
  const before = await findLeaks({ dataRoots: [], execRoots: [] }, 0);
  if (before.length > 0)
    console.log(`left on this machine by others: ${before.length} things, see npm run leaks`);
  const file = fileURLToPath(new URL(`../${LEAKS_BEFORE}`, import.meta.url));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(before.map(({ name }) => name)));
}

/** @param {Set<string>} names */
async function makeImages(names) {
  const { makeImage } = await import('./images.mjs');
  for (const name of names) makeImage(name);
}

/** @param {{ passed: number, failed: number, skipped: number }} counts */
function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
