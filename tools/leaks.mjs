// Lists what of Gantry is on this machine and belongs to no record; exits 1 if there is any.
//   npm run leaks -- [--data-root DIR]… [--exec-root DIR]… [--except FILE]
// FILE holds a JSON list of names that were there before and are not to be told of.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { listFiles } from './leaks/files.mjs';
import { listThings } from './leaks/machine.mjs';

import { findRoots, readClaims } from './leaks/records.mjs';
import { FairClock } from './test/fair-clock.mjs';

/** @typedef {import('./leaks/machine.mjs').Thing} Thing */
/** @typedef {import('./leaks/records.mjs').Claim} Claim */
/** @typedef {import('./leaks/records.mjs').Roots} Roots */

/** Things on their way out are gone after this. */
const PATIENCE_MS = 5000;
const PAUSE_MS = 250;

/**
 * Only what is there in every look is a leak.
 * @param {Roots} asked
 * @returns {Promise<Thing[]>}
 */
export async function findLeaks(asked, patienceMs = PATIENCE_MS) {
  let leaks = lookOnce(asked);
  const clock = new FairClock();
  while (leaks.length > 0 && clock.elapsedMs() < patienceMs) {
    await sleep(PAUSE_MS);
    const names = new Set(lookOnce(asked).map(({ name }) => name));
    leaks = leaks.filter(({ name }) => names.has(name));
  }
  return leaks;
}

/** @param {Roots} asked */
function lookOnce(asked) {
  const roots = findRoots(asked);
  // Things first: what is recorded between the two looks is no leak.
  const things = [
    ...listThings([...roots.dataRoots, ...roots.execRoots]),
    ...roots.dataRoots.flatMap(listFiles),
  ];
  const claims = readClaims(roots);
  return things.filter((thing) => !claims.some((claim) => covers(claim, thing)));
}

/**
 * @param {Claim} claim
 * @param {Thing} thing
 */
export function covers(claim, thing) {
  if (!isOf(claim, thing)) return false;
  if (thing.kind === 'file') return coversFile(claim, thing);
  if (thing.endpoint !== undefined) return claim.endpoints.has(thing.endpoint);
  return thing.container === undefined ? claim.isAlive : claim.containers.has(thing.container);
}

/**
 * @param {Claim} claim
 * @param {Thing} thing
 */
function coversFile({ known, volumes, isServed }, { container, volume, work }) {
  if (container !== undefined) return known.has(container);
  if (volume !== undefined) return volumes.has(volume);
  return work !== undefined && isServed;
}

/**
 * @param {Claim} claim
 * @param {Thing} thing
 */
function isOf({ tag, dataRoot, execRoots }, thing) {
  if (thing.tag !== undefined) return tag.startsWith(thing.tag);
  return thing.root !== undefined && [dataRoot, ...execRoots].includes(thing.root);
}

async function main() {
  const { values } = parseArgs({
    options: {
      'data-root': { type: 'string', multiple: true, default: [] },
      'exec-root': { type: 'string', multiple: true, default: [] },
      except: { type: 'string' },
    },
  });
  const before = values.except === undefined ? [] : readNames(values.except);
  const found = await findLeaks({ dataRoots: values['data-root'], execRoots: values['exec-root'] });
  const leaks = found.filter(({ name }) => !before.includes(name));
  for (const { kind, name } of leaks) console.log(`leaked ${kind}  ${name}`);
  console.log(leaks.length === 0 ? 'no leaks' : `${leaks.length} leaks`);
  process.exitCode = leaks.length === 0 ? 0 : 1;
}

/**
 * @param {string} file
 * @returns {string[]}
 */
function readNames(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Nothing was written down: everything counts.
    return [];
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
