// What lies in a data root and could belong to nobody.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {import('./machine.mjs').Thing} Thing */

/** A blob that nobody goes on with after so long is abandoned. */
const PARTIAL_LIFE_MS = 3_600_000;

/**
 * By whose record it is there: a container's (or a pod's), a volume's, or nobody's, then only a daemon at work has it.
 * @type {{ folder: string, owner: 'container' | 'volume' | 'work', isMeant: (name: string) => boolean }[]}
 */
const PLACES = [
  { folder: 'overlay/roots', owner: 'container', isMeant: () => true },
  { folder: 'containers', owner: 'container', isMeant: () => true },
  { folder: 'pods', owner: 'container', isMeant: () => true },
  { folder: 'volumes', owner: 'volume', isMeant: (name) => !name.startsWith('.') && name !== 'metadata.db' },
  { folder: 'volumes', owner: 'work', isMeant: (name) => name.startsWith('.removed-') },
  { folder: 'overlay/trash', owner: 'work', isMeant: () => true },
  { folder: 'overlay/layers', owner: 'work', isMeant: (name) => name.startsWith('.') },
  { folder: 'ingest', owner: 'work', isMeant: (name) => !name.endsWith('.partial') },
];

/**
 * @param {string} dataRoot
 * @returns {Thing[]}
 */
export function listFiles(dataRoot) {
  const files = PLACES.flatMap(({ folder, owner, isMeant }) =>
    namesIn(join(dataRoot, folder))
      .filter(isMeant)
      .map((name) =>
        describe(join(dataRoot, folder, name), dataRoot, { [owner]: name.replace(/^pod\./, '') }),
      ),
  );
  const abandoned = namesIn(join(dataRoot, 'ingest'))
    .filter((name) => name.endsWith('.partial'))
    .map((name) => join(dataRoot, 'ingest', name))
    .filter((path) => ageOf(path) > PARTIAL_LIFE_MS)
    .map((path) => describe(path, dataRoot, { isAbandoned: true }));
  return [...files, ...abandoned];
}

/**
 * @param {string} name
 * @param {string} root
 * @param {{ container?: string, volume?: string, work?: string, isAbandoned?: boolean }} of
 * @returns {Thing}
 */
function describe(name, root, of) {
  return { kind: 'file', name, root, ...of };
}

/** @param {string} path */
function ageOf(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0; // gone while we looked
  }
}

/** @param {string} folder */
function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no daemon has made it yet
  }
}
