import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProcessStat } from './process-stat.ts';

const rest = 'S 7 17 17 0 -1 4194560 99 0 0 0 0 0 0 0 20 0 1 0 159233 1000 2 3\n';

test('state, parent and start time come from behind the name', () => {
  const expected = { pid: 15310, state: 'S', parent: 7, group: 17, startTime: '159233' };
  assert.deepEqual(parseProcessStat(`15310 (sleep) ${rest}`), expected);
});

test('a name may hold blanks and brackets', () => {
  assert.equal(parseProcessStat(`1 (a) b (c) ${rest}`)?.startTime, '159233');
});

test('text that is no stat line is undefined', () => {
  assert.equal(parseProcessStat(''), undefined);
  assert.equal(parseProcessStat('12 (x) S'), undefined);
});
