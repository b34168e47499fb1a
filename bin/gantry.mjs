#!/usr/bin/env node
// The command: makes sure that Node 24 runs us, then hands over to src/cli/main.ts.
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findNode, handOver, isNodeNewEnough, NEEDED_MAJOR } from './pinned-node.mjs';

/** Node strips types everywhere but below node_modules; there a hook does, in every thread that inherits the flag. */
const FLAGS = import.meta.url.includes('/node_modules/')
  ? ['--disable-warning=ExperimentalWarning', `--import=${new URL('strip-types.mjs', import.meta.url).href}`]
  : [];

if (isNodeNewEnough() && FLAGS.every((flag) => process.execArgv.includes(flag))) await runHere();
else runAnew();

async function runHere() {
  process.env['NODE_COMPILE_CACHE'] ??= cacheFolder(); // the daemons that commands start inherit it
  module.enableCompileCache();
  await import('../src/cli/main.ts');
  // Node writes the cache at exit, which a daemon that is killed never reaches.
  setTimeout(() => module.flushCompileCache(), 3000).unref();
}

/** Not below the world-writable temporary folder, where another user could put code for root to run. */
function cacheFolder() {
  if (process.getuid?.() === 0) return '/var/cache/gantry/compiled';
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gantry/compiled');
}

function runAnew() {
  const node = findNode();
  if (node) return handOver(node, [...FLAGS, fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
  console.error(
    `gantry: needs Node ${NEEDED_MAJOR}, this is ${process.versions.node}. In a checkout \`npm start\` installs it.`,
  );
  process.exit(1);
}
