import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { run } from '#test/support/faults/containers.ts';

describe('commands in containers, their first process, their output', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(() => daemon[Symbol.asyncDispose]());

  const exec = async (id: string, ...Cmd: string[]): Promise<string> => {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', `/containers/${id}/exec`, {
      body: { Cmd },
    });
    return Id;
  };
  const detached = (id: string): Promise<unknown> =>
    daemon.client.json('POST', `/exec/${id}/start`, { body: { Detach: true } });
  const exitOf = async (id: string): Promise<number | null> =>
    (await daemon.client.json<{ ExitCode: number | null }>('GET', `/exec/${id}/json`)).ExitCode;
  const linesOf = async (id: string): Promise<string> => {
    const query = { stdout: 1, stderr: 1 };
    const answer = await daemon.client.open('GET', `/containers/${id}/logs`, { query });
    let said = '';
    for await (const part of answer) said += String(part);
    return said;
  };

  it('a detached exec that cannot be run is an error', async () => {
    const id = await run(daemon, 'exec sleep 600');
    const missing = await exec(id, 'no-such-program');
    await assert.rejects(detached(missing), (error: Error & { status?: number }) => {
      assert.match(error.message, /OCI runtime exec failed: .*"no-such-program": executable file not found/u);
      assert.equal(error.status, 400);
      return true;
    });
    assert.equal(await exitOf(missing), 127);
    const folder = await exec(id, '/etc');
    await assert.rejects(detached(folder), /permission denied/u);
    const fine = await exec(id, 'sh', '-c', 'exit 5');
    await detached(fine);
    await until(async () => (await exitOf(fine)) === 5, 'its exit code');
  });

  it('logs that follow from now on have every line written after the answer', async () => {
    const id = await run(daemon, 'while read line; do echo "$line"; done', { OpenStdin: true, Tty: false });
    const { stream } = await daemon.client.hijack(`/containers/${id}/attach`, {
      query: { stream: 1, stdin: 1 },
    });
    for (let round = 0; round < 10; round += 1) {
      const leaving = new AbortController();
      const answer = await daemon.client.open('GET', `/containers/${id}/logs`, {
        query: { stdout: 1, follow: 1, tail: 0 },
        signal: leaving.signal,
      });
      stream.write(`round ${round}\n`);
      const [first] = await Array.fromAsync(firstOf(answer));
      assert.match(String(first), new RegExp(`round ${round}\n$`, 'u'));
      leaving.abort();
    }
    stream.destroy();
  });

  it('with init orphans are reaped, and the command’s exit code is the container’s', async () => {
    // The inner shell leaves a child behind, which its parent's parent would have to reap.
    const orphan = '(sleep 0.1 & exec true); (sh -c "sleep 0.2 &") ; sleep 1';
    const zombies = 'grep -l "^State:.Z" /proc/[0-9]*/status | wc -l';
    const script = `cat /proc/1/comm; ${orphan}; ${zombies}; exit 9`;
    const id = await run(daemon, script, { HostConfig: { Init: true }, Tty: true });
    const { StatusCode } = await daemon.client.json<{ StatusCode: number }>('POST', `/containers/${id}/wait`);
    assert.equal(StatusCode, 9);
    const said = await linesOf(id);
    assert.match(said, /^.*(?:init|tini).*\r\n0\r\n$/u);
  });
});

const firstOf = async function* <Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  for await (const item of items) {
    yield item;
    return;
  }
};
