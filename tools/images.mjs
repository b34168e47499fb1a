// Makes images for trying and testing, with no registry: docker-archives below .cache/images.
//   npm run images                     busybox:latest
//   npm run images -- --all            debian:bookworm too (takes a minute the first time)
//   npm run images -- busybox --load /var/run/docker.sock
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeArchive } from './images/archive.mjs';
import { describeBusybox, makeBusyboxLayer } from './images/busybox.mjs';
import { describeDebian, makeDebianLayer } from './images/debian.mjs';

const FOLDER = fileURLToPath(new URL('../.cache/images', import.meta.url));

/** Raise it when a change here must make the images anew. */
const RECIPE = 1;

/**
 * @typedef {object} Recipe
 * @property {string} reference
 * @property {string[]} command
 * @property {() => string | undefined} describe
 * @property {(scratch: string, layer: string) => void} makeLayer
 */

/** @type {Record<string, Recipe>} */
const RECIPES = {
  busybox: {
    reference: 'busybox:latest',
    command: ['sh'],
    describe: describeBusybox,
    makeLayer: makeBusyboxLayer,
  },
  debian: {
    reference: 'debian:bookworm',
    command: ['bash'],
    describe: describeDebian,
    makeLayer: makeDebianLayer,
  },
};

/**
 * @param {string} name
 * @returns {string} the archive's file
 */
export function makeImage(name) {
  const recipe = RECIPES[name];
  if (!recipe) throw new Error(`no image ${name}; there are ${Object.keys(RECIPES).join(', ')}`);
  const target = join(FOLDER, `${name}.tar`);
  const stamp = join(FOLDER, `${name}.recipe`);
  const wanted = createHash('sha256').update(`${RECIPE}\n${recipe.describe()}`).digest('hex');
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return target;
  mkdirSync(FOLDER, { recursive: true });
  build(recipe, target);
  writeFileSync(stamp, wanted);
  return target;
}

/**
 * The umask must not reach into the image.
 * @param {Recipe} recipe
 * @param {string} target
 */
function build({ reference, command, makeLayer }, target) {
  const scratch = mkdtempSync(join(FOLDER, 'making-'));
  const before = process.umask(0o022);
  try {
    const layer = join(scratch, 'layer.tar');
    mkdirSync(join(scratch, 'root'));
    mkdirSync(join(scratch, 'archive'));
    makeLayer(join(scratch, 'root'), layer);
    writeArchive({ reference, command, layer }, join(scratch, 'archive'), target);
  } finally {
    process.umask(before);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * @param {string} file
 * @param {string} socketPath of a daemon that speaks the Docker API
 * @returns {Promise<string>} its answer
 */
export function loadImage(file, socketPath) {
  const headers = { 'content-type': 'application/x-tar', 'content-length': statSync(file).size };
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path: '/images/load?quiet=1', method: 'POST', headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => (text += part));
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`load was answered ${answer.statusCode}: ${text}`));
      });
    });
    call.on('error', reject);
    createReadStream(file).on('error', reject).pipe(call);
  });
}

async function main() {
  const { values, positionals } = parseArgs({
    options: { all: { type: 'boolean' }, load: { type: 'string', multiple: true } },
    allowPositionals: true,
  });
  const names = values.all ? Object.keys(RECIPES) : positionals.length > 0 ? positionals : ['busybox'];
  for (const name of names) {
    const file = makeImage(name);
    console.log(`${RECIPES[name]?.reference}  ${file}`);
    for (const socket of values.load ?? []) console.log((await loadImage(file, socket)).trim());
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(`images: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
