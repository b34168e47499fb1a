import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldName, journalMessage } from './message.ts';

test('a value of one line is written as it is, one of several with its length', () => {
  const bytes = journalMessage([
    ['MESSAGE', 'hällo=1'],
    ['NOTE', 'a\nb'],
    ['_OWN', 'journald’s'],
    ['', 'nothing'],
  ]);
  const length = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]);
  const expected = [Buffer.from('MESSAGE=hällo=1\nNOTE\n'), length, Buffer.from('a\nb\n')];
  assert.deepEqual(Buffer.from(bytes), Buffer.concat(expected));
});

test('names of fields', () => {
  assert.deepEqual(['com.example.tier', '_x', 'é-1'].map(fieldName), ['COM_EXAMPLE_TIER', 'X', '1']);
});
