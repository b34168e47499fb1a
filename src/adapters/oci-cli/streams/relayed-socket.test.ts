import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameSplitter } from './relayed-socket.ts';

const frame = (text: string): Buffer => {
  const header = Buffer.alloc(2);
  header.writeUInt16LE(text.length);
  return Buffer.concat([header, Buffer.from(text)]);
};

test('packets come out whole however the stream is cut', () => {
  const stream = Buffer.concat([frame('one'), frame(''), frame('three')]);
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const packets: string[] = [];
    const splitter = new FrameSplitter((packet) => packets.push(packet.toString()) > 0);
    splitter.take(stream.subarray(0, cut));
    splitter.take(stream.subarray(cut));
    assert.deepEqual(packets, ['one', '', 'three']);
  }
});

test('a receiver that pauses gets the next packet when it goes on', () => {
  const packets: string[] = [];
  const splitter = new FrameSplitter((packet) => packets.push(packet.toString()) > 1);
  assert.equal(splitter.take(Buffer.concat([frame('a'), frame('b')])), false);
  assert.deepEqual(packets, ['a']);
  assert.equal(splitter.take(Buffer.alloc(0)), true);
  assert.deepEqual(packets, ['a', 'b']);
});
