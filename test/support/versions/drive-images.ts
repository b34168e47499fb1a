import assert from 'node:assert/strict';
import { makeTar } from '#test/support/test-image.ts';
import { ACCOUNT } from '#test/support/registry.ts';
import { parseFrames, type Answer } from './ask.ts';
import type { Speaker } from './speaker.ts';

const LOGIN = { ...ACCOUNT, email: 'tester@example.org' };

/** Everything that can be done with images; `registry` is one that wants the account. */
export const driveImages = async (speaker: Speaker, registry: string): Promise<void> => {
  const own = `versions/of-${speaker.version.replace('.', '-')}`;
  for (const query of ['', '?all=1', '?filter=busybox']) await speaker.ask('GET', `/images/json${query}`);
  await speaker.ask('GET', '/images/busybox/json');
  await speaker.ask('GET', '/images/busybox/history');
  await speaker.ask('POST', `/images/busybox/tag?repo=${own}&tag=one&force=1`);
  await speaker.ask('GET', '/images/json');
  await speaker.ask('DELETE', `/images/${own}:one`);
  await speaker.fail(['GET', `/images/${own}:one/json`], 404);
  await bringIn(speaker, own);
  await pull(speaker, registry);
  if (speaker.knows('image-save')) await pack(speaker, own);
  await speaker.ask('DELETE', `/images/${own}:two`);
  await driveExtras(speaker);
};

/** What only the oldest clients ask; test/system/image-extras.test.ts looks at the answers. */
const driveExtras = async (speaker: Speaker): Promise<void> => {
  if (speaker.knows('image-viz'))
    assert.match((await speaker.ask('GET', '/images/viz')).text, /^digraph docker/);
  if (speaker.knows('image-viz-gone')) await speaker.fail(['GET', '/images/viz'], 404);
  if (speaker.knows('image-get-cache'))
    await speaker.look('POST', '/images/getCache', { body: { Id: 'busybox', Cmd: ['nothing'] } });
  if (speaker.knows('image-insert'))
    await speaker.fail(['POST', '/images/nosuch/insert?url=http://127.0.0.1:1/&path=/a'], 404);
};

const bringIn = async (speaker: Speaker, own: string): Promise<void> => {
  const body = await makeTar({ hello: 'world\n' });
  const answer = await speaker.ask('POST', `/images/create?fromSrc=-&repo=${own}&tag=two`, { body });
  checkProgress(speaker, answer);
};

/** Text before 1.1, objects since. */
const checkProgress = (speaker: Speaker, { text, headers }: Answer): void => {
  if (!speaker.since('1.1')) {
    assert.notEqual(headers['content-type'], 'application/json');
    assert.doesNotMatch(text, /^\s*\{/);
    return;
  }
  assert.equal(headers['content-type'], 'application/json');
  for (const frame of parseFrames(text)) assert.equal(typeof frame, 'object');
};

const pull = async (speaker: Speaker, registry: string): Promise<void> => {
  await speaker.ask('POST', '/auth', { body: { ...LOGIN, serveraddress: registry } });
  if (speaker.knows('auth-stored'))
    assert.deepEqual(await speaker.json('GET', '/auth'), { username: LOGIN.username, email: LOGIN.email });
  const header = Buffer.from(JSON.stringify(LOGIN)).toString('base64url');
  const headers = speaker.since('1.2') ? { 'X-Registry-Auth': header } : {};
  const path = `/images/create?fromImage=${registry}/versions&tag=1`;
  checkProgress(speaker, await speaker.ask('POST', path, { headers }));
  await speaker.ask('DELETE', `/images/${registry}/versions:1`);
};

const pack = async (speaker: Speaker, own: string): Promise<void> => {
  const { bytes } = await speaker.ask('GET', `/images/${own}:two/get`);
  await speaker.ask('POST', '/images/load', { body: bytes });
  if (!speaker.knows('images-save')) return;
  const both = await speaker.ask('GET', `/images/get?names=${own}:two&names=busybox`);
  assert.ok(both.bytes.length > bytes.length);
};
