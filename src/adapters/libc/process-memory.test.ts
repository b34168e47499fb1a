import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { releaseUnusedMemory, unchangedFiles } from './process-memory.ts';

const area = (range: string, modeAndFile: string, residentKb: number, anonymousKb: number): string =>
  `${range} ${modeAndFile.replace(' ', ' 00000000 fe:00 123                        ')}\nSize: 99999 kB\nRss:        ${residentKb} kB\nAnonymous:  ${anonymousKb} kB\nVmFlags: rd ex\n`;

void test('only read-only mappings of files that nothing wrote to, and large ones', () => {
  const smaps = [
    area('400000-500000', 'r-xp /usr/bin/program', 1000, 0),
    area('500000-600000', 'r--p /usr/bin/program', 900, 0),
    area('600000-700000', 'r--p /usr/lib/relocated.so', 900, 4),
    area('700000-800000', 'rw-p /usr/lib/data.so', 900, 0),
    area('800000-900000', 'r-xp /usr/lib/small.so', 100, 0),
    area('900000-a00000', 'r-xp ', 900, 0),
    area('a00000-b00000', 'r-xp [vdso]', 900, 0),
  ].join('');
  assert.deepEqual(unchangedFiles(smaps), [
    { start: 0x400000n, end: 0x500000n },
    { start: 0x500000n, end: 0x600000n },
  ]);
});

void test('the process goes on without the pages and has fewer of them', () => {
  const filePages = (): number =>
    Number(/RssFile:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  const before = filePages();
  releaseUnusedMemory();
  assert.ok(filePages() < before * 0.7, `${filePages()} of ${before} kB are left`);
  assert.equal(new Intl.NumberFormat('en').format(1234.5), '1,234.5');
});
