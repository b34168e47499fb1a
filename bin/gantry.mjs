#!/usr/bin/env node
// The command: makes sure that Node 24 runs us, then hands over to src/cli/main.ts.
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findPinnedNode, handOver, isNodeNewEnough, NEEDED_MAJOR } from './pinned-node.mjs';

if (isNodeNewEnough()) await runHere();
else runUnderPinnedNode();

async function runHere() {
  if (!process.env['NODE_COMPILE_CACHE']) module.enableCompileCache(cacheFolder());
  if (isInstalledAsDependency()) await import('./strip-types.mjs');
  await import('../src/cli/main.ts');
}

/** Not below the world-writable temporary folder, where another user could put code for root to run. */
function cacheFolder() {
  if (process.getuid?.() === 0) return '/var/cache/gantry/compiled';
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gantry/compiled');
}

/** Node strips types everywhere but below node_modules. */
function isInstalledAsDependency() {
  return import.meta.url.includes('/node_modules/');
}

function runUnderPinnedNode() {
  const node = findPinnedNode();
  if (node) return handOver(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
  console.error(
    `gantry: needs Node ${NEEDED_MAJOR}, this is ${process.versions.node}. In a checkout \`npm start\` installs it.`,
  );
  process.exit(1);
}
