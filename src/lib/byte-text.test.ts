import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { array, assert as check, constantFrom, property, uint8Array } from 'fast-check';
import { bytesOfText, textOfBytes } from './byte-text.ts';

describe('text of bytes', () => {
  it('is the text where they are UTF-8', () => {
    assert.equal(textOfBytes(Buffer.from('/dä/…/😀')), '/dä/…/😀');
    assert.deepEqual(bytesOfText('/dä/…/😀'), Buffer.from('/dä/…/😀'));
  });

  it('keeps every other byte apart', () => {
    assert.notEqual(textOfBytes(Buffer.from([0xe4])), textOfBytes(Buffer.from([0xe5])));
    assert.deepEqual(bytesOfText(textOfBytes(Buffer.from([0x2f, 0xe4]))), Buffer.from([0x2f, 0xe4]));
  });

  it('gives any bytes back, survives being a query, and bytes that look like its marks', () => {
    const pieces = constantFrom([0xf4, 0x8f, 0xbe, 0x80], [0x61], [0xe4], [0xc3, 0xa4], [0xf4, 0x8f], [0xbf]);
    const check1 = (bytes: Uint8Array): void => {
      const text = textOfBytes(bytes);
      assert.deepEqual(new Uint8Array(bytesOfText(text)), bytes);
      assert.equal(new URLSearchParams([['a', text]]).get('a'), text);
      assert.equal(JSON.parse(JSON.stringify(text)), text);
    };
    check(property(uint8Array({ maxLength: 40 }), check1));
    check(property(array(pieces, { maxLength: 12 }), (parts) => check1(Uint8Array.from(parts.flat()))));
  });
});
