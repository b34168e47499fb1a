import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMountOptions } from './mount-options.ts';

describe('mount options', () => {
  it('are flags and data', () => {
    assert.deepEqual(parseMountOptions(''), { flags: 0, data: '' });
    assert.deepEqual(parseMountOptions('ro,noexec,size=10m,uid=1000'), {
      flags: 9,
      data: 'size=10m,uid=1000',
    });
    assert.deepEqual(parseMountOptions('bind'), { flags: 0x1000, data: '' });
    assert.deepEqual(parseMountOptions('rbind,nosuid,nodev'), { flags: 0x5006, data: '' });
    assert.deepEqual(parseMountOptions('addr=10.0.0.1,,soft'), { flags: 0, data: 'addr=10.0.0.1,soft' });
  });

  it('take the last of two that contradict each other', () => {
    assert.deepEqual(parseMountOptions('ro,rw'), { flags: 0, data: '' });
    assert.deepEqual(parseMountOptions('defaults,exec,noexec'), { flags: 8, data: '' });
  });

  it('are not looked up where objects have words of their own', () => {
    assert.deepEqual(parseMountOptions('constructor'), { flags: 0, data: 'constructor' });
  });
});
