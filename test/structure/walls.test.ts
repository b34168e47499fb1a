import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { type Import, listSources, ROOT, scanImports, toPackageName, toSourcePath } from './imports.ts';
import { findLayer, type Layer, LAYERS } from './layers.ts';
import { isWall, type Override, toWallOverrides } from './walls.ts';

const sources = listSources();
const imports = sources.flatMap(scanImports);

/** The schema library is the wire's own language: all of api/ counts as one folder for it. */
const SHARED_WITHIN = new Map([['typebox', 'api']]);

const BANNED_NAMES = [
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'misc',
  'types',
  'manager',
  'service',
  'handler2',
];

suite('the walls between the layers', () => {
  test('every source file belongs to a layer', () => {
    const strays = sources.filter((file) => !findLayer(file.slice('src/'.length)));
    assert.deepEqual(strays, []);
  });

  test('every import is one that its layer allows', () => {
    const broken = imports.filter((one) => !isAllowed(one)).map(describe);
    assert.deepEqual(broken, []);
  });

  test('an adapter imports no other adapter except libc', () => {
    const broken = imports.filter(reachesOtherAdapter).map(describe);
    assert.deepEqual(broken, []);
  });

  test('nothing is imported by way of a parent folder', () => {
    const broken = imports.filter(({ specifier }) => specifier.startsWith('..')).map(describe);
    assert.deepEqual(broken, []);
  });

  test('each outside package is imported by one folder only', () => {
    const broken = [...foldersByPackage()].filter(([, folders]) => folders.size > 1);
    assert.deepEqual(
      broken.map(([name, folders]) => `${name}: ${[...folders].join(', ')}`),
      [],
    );
  });

  test('each outside package is a declared dependency', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const undeclared = [...foldersByPackage().keys()].filter((name) => !(name in manifest.dependencies));
    assert.deepEqual(undeclared, []);
  });

  test('the linter keeps the same walls', () => {
    const config = JSON.parse(readFileSync(join(ROOT, '.oxlintrc.json'), 'utf8')) as {
      overrides: Override[];
    };
    assert.deepEqual(
      config.overrides.filter(isWall),
      toWallOverrides(),
      'run: node test/structure/write-walls.ts',
    );
  });

  test('ARCHITECTURE.md names every layer', () => {
    const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
    assert.deepEqual(
      LAYERS.map(({ folder }) => folder).filter((folder) => !text.includes(`\`${folder}\``)),
      [],
    );
  });
});

suite('names and folders', () => {
  test('no file or folder has a name that says nothing', () => {
    const parts = sources.filter((file) =>
      file.split('/').some((part) => BANNED_NAMES.includes(part.replace(/\.ts$/, ''))),
    );
    assert.deepEqual(parts, []);
  });

  test('every file and folder is kebab-case', () => {
    const odd = globSync('src/**/*', { cwd: ROOT })
      .filter((path) => basename(path) !== 'README.md')
      .filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/.test(basename(path)));
    assert.deepEqual(odd, []);
  });

  test('each folder of src has a README.md', () => {
    const without = readdirSync(join(ROOT, 'src')).filter(
      (folder) => !existsSync(join(ROOT, 'src', folder, 'README.md')),
    );
    assert.deepEqual(without, []);
  });

  test('no folder holds more than 25 source files', () => {
    const folders = Map.groupBy(sources, (file) => dirname(file));
    const crowded = [...folders].filter(([, files]) => files.length > 25);
    assert.deepEqual(
      crowded.map(([folder, files]) => `${folder}: ${files.length}`),
      [],
    );
  });
});

function isAllowed(one: Import): boolean {
  if (one.specifier.startsWith('./')) return true;
  const layer = findLayer(one.file.slice('src/'.length));
  const path = toSourcePath(one);
  if (!layer) return true; // the test for strays reports it
  return path === undefined
    ? isOutsideAllowed(layer, one.specifier)
    : isOursAllowed(layer, path, one.isTypeOnly);
}

function isOursAllowed(layer: Layer, path: string, isTypeOnly: boolean): boolean {
  const allowed = isTypeOnly ? [...layer.ours, ...(layer.oursTypesOnly ?? [])] : layer.ours;
  return allowed.some((start) => path === start || path.startsWith(`${start}/`));
}

function isOutsideAllowed(layer: Layer, specifier: string): boolean {
  const name = toPackageName(specifier);
  return layer.outside.includes(name) || (name.startsWith('node:') && layer.outside.includes('node:*'));
}

function reachesOtherAdapter(one: Import): boolean {
  const from = /^src\/adapters\/([^/]+)\//.exec(one.file)?.[1];
  const to = /^adapters\/([^/]+)\//.exec(toSourcePath(one) ?? '')?.[1];
  return from !== undefined && to !== undefined && to !== from && to !== 'libc';
}

function foldersByPackage(): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const one of imports) {
    const name = toPackageName(one.specifier);
    if (/^[.#]|^node:/.test(name)) continue;
    const known = folders.get(name) ?? new Set();
    folders.set(name, known.add(importingFolder(name, one.file)));
  }
  return folders;
}

/** `src/adapters/libc/x/y.ts` imports as `adapters/libc`. */
function importingFolder(name: string, file: string): string {
  const shared = SHARED_WITHIN.get(name);
  if (shared && file.startsWith(`src/${shared}/`)) return shared;
  return dirname(file).split('/').slice(1, 3).join('/');
}

function describe({ file, specifier }: Import): string {
  return `${file} imports ${specifier}`;
}
