/** Clients of attach's websocket that do not keep to its protocol: each is cut off, and nobody else notices. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { list, run } from '#test/support/faults/containers.ts';
import { countDescriptors, residentBytes } from '#test/support/faults/machine.ts';
import { until } from '#test/support/network/until.ts';
import { connectWire } from '#test/support/versions/ask.ts';
import type { WireClient } from '#test/support/wire.ts';

const MEGABYTE = 1024 * 1024;

const CONTINUATION = 0x0;
const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const FINAL = 0x80;
const MASKED = 0x80;
const ZERO_MASK = Buffer.alloc(4);

const PROTOCOL_ERROR = 1002;
const NOT_TEXT = 1007;
const TOO_BIG = 1009;

/** A masked frame of up to 125 bytes, or of a length that is only told. */
const frame = (first: number, payload: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([Buffer.from([first, MASKED | payload.length]), ZERO_MASK, payload]);

const told = (first: number, bytes: bigint): Buffer => {
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = MASKED | 127;
  head.writeBigUInt64BE(bytes, 2);
  return Buffer.concat([head, ZERO_MASK, Buffer.alloc(1000)]);
};

const long = (first: number, bytes: number): Buffer =>
  Buffer.concat([
    Buffer.from([first, MASKED | 126, bytes >> 8, bytes & 0xff]),
    ZERO_MASK,
    Buffer.alloc(bytes),
  ]);

const closing = (code: number, reason: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([Buffer.from([code >> 8, code & 0xff]), reason]);

const GARBAGE: Readonly<Record<string, readonly [code: number, bytes: Buffer]>> = {
  'bytes that are no frames': [PROTOCOL_ERROR, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20))],
  'frames without a mask': [PROTOCOL_ERROR, Buffer.from([FINAL | TEXT, 2, 0x68, 0x69])],
  'reserved bits': [PROTOCOL_ERROR, frame(FINAL | 0x70 | TEXT)],
  'compression that was not agreed on': [PROTOCOL_ERROR, frame(FINAL | 0x40 | TEXT, Buffer.from('x'))],
  'unknown kinds': [PROTOCOL_ERROR, frame(FINAL | 0x3)],
  'unknown control kinds': [PROTOCOL_ERROR, frame(FINAL | 0xb)],
  'a control frame that is too long': [PROTOCOL_ERROR, long(FINAL | PING, 126)],
  'a control frame in parts': [PROTOCOL_ERROR, frame(PING, Buffer.from('x'))],
  'a close of one byte': [PROTOCOL_ERROR, frame(FINAL | CLOSE, Buffer.from('x'))],
  'a close with a code that is none': [PROTOCOL_ERROR, frame(FINAL | CLOSE, closing(1005))],
  'a close with words that are none': [
    NOT_TEXT,
    frame(FINAL | CLOSE, closing(1000, Buffer.from([0xff, 0xfe]))),
  ],
  'text that is none': [NOT_TEXT, frame(FINAL | TEXT, Buffer.from([0xff, 0xfe]))],
  'a continuation of nothing': [PROTOCOL_ERROR, frame(FINAL | CONTINUATION, Buffer.from('x'))],
  'a message within a message': [
    PROTOCOL_ERROR,
    Buffer.concat([frame(TEXT, Buffer.from('x')), frame(TEXT, Buffer.from('y'))]),
  ],
  'a length of 2^63': [TOO_BIG, told(FINAL | BINARY, 1n << 63n)],
  'a length of 2^40': [TOO_BIG, told(FINAL | BINARY, 1n << 40n)],
  'a length of 1 GB': [TOO_BIG, told(FINAL | BINARY, 1n << 30n)],
};

describe('a websocket that does not keep to its protocol', () => {
  let daemon: TestDaemon;
  let id: string;
  before(async () => {
    daemon = await TestDaemon.start();
    id = await run(daemon, 'exec sleep 600', { OpenStdin: true });
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const open = async (): Promise<WireClient> => {
    const wire = await connectWire(daemon.socket);
    await wire.send(
      `GET /v1.51/containers/${id}/attach/ws?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: docker\r\n` +
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    assert.match(await wire.until('\r\n\r\n'), /^HTTP\/1.1 101 /u);
    return wire;
  };

  /** Until the daemon has ended it; the code of its close, if it said one. */
  const endOf = async (wire: WireClient): Promise<number | undefined> => {
    const bytes = Buffer.from(await wire.rest(), 'latin1');
    wire.socket.destroy();
    const at = bytes.lastIndexOf(FINAL | CLOSE);
    return at < 0 ? undefined : bytes.readUInt16BE(at + 2);
  };

  const assertOthersServed = async (): Promise<void> => {
    assert.equal((await list(daemon)).length, 1);
    const wire = await open();
    await wire.send(frame(FINAL | PING, Buffer.from('there?')));
    assert.equal(await wire.take(8), '\x8a\x06there?');
    wire.vanish();
  };

  for (const [what, [code, bytes]] of Object.entries(GARBAGE))
    it(`${what}: it is told and cut off`, async () => {
      const wire = await open();
      await wire.send(bytes);
      assert.equal(await endOf(wire), code);
      await assertOthersServed();
    });

  for (const [what, piece] of [
    ['fragments without an end', Buffer.concat([long(CONTINUATION, 60_000), frame(CONTINUATION)])],
    ['empty fragments without an end', frame(CONTINUATION)],
  ] as const)
    it(`${what}: memory is bounded`, async () => {
      const resident = residentBytes(daemon.pid);
      const wire = await open();
      wire.socket.on('error', () => undefined);
      await wire.send(frame(BINARY));
      const burst = Buffer.concat(Array.from({ length: Math.ceil(MEGABYTE / piece.length) }, () => piece));
      let sent = 0;
      for (; sent < 200 && !wire.socket.destroyed && wire.socket.writable; sent += 1) {
        let isThrough = false;
        void wire.send(burst).then(() => (isThrough = true));
        await until(() => isThrough || wire.socket.destroyed || !wire.socket.writable);
      }
      await assertOthersServed();
      const growth = residentBytes(daemon.pid) - resident;
      assert.ok(growth < 96 * MEGABYTE, `the daemon grew by ${Math.round(growth / MEGABYTE)} MB`);
      wire.socket.destroy();
    });

  it('a connection that breaks in the middle of a frame, a close or the handshake leaves nothing', async () => {
    const known = countDescriptors(daemon.pid);
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from([FINAL | BINARY]),
      told(FINAL | BINARY, 5000n),
      frame(TEXT, Buffer.from('half')),
      Buffer.from([FINAL | CLOSE, MASKED | 2, 0, 0]),
      frame(FINAL | CLOSE, closing(1000)),
    ]) {
      for (const leave of ['vanish', 'halfClose'] as const) {
        const wire = await open();
        await wire.send(bytes);
        wire[leave]();
        if (leave === 'halfClose') await wire.rest();
        wire.socket.destroy();
      }
    }
    const early = await connectWire(daemon.socket);
    await early.send(`GET /containers/${id}/attach/ws?stream=1 HTTP/1.1\r\nUpgrade: websocket\r\nSec-`);
    early.vanish();
    await until(() => countDescriptors(daemon.pid) <= known);
    await assertOthersServed();
  });
});
