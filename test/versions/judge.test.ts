import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Judge } from '#test/support/versions/judge.ts';

const complaints = (version: string, path: string, body: unknown, status = 200): string[] => {
  const judge = new Judge(version);
  const route = judge.routeOf('GET', path);
  assert.ok(route);
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json' };
  return judge.complain(route, { status, headers, bytes: Buffer.from(text), text });
};

const VERSION_1_0 = { Version: '1', GitCommit: '', GoVersion: '' };

test('the judge takes what a version knows', () => {
  assert.deepEqual(complaints('1.0', '/version', VERSION_1_0), []);
});

test('the judge refuses members of later versions, wrong types, missing members and other statuses', () => {
  assert.match(complaints('1.0', '/version', { ...VERSION_1_0, ApiVersion: '1.0' })[0] ?? '', /additional/);
  assert.match(complaints('1.0', '/version', { ...VERSION_1_0, Version: 1 })[0] ?? '', /must be string/);
  assert.match(complaints('1.0', '/version', {})[0] ?? '', /required/);
  assert.match(complaints('1.0', '/version', VERSION_1_0, 500)[0] ?? '', /status 500/);
});
