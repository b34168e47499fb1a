import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goFileMode, presentPathStat } from './path-stat.ts';

test("modes are Go's, with bits that are not those of the kernel", () => {
  assert.equal(goFileMode({ kind: 'directory', permissions: 0o700 }), 2_147_484_096);
  assert.equal(goFileMode({ kind: 'file', permissions: 0o4755 }), 0x80_01ed);
  assert.equal(goFileMode({ kind: 'directory', permissions: 0o1777 }), 0x8010_01ff);
  assert.equal(goFileMode({ kind: 'symlink', permissions: 0o777 }), 0x800_01ff);
  assert.equal(goFileMode({ kind: 'character-device', permissions: 0o666 }), 0x420_01b6);
});

test('the header is what engines send', () => {
  const header = presentPathStat({
    name: 'hello.txt',
    sizeBytes: 6,
    kind: 'file',
    permissions: 0o644,
    modifiedAt: Date.parse('2023-09-12T06:06:56Z'),
    linkTarget: '',
  });
  assert.deepEqual(header, {
    'X-Docker-Container-Path-Stat':
      'eyJuYW1lIjoiaGVsbG8udHh0Iiwic2l6ZSI6NiwibW9kZSI6NDIwLCJtdGltZSI6IjIwMjMtMDktMTJUMDY6MDY6NTZaIiwibGlua1RhcmdldCI6IiJ9',
  });
});
