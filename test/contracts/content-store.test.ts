import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createBlobFolder } from '#adapters/blob-folder/blob-folder.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContentStore } from '#engine/ports/content-store.ts';

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function* pieces(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Gives some bytes, then fails like a cut connection. */
async function* broken(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield* pieces(bytes);
  throw new Error('connection reset');
}

const collect = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(source));

const failsWith =
  (kind: Parameters<typeof isEngineError>[1], code: string) =>
  (error: unknown): boolean =>
    isEngineError(error, kind) && error.code === code;

describe('content store', () => {
  let dataRoot = '';
  let store: ContentStore;
  const content = randomBytes(3_000_001);
  const digest = digestOf(content);

  before(async () => {
    dataRoot = await mkdtemp(join(tmpdir(), 'gantry-blobs-'));
  });
  beforeEach(async () => {
    await rm(dataRoot, { recursive: true, force: true });
    store = createBlobFolder({ dataRoot });
  });
  after(async () => rm(dataRoot, { recursive: true, force: true }));

  const leftovers = async (): Promise<string[]> => readdir(join(dataRoot, 'ingest'));

  test('stores a stream and gives it back', async () => {
    const reports: number[] = [];
    const stored = await store.ingest(pieces(content), {
      expected: digest,
      onProgress: (bytes) => reports.push(bytes),
    });
    assert.deepEqual(stored, { digest, sizeBytes: content.length });
    assert.deepEqual(await store.stat(digest), { sizeBytes: content.length });
    assert.ok((await collect(store.stream(digest))).equals(content));
    assert.ok(Buffer.from(await store.read(digest)).equals(content));
    assert.deepEqual(await store.list(), [digest]);
    assert.ok(reports.length > 0 && reports.every((bytes) => bytes <= content.length));
    assert.deepEqual(await leftovers(), []);
  });

  test('names content nobody named', async () => {
    assert.equal((await store.ingest(pieces(content), {})).digest, digest);
    assert.equal(await store.write(new Uint8Array()), digestOf(new Uint8Array()));
    assert.equal((await store.ingest(pieces(new Uint8Array()), {})).sizeBytes, 0);
    assert.deepEqual(await leftovers(), []);
  });

  test('refuses content with another digest and keeps nothing of it', async () => {
    const wrong = digestOf(randomBytes(8));
    await assert.rejects(
      store.ingest(pieces(content), { expected: wrong }),
      failsWith('invalid', 'blob.digest-mismatch'),
    );
    assert.equal(await store.stat(wrong), undefined);
    assert.deepEqual(await leftovers(), []);
  });

  test('resumes where a broken stream ended', async () => {
    await assert.rejects(
      store.ingest(broken(content.subarray(0, 1_234_567)), { expected: digest }),
      /connection reset/,
    );
    assert.equal(await store.stat(digest), undefined);
    const kept = await store.partialSize(digest);
    assert.equal(kept, 1_234_567);
    await store.ingest(pieces(content.subarray(kept)), { expected: digest, resumeFrom: kept });
    assert.ok((await collect(store.stream(digest))).equals(content));
    assert.equal(await store.partialSize(digest), 0);
  });

  test('resumes from less than was kept, and starts anew when told nothing', async () => {
    for (const resumeFrom of [1000, 0]) {
      await assert.rejects(store.ingest(broken(content.subarray(0, 50_000)), { expected: digest }));
      const rest = pieces(content.subarray(resumeFrom));
      await store.ingest(rest, { expected: digest, resumeFrom });
      assert.ok((await collect(store.stream(digest))).equals(content));
      await store.remove(digest);
    }
    await assert.rejects(
      store.ingest(pieces(content), { expected: digest, resumeFrom: 7 }),
      failsWith('invalid', 'blob.resume'),
    );
  });

  test('an abort keeps the bytes, even while the source hangs', async () => {
    const leaving = new AbortController();
    async function* hanging(): AsyncGenerator<Uint8Array, void, void> {
      yield content.subarray(0, 70_000);
      queueMicrotask(() => leaving.abort());
      await new Promise(() => undefined);
    }
    await assert.rejects(
      store.ingest(hanging(), { expected: digest, signal: leaving.signal }),
      failsWith('cancelled', 'ingest.cancelled'),
    );
    assert.equal(await store.partialSize(digest), 70_000);
  });

  test('many ingests of one digest at once all end well', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, async () => store.ingest(pieces(content), { expected: digest })),
    );
    assert.ok(results.every((result) => result.digest === digest));
    await Promise.all([store.ingest(pieces(content), {}), store.ingest(pieces(content), {})]);
    assert.deepEqual(await store.list(), [digest]);
    assert.deepEqual(await leftovers(), []);
  });

  test('a missing blob is not found and removing it is fine', async () => {
    await assert.rejects(store.read(digest), failsWith('not-found', 'blob.not-found'));
    await assert.rejects(collect(store.stream(digest)), failsWith('not-found', 'blob.not-found'));
    await store.remove(digest);
    assert.deepEqual(await store.list(), []);
  });

  test('a digest is never a path', async () => {
    for (const evil of ['sha256:../../etc/passwd', '../x', 'sha256:', `sha512:${'a'.repeat(64)}`]) {
      assert.throws(() => store.pathOf(evil), failsWith('invalid', 'digest.invalid'));
    }
  });

  test('partials that nobody goes on with go while the store is in use', async () => {
    const ingest = join(dataRoot, 'ingest');
    const own = createBlobFolder({ dataRoot, sweepEveryMs: 10 });
    await own.recover();
    const [old, young] = ['a'.repeat(64), 'b'.repeat(64)];
    for (const name of [old, young]) await writeFile(join(ingest, `${name}.partial`), 'x');
    const anHourAgo = new Date(Date.now() - 61 * 60 * 1000);
    await utimes(join(ingest, `${old}.partial`), anHourAgo, anHourAgo);
    const left = async (): Promise<string> => (await readdir(ingest)).join();
    while ((await left()).includes(old)) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok((await left()).includes(young));
    await rm(join(ingest, `${young}.partial`));
  });

  test('recover drops dead temporary files and old partials only', async () => {
    await store.recover();
    const ingest = join(dataRoot, 'ingest');
    const [old, young] = ['a'.repeat(64), 'b'.repeat(64)];
    for (const name of [`${old}.partial`, `${young}.partial`, 'x.tmp']) {
      await writeFile(join(ingest, name), 'x');
    }
    const longAgo = new Date(Date.now() - 25 * 3_600_000);
    await utimes(join(ingest, `${old}.partial`), longAgo, longAgo);
    await store.recover();
    assert.deepEqual(await leftovers(), [`${young}.partial`]);
  });
});
