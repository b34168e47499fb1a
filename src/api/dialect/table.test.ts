import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleDialect } from '#test/versions/sample-dialect.ts';
import { RouteTable } from './table.ts';
import { formatVersion, knownVersion } from './version.ts';

const table = new RouteTable(sampleDialect);
const find = (method: string, path: string, version = '1.6'): unknown => {
  const found = table.find(method, path, knownVersion(version));
  return found && [found.route.id, ...Object.values(found.params)].join(' ');
};

test('names are greedy: slashes, colons and nothing at all', () => {
  assert.equal(find('GET', '/crates/quay.io:5000/a/b:1/json'), 'crate-inspect quay.io:5000/a/b:1');
  assert.equal(find('GET', '/crates/a/json/json'), 'crate-inspect a/json');
  assert.equal(find('DELETE', '/crates/'), 'crate-delete ');
  assert.equal(find('DELETE', '/crates/a\nb'), 'crate-delete a\nb');
});

test('fixed paths win, patterns with more fixed text win over others', () => {
  assert.equal(find('GET', '/crates/json'), 'crate-list');
  assert.equal(find('DELETE', '/crates/json'), 'crate-delete json');
});

test('unknown paths, other methods and undeclared HEAD are not found', () => {
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/crates'],
    ['POST', '/crates/json'],
    ['HEAD', '/crates/json'],
    ['GET', '/crates/json/'],
  ] as const) {
    assert.equal(find(method, path), undefined, `${method} ${path}`);
  }
  assert.equal(find('HEAD', '/ping'), 'ping');
});

test('a later route serves older prefixes as in its first version, unless strict', () => {
  const found = table.find('GET', '/shelves', knownVersion('1.1'));
  assert.equal(found && formatVersion(found.version), '1.4');
  assert.equal(find('GET', '/crates/draw', '1.3'), undefined);
});

test('two routes share an address one after the other; a gone route is gone', () => {
  assert.equal(find('GET', '/crates/draw', '1.2'), 'crate-draw');
  assert.equal(find('GET', '/crates/draw', '1.4'), 'crate-draw-again');
});

test('an older address answers before its change and not after', () => {
  assert.equal(find('GET', '/crates/ps', '1.4'), 'crate-list');
  assert.equal(find('GET', '/crates/ps', '1.5'), undefined);
});
