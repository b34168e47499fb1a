import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isEngineError } from '#domain/error/engine-error.ts';
import {
  formatCanonical,
  formatFamiliar,
  joinReference,
  parseReference,
  withDefaultTag,
} from '#domain/image/reference.ts';

const HEX = 'a'.repeat(64);

const refusedWith =
  (code: string, text?: string | RegExp) =>
  (error: unknown): boolean => {
    assert.ok(isEngineError(error, 'invalid'));
    assert.equal(error.code, code);
    if (text instanceof RegExp) assert.match(error.message, text);
    else if (text !== undefined) assert.equal(error.message, text);
    return true;
  };

test('short names are completed and shortened again', () => {
  const cases = [
    ['busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['library/busybox:1', 'docker.io/library/busybox:1', 'busybox:1'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['index.docker.io/library/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['user/app:v1', 'docker.io/user/app:v1', 'user/app:v1'],
    ['library/a/b', 'docker.io/library/a/b:latest', 'library/a/b:latest'],
    ['localhost/x', 'localhost/x:latest', 'localhost/x:latest'],
    ['127.0.0.1:5000/x:y', '127.0.0.1:5000/x:y', '127.0.0.1:5000/x:y'],
    ['[::1]:5000/x', '[::1]:5000/x:latest', '[::1]:5000/x:latest'],
    ['quay.io/a/b/c', 'quay.io/a/b/c:latest', 'quay.io/a/b/c:latest'],
    [`busybox:1@sha256:${HEX}`, `docker.io/library/busybox@sha256:${HEX}`, `busybox@sha256:${HEX}`],
  ] as const;
  for (const [typed, canonical, familiar] of cases) {
    const reference = withDefaultTag(parseReference(typed));
    assert.equal(formatCanonical(reference), canonical);
    assert.equal(formatFamiliar(reference), familiar);
  }
});

test('bad names are refused, each with its own code', () => {
  const cases = [
    ['http://x/y', 'reference.scheme', /registry\.domain\.tld/],
    [HEX, 'reference.hex-name', /64-byte hexadecimal/],
    ['scratch', 'reference.reserved', "'scratch' is a reserved name"],
    ['Foo', 'reference.upper-case', /must be lowercase/],
    ['', 'reference.format', undefined],
    ['a//b', 'reference.format', undefined],
    ['-a', 'reference.format', undefined],
    ['a___b', 'reference.format', undefined],
    ['host.tld/', 'reference.format', undefined],
    ['x:', 'reference.tag', /Illegal tag name \(\)/],
    ['x:.a', 'reference.tag', /Illegal tag name \(\.a\)/],
    [`x:${'t'.repeat(129)}`, 'reference.tag', undefined],
    ['x@sha256:12', 'reference.digest', undefined],
    [`h.io/${'a/'.repeat(130)}b`, 'reference.too-long', undefined],
    ['../../etc', 'reference.format', undefined],
  ] as const;
  for (const [typed, code, text] of cases) {
    assert.throws(() => parseReference(typed), refusedWith(code, text), typed);
  }
});

test('a separate tag or digest wins over the one in the name', () => {
  assert.equal(formatFamiliar(joinReference('busybox:1', '2')), 'busybox:2');
  assert.equal(formatFamiliar(joinReference('busybox', '')), 'busybox');
  assert.equal(formatFamiliar(joinReference('busybox', `sha256:${HEX}`)), `busybox@sha256:${HEX}`);
});

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
const word = fc.string({ unit: fc.constantFrom(...letters.split('')), minLength: 1, maxLength: 8 });
const component = fc
  .array(word, { minLength: 1, maxLength: 3 })
  .chain((words) => fc.constantFrom('.', '_', '__', '-', '--').map((glue) => words.join(glue)));
const host = fc.option(
  fc.tuple(word, fc.integer({ min: 1, max: 65_535 })).map(([name, port]) => `${name}:${port}`),
  { nil: undefined },
);
const tag = fc.option(word, { nil: undefined });

test('what is parsed and printed parses to the same again', () => {
  fc.assert(
    fc.property(
      host,
      fc.array(component, { minLength: 1, maxLength: 4 }),
      tag,
      (hostName, parts, tagName) => {
        const text = [...(hostName === undefined ? [] : [hostName]), ...parts].join('/');
        const typed = tagName === undefined ? text : `${text}:${tagName}`;
        fc.pre(text !== 'scratch' && parts[0] !== 'scratch');
        const reference = parseReference(typed);
        assert.deepEqual(parseReference(formatCanonical(reference)), reference);
        assert.deepEqual(parseReference(formatFamiliar(reference)), reference);
      },
    ),
  );
});

test('any text is either a reference or refused as invalid', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseReference(text);
      } catch (error) {
        assert.ok(isEngineError(error, 'invalid'));
      }
    }),
  );
});
