import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { ROOT, scanImports, toPackageName, toSourcePath } from './imports.ts';

const SOURCE = `
import fs from 'node:fs';
import type { A } from '#domain/a.ts';
import { type B, type C } from '#domain/b.ts';
import { type D, e } from '#domain/d.ts';
import {
  long,
  list,
} from './near.ts';
export { f } from '#lib/f.ts';
export type { G } from '#lib/g.ts';
import 'typebox';
// import 'commented';
/*
import 'commented too';
*/
const late = await import('yaml');
export const text = "import 'not me'";
`;

test('the scanner finds every form of import and knows which are for types only', (t) => {
  const folder = mkdtempSync(join(ROOT, '.cache/scan-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'x.ts'), SOURCE);
  const found = scanImports(relative(ROOT, join(folder, 'x.ts')));
  assert.deepEqual(
    found.map(({ specifier, isTypeOnly }) => (isTypeOnly ? `type ${specifier}` : specifier)),
    [
      'node:fs',
      'type #domain/a.ts',
      'type #domain/b.ts',
      '#domain/d.ts',
      './near.ts',
      '#lib/f.ts',
      'type #lib/g.ts',
      'typebox',
      'yaml',
    ],
  );
});

test('a relative import leads to a place below src', () => {
  const one = { file: 'src/engine/pods/start.ts', specifier: './plan.ts', isTypeOnly: false };
  assert.equal(toSourcePath(one), 'engine/pods/plan.ts');
  assert.equal(toSourcePath({ ...one, specifier: '#lib/x.ts' }), 'lib/x.ts');
  assert.equal(toSourcePath({ ...one, specifier: 'node:fs' }), undefined);
});

test('a path inside a package belongs to the package', () => {
  assert.equal(toPackageName('@scope/name/deep.js'), '@scope/name');
  assert.equal(toPackageName('node:fs/promises'), 'node:fs');
  assert.equal(toPackageName('typebox/compile'), 'typebox');
});
