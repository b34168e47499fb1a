import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { makeTar } from '#test/support/test-image.ts';

/** What clients of a time make of the answers about images. */
describe('images by version', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const ask = async (method: string, path: string, body?: Uint8Array): Promise<[number, string]> => {
    const answer = Promise.withResolvers<[number, string]>();
    const sent = request({ socketPath: daemon.socket, method, path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => void (text += part));
      response.on('end', () => answer.resolve([response.statusCode ?? 0, text]));
    });
    sent.on('error', answer.reject);
    sent.end(body);
    return answer.promise;
  };

  const bringIn = async (version: string, name: string): Promise<string[]> => {
    const tar = await makeTar({ [name]: 'x'.repeat(300_000) });
    const [status, text] = await ask('POST', `/v${version}/images/create?fromSrc=-&repo=${name}`, tar);
    assert.equal(status, 200, text);
    return [...text.matchAll(/\{.*?\}\s*(?=\{|$)/gs)].map(([frame]) => String(JSON.parse(frame).status));
  };

  test('an import of an upload says the id alone to clients up to 0.10', async () => {
    for (const version of ['1.6', '1.10']) {
      const said = await bringIn(version, 'early');
      assert.equal(said.length, 1, said.join(' '));
      assert.match(said[0] ?? '', /^[0-9a-f]{12,64}$/);
    }
    assert.match((await bringIn('1.18', 'later')).at(-1) ?? '', /^[0-9a-f]{64}$/);
  });

  test('a removal names layers from 1.22 on', async () => {
    const deleted = async (version: string): Promise<string[]> => {
      await bringIn(version, `removed-${version}`);
      const [, text] = await ask('DELETE', `/v${version}/images/removed-${version}`);
      return (JSON.parse(text) as { Deleted?: string }[]).flatMap((item) => item.Deleted ?? []);
    };
    assert.equal((await deleted('1.21')).length, 1);
    assert.equal((await deleted('1.22')).length, 2);
  });

  test('an unknown platform is refused before any registry is asked', async () => {
    const [status, text] = await ask(
      'POST',
      '/v1.41/images/create?fromImage=127.0.0.1:1/none&tag=x&platform=foobar',
    );
    assert.equal(status, 400);
    assert.match(text, /"foobar\\": unknown operating system or architecture/);
  });

  test('info says what the driver stands on', async () => {
    const { DriverStatus } = await daemon.client.json<{ DriverStatus: string[][] }>('GET', '/info');
    assert.deepEqual(DriverStatus[0]?.[0], 'Backing Filesystem');
  });
});
