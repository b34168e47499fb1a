import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseOf } from './version.ts';

const asked = (sent: string, agent?: string): string | undefined =>
  releaseOf(sent, { headers: { 'user-agent': agent } });

test('a prefix that names a release counts, whatever the client calls itself', () => {
  assert.equal(asked('0.4.0', 'Hyper-Client/1.1.0'), undefined);
});

test('the constant version and none leave it to the name of the client, else it is the newest', () => {
  for (const sent of ['1.17', '']) {
    assert.equal(asked(sent, 'Hyper-Client/0.7.0'), '0.7');
    assert.equal(asked(sent, 'curl/8.0'), '1.1');
    assert.equal(asked(sent), '1.1');
  }
});
