// Lets our .ts files run below node_modules, where Node refuses to strip types.
// Worker threads inherit it through NODE_OPTIONS, because load hooks belong to one thread.
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const OURS = new URL('../src/', import.meta.url).href;

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith(OURS) || !url.endsWith('.ts')) return nextLoad(url, context);
    const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'));
    return { format: 'module', source, shortCircuit: true };
  },
});

const flag = `--import=${import.meta.url}`;
const options = process.env['NODE_OPTIONS'] ?? '';
if (!options.includes(flag)) process.env['NODE_OPTIONS'] = `${options} ${flag}`.trim();
