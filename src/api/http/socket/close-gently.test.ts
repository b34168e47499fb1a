import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';

import { makeSocketPath } from '#test/support/wire.ts';

import { closeGently } from './close-gently.ts';

async function pair(context: TestContext): Promise<{ ours: Socket; theirs: Socket }> {
  const path = await makeSocketPath(context);
  const server = createServer({ allowHalfOpen: true }).listen(path);
  const theirs = connect({ path, allowHalfOpen: true });
  const [ours]: Socket[] = await once(server, 'connection');
  assert.ok(ours);
  context.after(() => {
    theirs.destroy();
    ours.destroy();
    server.close();
  });
  return { ours, theirs };
}

describe('closing gently', () => {
  it('sends all, takes what still comes, and ends with the client', async (context) => {
    const { ours, theirs } = await pair(context);
    ours.write(Buffer.alloc(1024 * 1024));
    const closed = closeGently(ours, 60_000);
    theirs.write(Buffer.alloc(1024 * 1024));
    let size = 0;
    theirs.on('data', (chunk: Buffer) => (size += chunk.length));
    await once(theirs, 'end');
    theirs.end();
    await closed;
    assert.equal(size, 1024 * 1024);
  });

  it('does not outlive a client that never closes', async (context) => {
    const { ours, theirs } = await pair(context);
    theirs.resume();
    await closeGently(ours, 20);
    assert.equal(ours.destroyed, true);
    assert.equal(theirs.destroyed, false);
  });

  it('returns at once when the connection is gone', async (context) => {
    const { ours } = await pair(context);
    ours.destroy();
    await closeGently(ours, 60_000);
  });
});
