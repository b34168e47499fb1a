import assert from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import { it } from 'node:test';
import { openExecPipes } from './exec-pipes.ts';
import { settleOutput } from './exec-stdio.ts';

it('output that waits in the pipe of an ended process is read, however long the loop was busy', async () => {
  const nowhere = openSync('/dev/null', 'r');
  const stdio = openExecPipes(false, nowhere);
  const [, output = -1] = stdio.descriptors;
  const settled = settleOutput(stdio);
  writeSync(output, 'the last words');
  // Longer than it waits for more; the write end stays open, as by a process left in the background.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  await settled;
  stdio.queue.end();
  let text = '';
  for await (const { bytes } of stdio.queue) text += Buffer.from(bytes).toString();
  assert.equal(text, 'the last words');
  stdio.release();
  closeSync(nowhere);
});
