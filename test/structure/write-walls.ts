// Writes the walls of layers.ts into .oxlintrc.json:   node test/structure/write-walls.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './imports.ts';
import { isWall, type Override, toWallOverrides } from './walls.ts';

const file = join(ROOT, '.oxlintrc.json');
const config = JSON.parse(readFileSync(file, 'utf8')) as { overrides: Override[] };
// Walls first: the exceptions for tests must come later to win.
config.overrides = [...toWallOverrides(), ...config.overrides.filter((override) => !isWall(override))];
writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
