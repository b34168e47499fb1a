import assert from 'node:assert/strict';
import { it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

it('a load that fails says so in its stream, and by its status up to 1.22', async () => {
  await using daemon = await TestDaemon.start({ busybox: false });
  for (const body of [Buffer.from('this is no archive'.repeat(100)), Buffer.alloc(0)]) {
    const load = async (version: string) =>
      ask(daemon.socket, 'POST', `/v${version}/images/load`, {
        body,
        headers: { 'Content-Type': 'application/x-tar' },
      });
    for (const version of ['1.23', '1.24', '1.51']) {
      const { status, text } = await load(version);
      const { error, errorDetail } = JSON.parse(text);
      assert.deepEqual([status, errorDetail.message], [200, error], version);
    }
    for (const version of ['1.7', '1.22']) assert.ok((await load(version)).status >= 400, version);
  }
});
