import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleDialect } from '#test/versions/sample-dialect.ts';
import { changelogOf, formatChangelog } from './changelog.ts';
import { coverageOf, formatCoverage } from './coverage.ts';
import { describeOpenApi } from './openapi.ts';
import { knownVersion } from '#api/dialect/version.ts';

// oxlint-disable-next-line typescript/no-explicit-any
const at = (version: string) => describeOpenApi(sampleDialect, knownVersion(version)) as any;

test('a description holds what that version documented', () => {
  assert.deepEqual(Object.keys(at('1.0').paths), [
    '/crates/json',
    '/crates/create',
    '/crates/{name}/json',
    '/crates/{name}',
    '/crates/{name}/pack',
    '/crates/{name}/resize',
    '/crates/{name}/move',
    '/crates/draw',
    '/crates/{name}/talk',
    '/ping',
    '/crates/ps',
  ]);
  assert.equal(at('1.3').paths['/crates/draw'], undefined);
  assert.equal(at('1.4').paths['/crates/draw'].get.operationId, 'crate-draw-again');
});

test('schemas are those of the version, each once, requests and replies apart', () => {
  assert.deepEqual(Object.keys(at('1.0').components.schemas.Crate.properties), [
    'Id',
    'Weight',
    'Gross',
    'Owner',
    'Main',
    'Tag',
  ]);
  assert.deepEqual(at('1.0').components.schemas.Seal, { type: 'string' });
  assert.deepEqual(at('1.6').components.schemas.Shelf.properties.Best, { $ref: '#/components/schemas/Seal' });
  const { requestBody } = at('1.6').paths['/crates/create'].post;
  assert.deepEqual(requestBody.content['application/json'].schema, {
    $ref: '#/components/schemas/CratePlan.request',
  });
  assert.equal('Quiet' in at('1.6').components.schemas['CratePlan.request'].properties, false);
});

test('a description is plain JSON Schema: none of our own options are left', () => {
  assert.doesNotMatch(JSON.stringify(at('1.6')), /"x-/);
});

test('parameters are those of the version', () => {
  const names = (version: string): string[] =>
    at(version).paths['/crates/json'].get.parameters.map(({ name }: { name: string }) => name);
  assert.equal(names('1.2').includes('order'), false);
  assert.equal(names('1.3').includes('order'), true);
  assert.equal(names('1.1').includes('X-Auth'), false);
});

test('the changelog has every beginning, end and change', () => {
  const lines = changelogOf(sampleDialect).map(({ version, text }) => `${version} ${text}`);
  for (const line of [
    '1004 `GET /shelves` is new',
    '1003 `GET /crates/draw` is gone',
    '1003 `Crate`: `Tags` is new',
    '1003 `GET /crates/json`: `order` is new',
    '1006 `CratePlan`: `Rope` is refused: ropes are gone',
    '1003 `Crate` before 1.3: one entry per tag',
    '1005 `GET /crates/ps` is gone',
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.match(formatChangelog(sampleDialect), /^# Versions of the sample API\n\n## 1.6\n\n- /);
});

test('coverage tells done from planned', () => {
  const rows = coverageOf(sampleDialect);
  assert.equal(rows.find(({ route }) => route === 'crate-sing')?.planned, 'crates cannot sing yet');
  const { first, last } = rows.find(({ route }) => route === 'crate-draw') ?? {};
  assert.deepEqual([first, last], ['1.0', '1.2']);
  assert.match(formatCoverage(sampleDialect), /^## sample: 13 of 14 done/);
});
