import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { idle, podLine, removePod, runPod } from '#test/support/hyper/pod-client.ts';
import { assertRefused, bodyOf, json, tell } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
  await runPod(daemon, { id: 'zero', containers: [idle('zero-a'), idle('zero-b')] });
});
after(async () => daemon[Symbol.asyncDispose]());

const ask = (request: string): Promise<string> => tell(daemon, request);

const stateOf = async (name: string): Promise<unknown> =>
  (bodyOf(await ask(`GET /container/info?container=${name}`)) as { status: unknown }).status;

describe('signal 0', () => {
  it('asks containers whether they are there, and does nothing to them', async () => {
    const earlier = await stateOf('zero-a');
    for (const prefix of ['', '/v0.7.0']) {
      assert.equal(await ask(`POST ${prefix}/pod/kill?podName=zero&signal=0`), json(200, {}));
      assert.equal(
        await ask(`POST ${prefix}/pod/kill?podName=zero&container=zero-a&signal=0`),
        json(200, {}),
      );
      assert.equal(await ask(`POST ${prefix}/container/kill?container=zero-a&signal=0`), json(201, {}));
    }
    assert.deepEqual(await stateOf('zero-a'), earlier);
    assert.equal((await podLine(daemon, 'zero'))[3], 'running');
  });

  it('leaves what was stopped by hand or not as it is', async () => {
    await ask('POST /container/kill?container=zero-a&signal=0');
    await ask('POST /container/kill?container=zero-a&signal=9');
    assert.equal(await ask('GET /exitcode?container=zero-a'), json(200, 137));
    // Gone is gone, to 1.x no fault.
    assert.equal(await ask('POST /container/kill?container=zero-a&signal=0'), json(201, {}));
    assertRefused(await ask('POST /container/kill?container=nobody&signal=0'), 500, /nobody/u);
  });

  it('is none to Docker’s clients', async () => {
    await assert.rejects(daemon.client.json('POST', '/containers/zero-b/kill', { query: { signal: '0' } }), {
      status: 400,
    });
    await removePod(daemon, 'zero');
  });
});
