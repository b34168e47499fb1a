// `npm start`: sets up what is missing, then becomes the daemon.   npm start -- [daemon flags]
// `npm run dev`: the same with --watch, on private sockets and folders below .cache/dev.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findNode, handOver } from '../bin/pinned-node.mjs';
import { orExplain, setUp } from './setup.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
process.env['NODE_COMPILE_CACHE'] ??= join(ROOT, '.cache/compiled');

orExplain(() => setUp('runtime'));
const node = findNode();
if (!node) {
  console.error(`setup failed: there is no Node for ${process.arch} among the npm packages`);
  process.exit(1);
}
handOver(node, args[0] === '--dev' ? devArgs(args.slice(1)) : [daemonFile(), ...args]);

function daemonFile() {
  return join(ROOT, 'src/daemon/main.ts');
}

/** @param {string[]} rest */
function devArgs(rest) {
  const folder = join(ROOT, '.cache/dev');
  mkdirSync(folder, { recursive: true });
  const places = {
    '--data-root': join(folder, 'data'),
    '--exec-root': '/run/gantry-dev',
    '--host': 'unix:///run/gantry-dev.sock',
    '--hyper-host': 'unix:///run/gantry-dev-hyper.sock',
    '--bip': '172.31.0.1/16',
    '--hyper-bip': '192.168.223.1/24',
    '--log-level': 'debug',
  };
  return ['--watch', daemonFile(), ...Object.entries(places).flat(), ...rest];
}
