import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { createMonitorLog } from '#adapters/monitor-log/log-store.ts';
import type { LogReadOptions } from '#engine/ports/log-store.ts';
import { openPatience } from '#test/support/patience.ts';

const clock = (index: number): string =>
  `2026-11-21T00:00:${String(index % 60).padStart(2, '0')}.${String(index).padStart(9, '0')}+00:00`;

const stored = (
  index: number,
  text: string,
  options: { stream?: 'stdout' | 'stderr'; partial?: boolean } = {},
): string =>
  `${clock(index)} ${options.stream ?? 'stdout'} ${options.partial === true ? 'P' : 'F'} ${text}\n`;

const openStore = async (t: TestContext, lines: readonly string[], intervalMs = 5) => {
  const dataRoot = await mkdtemp(path.join(tmpdir(), 'log-store-'));
  const reopened: string[] = [];
  const store = createMonitorLog({
    dataRoot,
    intervalMs,
    onWarning: (message, error) => assert.fail(`${message}: ${String(error)}`),
    reopen: async (id) => {
      reopened.push(id);
      await writeFile(path.join(dataRoot, 'containers', id, 'log', 'console.log'), '');
    },
  });
  const file = await store.prepare('c1');
  await writeFile(file, lines.join(''));
  t.after(async () => {
    store[Symbol.dispose]();
    await rm(dataRoot, { recursive: true });
  });
  return { store, file, reopened };
};

type Store = Awaited<ReturnType<typeof openStore>>['store'];

const textOf = async (store: Store, options: LogReadOptions = {}): Promise<string> => {
  let text = '';
  for await (const { records } of store.read('c1', options))
    for (const { bytes } of records) text += Buffer.from(bytes).toString();
  return text;
};

test('bytes come back exactly: whole lines with their newline, pieces without', async (t) => {
  const { store } = await openStore(t, [
    stored(1, 'a'),
    stored(2, 'long', { partial: true }),
    stored(3, ' end'),
    stored(4, ''),
  ]);
  assert.equal(await textOf(store), 'a\nlong end\n\n');
});

test('the last N lines are found in one block, over blocks and over rotated files', async (t) => {
  const { store, file } = await openStore(
    t,
    Array.from({ length: 5000 }, (_, index) => stored(index, `line ${index} ${'x'.repeat(40)}`)),
  );
  await rename(file, `${file}.1`);
  await writeFile(file, stored(5000, 'last but one') + stored(5001, 'last'));
  assert.equal(await textOf(store, { tail: 1 }), 'last\n');
  assert.equal(await textOf(store, { tail: 0 }), '');
  assert.match(await textOf(store, { tail: 3 }), /^line 4999 x+\nlast but one\nlast\n$/);
  assert.equal((await textOf(store, { tail: 4000 })).split('\n').length, 4001);
  assert.equal((await textOf(store, { tail: 99_999 })).split('\n').length, 5003);
});

test('property: tail is the end of the whole, pieces staying with their line', async (t) => {
  const { store, file } = await openStore(t, []);
  const line = fc.record({ text: fc.stringMatching(/^[a-z ]{0,30}$/), pieces: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 40 }), fc.nat(45), async (lines, tail) => {
      const parts = lines.map(
        ({ text, pieces }, index) =>
          Array.from({ length: pieces }, () => stored(index, 'p', { partial: true })).join('') +
          stored(index, text),
      );
      await writeFile(file, parts.join(''));
      const whole = lines.map(({ text, pieces }) => `${'p'.repeat(pieces)}${text}\n`);
      assert.equal(await textOf(store, { tail }), whole.slice(Math.max(0, whole.length - tail)).join(''));
    }),
    { numRuns: 60 },
  );
});

test('since and until choose by time', async (t) => {
  const { store } = await openStore(t, [stored(1, 'a'), stored(2, 'b'), stored(3, 'c')]);
  const at = (index: number): string => `${clock(index).slice(0, 29)}Z`;
  assert.equal(await textOf(store, { since: at(2) }), 'b\nc\n');
  assert.equal(await textOf(store, { until: at(2) }), 'a\nb\n');
});

test('follow yields what is appended, survives a rotation and ends after the container did', async (t) => {
  const { store, file } = await openStore(t, [stored(1, 'before')]);
  const end = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { records } of store.read('c1', { follow: { ended: end.signal } })) {
      for (const { bytes } of records) seen.push(Buffer.from(bytes).toString());
      const last = seen.at(-1);
      if (last === 'before\n') await appendFile(file, stored(2, 'one'));
      if (last === 'one\n') {
        await rename(file, `${file}.1`);
        await appendFile(`${file}.1`, stored(3, 'late'));
        await writeFile(file, stored(4, 'two'));
      }
      if (last === 'two\n') {
        await appendFile(file, stored(5, 'final'));
        end.abort();
      }
    }
  })();
  await reading;
  assert.deepEqual(seen, ['before\n', 'one\n', 'late\n', 'two\n', 'final\n']);
});

test('a follower that aborts leaves at once', async (t) => {
  const { store } = await openStore(t, [stored(1, 'a')]);
  const abort = new AbortController();
  const reading = textOf(store, {
    follow: { ended: new AbortController().signal },
    signal: abort.signal,
  });
  abort.abort();
  assert.ok(['', 'a\n'].includes(await reading));
});

test('rotation by size keeps so many files and counts what it threw away', async (t) => {
  const { store, file, reopened } = await openStore(t, []);
  store.limit('c1', { maxSizeBytes: 100, maxFiles: 2 });
  for (const round of [1, 2, 3]) {
    await appendFile(file, stored(round, `round ${round} `.padEnd(120, '.')));
    const patience = openPatience();
    while (reopened.length < round && !patience.isOver())
      await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(reopened.length, 3);
  store.unlimit('c1');
  const patience = openPatience();
  while ((await store.dropped('c1')).stdout < 242 && !patience.isOver())
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(await store.dropped('c1'), { stdout: 242, stderr: 0 });
  assert.match(await textOf(store), /^round 3/);
});

test('a log that is told to grow is rotated without waiting for the next regular look', async (t) => {
  const { store, file, reopened } = await openStore(t, [], 3_600_000);
  store.limit('c1', { maxSizeBytes: 4096, maxFiles: 2 });
  const line = stored(1, 'x'.repeat(500));
  for (let written = 0; written < 8; written += 1) {
    await appendFile(file, line);
    store.grown('c1', 500);
  }
  store.grown('c1', 4096);
  const patience = openPatience();
  while (reopened.length === 0) {
    assert.ok(!patience.isOver(), 'no rotation');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  store.unlimit('c1');
});

test('a log that is held outlives its removal until the last reader lets go', async (t) => {
  const { store, file } = await openStore(t, [stored(1, 'a'), stored(2, 'b')]);
  const holds = [store.hold('c1'), store.hold('c1')];
  await store.remove('c1');
  assert.equal(existsSync(file), false);
  assert.equal(await textOf(store), 'a\nb\n');
  holds[0]?.();
  holds[0]?.();
  assert.equal(await textOf(store), 'a\nb\n');
  holds[1]?.();
  assert.equal(await textOf(store), '');
});
