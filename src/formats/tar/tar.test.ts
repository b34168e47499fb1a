import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { isEngineError } from '#domain/error/engine-error.ts';
import { encodeTarHeader, TAR_END } from '#formats/tar/encode-header.ts';
import { readContent, readTar } from '#formats/tar/read-tar.ts';
import { TarParser } from '#formats/tar/tar-parser.ts';
import { writeTar } from '#formats/tar/write-tar.ts';

import type { TarEntry, TarHeader } from '#formats/tar/entry.ts';

const parseAll = (bytes: Buffer, cuts: readonly number[] = [], limits = {}) => {
  const entries: { entry: TarEntry; content: Buffer }[] = [];
  const parser = new TarParser(
    {
      onEntry: (entry) => entries.push({ entry, content: Buffer.alloc(0) }),
      onData: (buffer, start, end) => {
        const last = entries.at(-1);
        assert.ok(last !== undefined);
        last.content = Buffer.concat([last.content, buffer.subarray(start, end)]);
      },
      onEntryEnd: () => undefined,
    },
    limits,
  );
  let at = 0;
  for (const cut of cuts.toSorted((a, b) => a - b)) {
    if (cut >= bytes.length) break;
    // A fresh copy for each chunk: nothing may be kept of an earlier one.
    parser.write(Buffer.from(bytes.subarray(at, cut)));
    at = cut;
  }
  parser.write(bytes.subarray(at));
  parser.end();
  return entries;
};

const nameBytes = (max: number) =>
  fc.uint8Array({ minLength: 1, maxLength: max }).map((bytes) => {
    const name = Buffer.from(bytes.map((byte) => (byte === 0 ? 0x2f : byte)));
    // A directory's name gets its slash from the writer; give none to others.
    if (name.at(-1) === 0x2f) name[name.length - 1] = 0xc0;
    return name;
  });

const anyHeader = fc.record({
  kind: fc.constantFrom<TarHeader['kind']>(
    'file',
    'directory',
    'symlink',
    'hard-link',
    'character-device',
    'fifo',
  ),
  path: fc.oneof(nameBytes(120), nameBytes(600)),
  linkPath: nameBytes(300),
  mode: fc.nat(0o7777),
  uid: fc.oneof(fc.nat(70_000), fc.constantFrom(2_097_151, 2_097_152, 4_294_967_294)),
  gid: fc.oneof(fc.nat(70_000), fc.constantFrom(2_097_151, 2_097_152, 4_294_967_294)),
  modified: fc.record({
    seconds: fc.integer({ min: -10_000_000_000, max: 100_000_000_000 }),
    nanoseconds: fc.oneof(fc.constant(0), fc.nat(999_999_999)),
  }),
  deviceMajor: fc.nat(4095),
  deviceMinor: fc.nat(1_048_575),
  xattrs: fc.uniqueArray(
    fc.tuple(fc.constantFrom('user.a', 'security.capability', 'user.x=y%z'), fc.uint8Array()),
    {
      selector: ([key]) => key,
    },
  ),
  content: fc.uint8Array({ maxLength: 2000 }),
});

test('what the writer writes the reader reads, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyHeader, { maxLength: 6 }),
      fc.array(fc.nat(20_000), { maxLength: 30 }),
      async (sources, cuts) => {
        const entries = sources.map(({ content, xattrs, ...header }) => ({
          header: { ...header, xattrs: new Map(xattrs.map(([key, value]) => [key, Buffer.from(value)])) },
          ...(header.kind === 'file' ? { content } : {}),
        }));
        const archive = Buffer.concat(await Array.fromAsync(writeTar(entries)));
        const read = parseAll(archive, cuts);
        assert.equal(read.length, sources.length);
        for (const [index, { entry, content }] of read.entries()) compare(entry, content, sources[index]);
      },
    ),
    { numRuns: 150 },
  );
});

const compare = (
  entry: TarEntry,
  content: Buffer,
  source: (typeof anyHeader extends fc.Arbitrary<infer T> ? T : never) | undefined,
) => {
  assert.ok(source !== undefined);
  const isLink = source.kind === 'symlink' || source.kind === 'hard-link';
  assert.equal(entry.kind, source.kind);
  assert.deepEqual(
    entry.path,
    source.kind === 'directory' ? Buffer.concat([source.path, Buffer.from('/')]) : source.path,
  );
  if (isLink) assert.deepEqual(entry.linkPath, source.linkPath);
  assert.equal(entry.mode, source.mode);
  assert.equal(entry.uid, source.uid);
  assert.equal(entry.gid, source.gid);
  assert.deepEqual(entry.modified, { ...source.modified });
  assert.equal(entry.deviceMajor, source.deviceMajor);
  assert.equal(entry.deviceMinor, source.deviceMinor);
  assert.deepEqual(
    [...entry.xattrs],
    source.xattrs.map(([key, value]) => [key, Buffer.from(value)]),
  );
  assert.deepEqual(content, source.kind === 'file' ? Buffer.from(source.content) : Buffer.alloc(0));
};

test('random bytes and damaged archives are refused or read, never anything but EngineError', async () => {
  const archive = Buffer.concat(
    await Array.fromAsync(
      writeTar([
        {
          header: { kind: 'file', path: 'a'.repeat(300), xattrs: new Map([['user.a', Buffer.of(0xff)]]) },
          content: Buffer.alloc(700, 1),
        },
        { header: { kind: 'symlink', path: 'b', linkPath: 'c' } },
      ]),
    ),
  );
  fc.assert(
    fc.property(fc.nat(archive.length - 1), fc.nat(255), fc.nat(archive.length), (at, byte, length) => {
      const damaged = Buffer.from(archive.subarray(0, length));
      if (at < damaged.length) damaged[at] = byte;
      refusedOrRead(damaged);
    }),
    { numRuns: 500 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => refusedOrRead(Buffer.from(bytes))));
});

const refusedOrRead = (bytes: Buffer) => {
  try {
    parseAll(bytes);
  } catch (error) {
    assert.ok(isEngineError(error, 'invalid'), String(error));
    assert.match(error.code, /^tar\./);
  }
};

test('an archive cut short says unexpected EOF', async () => {
  const archive = Buffer.concat(
    await Array.fromAsync(writeTar([{ header: { kind: 'file', path: 'a' }, content: Buffer.alloc(700) }])),
  );
  for (const length of [1, 511, 512, 513, 1212, 1535])
    assert.throws(
      () => parseAll(archive.subarray(0, length)),
      { code: 'tar.truncated', message: 'unexpected EOF' },
      `${length}`,
    );
  for (const length of [0, 1536, 2048])
    assert.doesNotThrow(() => parseAll(archive.subarray(0, length)), `${length}`);
});

test('garbage says invalid tar header', () => {
  assert.throws(() => parseAll(Buffer.alloc(2000, 'not a tar')), {
    code: 'tar.invalid-header',
    message: /^archive\/tar: invalid tar header/,
  });
});

test('limits: entries, names, extended headers', () => {
  const small = encodeTarHeader({ kind: 'fifo', path: 'a' });
  assert.throws(() => parseAll(Buffer.concat([small, small, TAR_END]), [], { entries: 1 }), {
    code: 'tar.too-many-entries',
  });
  const long = Buffer.concat([encodeTarHeader({ kind: 'fifo', path: 'a'.repeat(5000) }), TAR_END]);
  assert.throws(() => parseAll(long, [], { pathBytes: 4096 }), { code: 'tar.field-too-long' });
  assert.throws(() => parseAll(long, [], { extendedHeaderBytes: 4096 }), { code: 'tar.field-too-long' });
});

test('base-256 numbers, global records and records that take others back', () => {
  const block = Buffer.from(encodeTarHeader({ kind: 'fifo', path: 'a' }));
  block.fill(0, 108, 116);
  block[108] = 0x80;
  block.writeUInt32BE(3_000_000_000, 112);
  const global = paxBlock('g', '18 uid=1234567890\n17 comment=hello\n');
  const local = paxBlock('x', '7 uid=\n');
  const [first, second] = parseAll(Buffer.concat([resum(block), global, local, resum(block), TAR_END]));
  assert.equal(first?.entry.uid, 3_000_000_000);
  assert.equal(second?.entry.uid, 3_000_000_000);
  const [third] = parseAll(Buffer.concat([global, resum(block), TAR_END]));
  assert.equal(third?.entry.uid, 1_234_567_890);
});

const resum = (block: Buffer): Buffer => {
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
};

const paxBlock = (typeFlag: string, records: string): Buffer => {
  const block = Buffer.from(encodeTarHeader({ kind: 'file', path: 'pax', sizeBytes: records.length }));
  block.write(typeFlag, 156, 'latin1');
  return Buffer.concat([resum(block), Buffer.from(records.padEnd(512, '\0'))]);
};

test('the async reader gives contents in order and skips what is not read', async () => {
  const sources = [1, 2, 3].map((n) => ({
    header: { kind: 'file' as const, path: `f${n}` },
    content: Buffer.alloc(n * 100_000, n),
  }));
  const seen: [string, number][] = [];
  for await (const entry of readTar(writeTar(sources)))
    seen.push([
      entry.path.toString(),
      entry.path.toString() === 'f2' ? 0 : (await readContent(entry)).length,
    ]);
  assert.deepEqual(seen, [
    ['f1', 100_000],
    ['f2', 0],
    ['f3', 300_000],
  ]);
});

test('the async reader closes its source when it is left early', async () => {
  let isClosed = false;
  async function* source() {
    try {
      yield* writeTar([{ header: { kind: 'fifo', path: 'a' } }, { header: { kind: 'fifo', path: 'b' } }]);
    } finally {
      isClosed = true;
    }
  }
  for await (const entry of readTar(source())) if (entry.path.toString() === 'a') break;
  assert.equal(isClosed, true);
});

test('the writer refuses content that is not as long as announced', async () => {
  async function* short() {
    yield Buffer.alloc(10);
  }
  const archive = writeTar([{ header: { kind: 'file', path: 'a', sizeBytes: 11 }, content: short() }]);
  await assert.rejects(Array.fromAsync(archive), { code: 'tar.unwritable' });
  assert.throws(() => encodeTarHeader({ kind: 'file', path: 'a\0b' }), { code: 'tar.unwritable' });
});
