import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask, type Answer } from '#test/support/versions/ask.ts';
import { differences, type Example } from '#test/versions/documents/compare.ts';
import { DOCUMENT_1_0 } from '#test/versions/documents/document-1-0.ts';
import { DOCUMENT_1_21 } from '#test/versions/documents/document-1-21.ts';

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
  for (const repo of ['ubuntu', 'centos', 'fedora', 'test'])
    await daemon.client.json('POST', '/images/busybox/tag', { query: { repo } });
  // Named by the example of create.
  for (const name of ['redis3', 'parent', 'other']) await create(['true'], name);
});
after(async () => daemon?.[Symbol.asyncDispose]());

const create = async (cmd: readonly string[], name?: string): Promise<string> => {
  const request = { body: { Image: 'ubuntu', Cmd: cmd }, ...(name !== undefined && { query: { name } }) };
  return (await daemon.client.json<{ Id: string }>('POST', '/containers/create', request)).Id;
};

const containerIn = async (state: Example['state']): Promise<string> => {
  const script = state === 'ended' ? 'echo said; echo made > /made' : 'trap exit TERM; sleep 1000 & wait';
  const id = await create(['sh', '-c', script]);
  const post = (what: string) => daemon.client.json('POST', `/containers/${id}/${what}`);
  if (state !== 'created') await post('start');
  if (state === 'ended') await post('wait');
  if (state === 'paused') await post('pause');
  return id;
};

const judge = (example: Example, answer: Answer): string[] => {
  if (answer.status >= 400) return [`status ${answer.status}: ${answer.text}`];
  const found = answer.status === example.status ? [] : [`status ${answer.status}`];
  if (example.shape !== undefined) found.push(...differences(example.shape, JSON.parse(answer.text)));
  return found;
};

for (const [version, examples] of [
  ['1.0', DOCUMENT_1_0],
  ['1.21', DOCUMENT_1_21],
] as const)
  for (const example of examples) {
    const { method, path, state, body, wrong = {}, elsewhere } = example;
    test(`${version}: ${method} ${path}`, { skip: elsewhere ?? false }, async () => {
      const id = state === undefined ? '' : await containerIn(state);
      const question = body === undefined ? {} : { body };
      const answer = await ask(daemon.socket, method, `/v${version}${path.replace('{id}', id)}`, question);
      assert.deepEqual(judge(example, answer).toSorted(), Object.keys(wrong).toSorted());
    });
  }
