import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPage, parseTags } from '#adapters/registry-http/tag-pages.ts';

const page = (link: string) => {
  const headers = { link };
  return nextPage({ status: 200, headers, url: new URL('https://r.example/v2/a/tags/list') });
};

test('the next page is followed on the same server only', () => {
  assert.equal(page('</v2/a/tags/list?last=x&n=2>; rel="next"'), '/v2/a/tags/list?last=x&n=2');
  assert.equal(page('<https://r.example/v2/a/tags/list?last=x>; rel=next'), '/v2/a/tags/list?last=x');
  assert.equal(page('<https://evil.example/v2/a/tags/list>; rel="next"'), undefined);
  assert.equal(page(''), undefined);
});

test('tags are read, null is none, anything else is refused', () => {
  const read = (text: string): string[] => parseTags(new TextEncoder().encode(text));
  assert.deepEqual(read('{"name":"a","tags":["x","y"]}'), ['x', 'y']);
  assert.deepEqual(read('{"tags":null}'), []);
  for (const bad of ['', '[]', '{}', '{"tags":"x"}']) assert.throws(() => read(bad));
});
