import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { TestDaemon } from '#test/support/daemon.ts';
import { openPatience } from '#test/support/patience.ts';

const MB = 1024;
const LIMIT_KB = 120 * MB;

const residentKb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

void test('an idle daemon takes less than 120 MB from its second start on', async () => {
  await using daemon = await TestDaemon.start({ busybox: false });
  await daemon.restart();
  const patience = openPatience();
  while (residentKb(daemon.pid) >= LIMIT_KB && !patience.isOver()) await pause(100);
  const resident = residentKb(daemon.pid);
  assert.ok(resident < LIMIT_KB, `${resident} kB`);
  await daemon.client.json('GET', '/info');
  const afterwards = residentKb(daemon.pid);
  assert.ok(afterwards < LIMIT_KB, `${afterwards} kB after it answered a question`);
});
