import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';

type Frame = {
  readonly id: string;
  readonly read: string;
  readonly pids_stats: { readonly current?: number };
};

const MIB = 1024 * 1024;
const NEVER = '0001-01-01T00:00:00Z';

describe('what a container uses', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const run = async (name: string): Promise<void> => {
    const body = { Image: 'busybox', Cmd: ['sleep', '1000'], HostConfig: { Memory: 64 * MIB, PidsLimit: 9 } };
    await daemon.client.json('POST', '/containers/create', { query: { name }, body });
    await daemon.client.json('POST', `/containers/${name}/start`);
  };
  const open = async (name: string): Promise<IncomingMessage> => {
    const call = request({ socketPath: daemon.socket, path: `/v1.51/containers/${name}/stats` }).end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    return response;
  };

  test('is told exactly where it can be', async () => {
    await run('exact');
    const query = { stream: 0, 'one-shot': 1 };
    const told = await daemon.client.json<Record<string, Record<string, unknown>>>(
      'GET',
      '/containers/exact/stats',
      { query },
    );
    assert.equal(told['memory_stats']?.['limit'], 64 * MIB);
    assert.deepEqual(told['pids_stats'], { current: 1, limit: 9 });
    assert.deepEqual(Object.keys(told['networks'] ?? {}), ['eth0']);
    assert.equal(told['preread'], NEVER);
  });

  test('is streamed on while it does not run, until it is removed', async () => {
    await run('watched');
    const response = await open('watched');
    const frames: Frame[] = [];
    let stage: 'running' | 'killed' | 'removed' = 'running';
    for await (const line of createInterface({ input: response })) {
      const frame = JSON.parse(line) as Frame;
      frames.push(frame);
      if (stage === 'running') {
        stage = 'killed';
        await daemon.client.json('POST', '/containers/watched/kill');
      } else if (stage === 'killed' && frame.read === NEVER) {
        stage = 'removed';
        await daemon.client.json('DELETE', '/containers/watched');
      }
    }
    assert.equal(stage, 'removed');
    assert.equal(frames[0]?.pids_stats.current, 1);
    assert.deepEqual(frames.at(-1)?.pids_stats, {});
  });
});
