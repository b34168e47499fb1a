import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAmount } from './amount.ts';
import { formatBar } from './bar.ts';
import { formatSize } from './size.ts';

test('sizes have decimal units and four digits without trailing zeros', () => {
  const sizes = [2, 999, 1000, 65_536, 796_000, 1_024_000, 1_500_000_000].map((bytes) => formatSize(bytes));
  assert.deepEqual(sizes, ['2 B', '999 B', '1 kB', '65.54 kB', '796 kB', '1.024 MB', '1.5 GB']);
});

test('a bar has fifty cells and both sizes', () => {
  const blanks = ' '.repeat(47);
  assert.equal(formatBar(65_536, 1_000_000, ' '), `[===>${blanks}] 65.54 kB/1 MB`);
  assert.equal(formatBar(65_536, 1_000_000), `[===>${blanks}]  65.54kB/1MB`);
  assert.equal(formatBar(10, 10), `[${'='.repeat(50)}>]      10B/10B`);
});

test('without a whole there is no bar, and without numbers nothing', () => {
  assert.equal(formatBar(0, 0), '');
  assert.equal(formatBar(65_536, 0), ' 65.54kB');
  assert.equal(
    formatBar(20, 10),
    `[${'='.repeat(50)}>]      20B`,
    'a whole that is less than the part is not told',
  );
});

test('amounts say how much of how much', () => {
  assert.equal(formatAmount(65_536, 1_000_000, String), '65536/1000000 (7%)');
  assert.equal(formatAmount(1_500_000, 3_000_000, formatSize), '1.5 MB/3 MB (50%)');
  assert.equal(formatAmount(7, 0, String), '7/? (n/a)');
  assert.equal(formatAmount(0, 0, String), '');
});
