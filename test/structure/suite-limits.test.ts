import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { FairClock } from '#tools/test/fair-clock.mjs';

const RUN_SUITE = new URL('../../tools/test/run-suite.mjs', import.meta.url).href;
const HANGS = `test('hangs', () => new Promise(() => setInterval(() => {}, 1000)));`;

type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

let folder = '';
before(() => (folder = mkdtempSync(join(tmpdir(), 'gantry-limits-'))));
after(() => rmSync(folder, { recursive: true }));

describe('the clock of the limits', () => {
  test('goes as much slower as more want each core, and follows them', () => {
    let now = 0;
    let slowness = 15;
    const clock = new FairClock({ now: () => now, readSlowness: () => slowness });
    const pass = (seconds: number): number => {
      for (let second = 0; second < seconds; second += 1) {
        now += 1000;
        clock.elapsedMs();
      }
      return Math.round(clock.elapsedMs());
    };
    assert.equal(pass(60), 4000);
    slowness = 1;
    assert.equal(pass(10), 14_000);
    // Nobody has a machine that is more than free.
    slowness = 0.1;
    assert.equal(pass(10), 24_000);
  });

  test('does not count how long its reader was kept from looking', () => {
    let now = 0;
    const clock = new FairClock({ now: () => now, readSlowness: () => 1 });
    now = 3_600_000;
    assert.ok(clock.elapsedMs() <= 2000);
  });
});

describe('a suite that is ended', () => {
  test('counts what passed before', async () => {
    const counts = await runSuite({ limitMs: 3000, testLimitMs: 600_000 }, [
      `test('one', () => {}); test('two', () => {}); ${HANGS}`,
    ]);
    assert.deepEqual(counts, { passed: 2, failed: 1, skipped: 0 });
  });

  test('is not ended by one file that hangs: its open test fails, all the others count', async () => {
    const counts = await runSuite({ limitMs: 600_000, testLimitMs: 1000 }, [
      `test('one', () => {}); ${HANGS}`,
      `test('two', () => {}); test('three', () => {});`,
    ]);
    assert.equal(counts.passed, 3);
    assert.ok(counts.failed >= 1);
  });
});

async function runSuite(limits: object, files: readonly string[]): Promise<Counts> {
  const place = mkdtempSync(join(folder, 'suite-'));
  for (const [number, body] of files.entries())
    writeFileSync(join(place, `${number}.test.mjs`), `import { test } from 'node:test';\n${body}\n`);
  const suite = { name: 'sample', files: [join(place, '*.test.mjs')], isolated: true, atOnce: 2, ...limits };
  const program = `
    const { runSuite } = await import(${JSON.stringify(RUN_SUITE)});
    const counts = await runSuite(${JSON.stringify(suite)}, { filter: [], verbose: false });
    console.log('\\n' + JSON.stringify(counts));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Counts;
}
