import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

const type = 'application/json';

test('what is sent for a plugin is judged before one is looked for', async () => {
  await using daemon = await TestDaemon.start();
  const send = async (path: string, text: string, contentType: string) => {
    const question = { body: Buffer.from(text), headers: { 'Content-Type': contentType } };
    const answer = await ask(daemon.socket, 'POST', `/v1.51${path}`, question);
    return { status: answer.status, message: String(JSON.parse(answer.text).message) };
  };
  for (const [path, status] of [
    ['/plugins/foobar/set', 404],
    ['/plugins/foobar/upgrade', 404],
    ['/plugins/pull', 501],
  ] as const) {
    for (const [text, contentType, words] of [
      ['{invalid json', type, /^invalid JSON: invalid character 'i' looking for beginning of object key/u],
      ['[] trailing content', type, /^unexpected content after JSON/u],
      ['[1]', type, /cannot unmarshal number/u],
      ['{}', type, /cannot unmarshal object/u],
      ['[]', 'text/plain', /^unsupported Content-Type header \(text\/plain\)/u],
    ] as const) {
      const answer = await send(path, text, contentType);
      assert.equal(answer.status, 400, `${path} ${text}`);
      assert.match(answer.message, words, path);
    }
    for (const text of ['[]', 'null', ''])
      assert.equal((await send(path, text, type)).status, status, `${path} ${text}`);
  }
});
