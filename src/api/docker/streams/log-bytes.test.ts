import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogRecord } from '#domain/log/record.ts';
import { bracketedTime, fullTime, logBytes, trimmedTime } from './log-bytes.ts';
import type { LogForm } from './log-bytes.ts';

const TIME = '2015-01-02T03:04:05.120000000Z';

const record = (text: string, fields: Partial<LogRecord> = {}): LogRecord => ({
  stream: 'stdout',
  bytes: new TextEncoder().encode(text),
  time: TIME,
  partial: false,
  ...fields,
});

const written = async (
  batches: readonly (readonly LogRecord[])[],
  form: Partial<LogForm>,
): Promise<string[]> => {
  const source = (async function* () {
    yield* batches;
  })();
  const buffers = await Array.fromAsync(
    logBytes(source, { framed: false, time: undefined, details: '', ...form }),
  );
  return buffers.map((bytes) => Buffer.from(bytes).toString('latin1'));
};

test('a batch is one buffer', async () => {
  assert.deepEqual(await written([[record('a\n'), record('b\n')], [record('c\n')]], {}), ['a\nb\n', 'c\n']);
});

test('every line is a frame of its own stream', async () => {
  const batch = [record('a\n'), record('b\n', { stream: 'stderr' })];
  assert.deepEqual(await written([batch], { framed: true }), [
    '\x01\0\0\0\0\0\0\x02a\n\x02\0\0\0\0\0\0\x02b\n',
  ]);
});

test('times and details stand before a line and count as part of its frame', async () => {
  const [text = ''] = await written([[record('a\n')]], { framed: true, time: fullTime, details: 'k=v ' });
  assert.equal(text.slice(8), `${TIME} k=v a\n`);
  assert.equal(text.charCodeAt(7), text.length - 8);
});

test('the rest of a long line has no time of its own, whatever comes between', async () => {
  const batches = [[record('be', { partial: true }), record('x\n', { stream: 'stderr' })], [record('gin\n')]];
  assert.deepEqual(await written(batches, { time: () => 'T' }), ['T beT x\n', 'gin\n']);
});

test('times are written as their version did', () => {
  assert.equal(fullTime(TIME), TIME);
  assert.equal(trimmedTime(TIME), '2015-01-02T03:04:05.12Z');
  assert.equal(trimmedTime('2015-01-02T03:04:00.000000000Z'), '2015-01-02T03:04:00Z');
  assert.equal(bracketedTime(TIME), '[Jan  2 03:04:05.120]');
});
