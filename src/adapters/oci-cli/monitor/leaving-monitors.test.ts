import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { bundleOf, layRuntimeOut } from '#adapters/oci-cli/layout.ts';
import { identifyProcess } from '#adapters/oci-cli/process/process-identity.ts';
import { track } from '#adapters/oci-cli/record.ts';
import type { Tracked } from '#adapters/oci-cli/record.ts';
import { LeavingMonitors } from './leaving-monitors.ts';

const ID = 'a'.repeat(64);

/** A container whose monitor is a process that ends when its input does. */
const withMonitor = async (): Promise<{ tracked: Tracked; finish: () => Promise<void> }> => {
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  await once(child, 'spawn');
  const monitor = identifyProcess(child.pid ?? 0);
  assert.ok(monitor);
  const record = { id: ID, cgroupPath: '/x', terminal: false, openStdin: false, stdinOnce: false, monitor };
  const finish = async (): Promise<void> => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { tracked: track(bundleOf(layRuntimeOut('/x', '/y', 'crun'), ID), record), finish };
};

for (const isChild of [true, false])
  test(`the next run waits for the monitor of the last one, ${isChild ? 'our child' : 'an adopted one'}`, async () => {
    const leaving = new LeavingMonitors();
    const { tracked, finish } = await withMonitor();
    const ended = Promise.withResolvers<void>();
    if (isChild) tracked.monitorEnd = ended.promise;
    leaving.note(tracked);
    let isGone = false;
    const gone = leaving.gone(ID).then(() => (isGone = true));
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    assert.equal(isGone, false);
    await leaving.gone('another');
    await finish();
    ended.resolve();
    await gone;
    // What has ended is not noted at all.
    leaving.note(tracked);
    await leaving.gone(ID);
  });
