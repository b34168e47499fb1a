import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatAddAddress, parseAddress } from './addresses.ts';
import { formatGetLink, parseLink } from './links.ts';
import {
  attribute,
  formatMessage,
  headerLength,
  listAttributes,
  nestedAttribute,
  parseAcknowledgement,
  parseAttributes,
  parseMessages,
  readText,
  setSequence,
  textAttribute,
} from './message.ts';
import { formatAddElements, parseElements } from './set-elements.ts';

const bytes = fc.uint8Array({ maxLength: 40 });

describe('netlink messages', () => {
  it('attributes are read as they were written, whatever their length', () => {
    const list = fc.array(fc.record({ type: fc.integer({ min: 1, max: 0x3fff }), payload: bytes }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(list, (attributes) => {
        const buffer = Buffer.concat(attributes.map(({ type, payload }) => attribute(type, payload)));
        assert.equal(buffer.length % 4, 0);
        assert.deepEqual(
          listAttributes(buffer).map(({ type, payload }) => [type, [...payload]]),
          attributes.map(({ type, payload }) => [type, [...payload]]),
        );
      }),
    );
  });

  it('several messages of a datagram are told apart, and a cut-off one is left out', () => {
    const one = formatMessage({ type: 16, flags: 5, body: [textAttribute(3, 'eth0')] });
    const two = formatMessage({ type: 17, flags: 1, body: [] });
    setSequence(two, 7);
    const datagram = Buffer.concat([one, two, one.subarray(0, one.length - 4)]);
    const messages = parseMessages(datagram);
    assert.deepEqual(
      messages.map(({ type, flags, sequence }) => [type, flags, sequence]),
      [
        [16, 5, 0],
        [17, 1, 7],
      ],
    );
    assert.equal(readText(parseAttributes(messages[0]?.body ?? Buffer.alloc(0)).get(3)), 'eth0');
  });

  it('no garbage makes the parsers fail', () => {
    const garbage = fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data));
    fc.assert(
      fc.property(garbage, (data) => {
        parseMessages(data);
        listAttributes(data);
        parseElements(data);
      }),
    );
  });

  it('a failure carries errno and the kernel’s words', () => {
    const original = formatMessage({ type: 16, flags: 5, body: [] });
    const errno = Buffer.alloc(4);
    errno.writeInt32LE(-17);
    const body = Buffer.concat([errno, original, textAttribute(1, 'no such thing')]);
    const message = { type: 2, flags: 0x300, sequence: 3, body };
    assert.deepEqual(parseAcknowledgement(message), { errno: 17, sequence: 3, reason: 'no such thing' });
  });

  it('addresses are read back from what sets them', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const address = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: 32 }), (text, prefixLength) => {
        const [message] = parseMessages(formatAddAddress({ index: 5, address: text, prefixLength }));
        assert.deepEqual(parseAddress(message?.body ?? Buffer.alloc(0)), {
          index: 5,
          address: text,
          prefixLength,
        });
      }),
    );
  });

  it('links are read with name, alias and kind', () => {
    const [message] = parseMessages(formatGetLink('br0'));
    const body = Buffer.concat([
      message?.body ?? Buffer.alloc(0),
      textAttribute(20, 'gantry:x'),
      nestedAttribute(18, [textAttribute(1, 'bridge')]),
      attribute(1, Uint8Array.of(2, 0x42, 10, 0, 0, 1)),
    ]);
    const { name, alias, kind, macAddress, master } = parseLink(body);
    assert.deepEqual(
      [name, alias, kind, macAddress, master],
      ['br0', 'gantry:x', 'bridge', '02:42:0a:00:00:01', 0],
    );
  });

  it('elements are read back with value and comment', () => {
    const element = { key: Buffer.from('key.'), value: Buffer.from('value...'), comment: 'owner' };
    const [message] = parseMessages(
      formatAddElements({ table: 't', set: 's' }, [element, { ...element, comment: '' }]),
    );
    assert.ok(message !== undefined && message.body.length + headerLength > 0);
    assert.deepEqual(parseElements(message.body), [element, { ...element, comment: '' }]);
  });
});
