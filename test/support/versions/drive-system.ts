import assert from 'node:assert/strict';
import { connectWire, parseFrames } from './ask.ts';
import { driveAbsent } from './drive-absent.ts';
import type { Speaker } from './speaker.ts';

/** What concerns the daemon as a whole; `startedAt` in seconds, before the version's other calls. */
export const driveSystem = async (speaker: Speaker, startedAt: number): Promise<void> => {
  await speaker.ask('GET', '/version');
  await speaker.ask('GET', '/info');
  if (speaker.knows('ping')) assert.equal((await speaker.ask('GET', '/_ping')).text, 'OK');
  if (speaker.knows('ping-head')) await speaker.ask('HEAD', '/_ping');
  if (speaker.knows('options')) await speaker.ask('OPTIONS', '/containers/json');
  if (speaker.knows('system-df')) await speaker.ask('GET', '/system/df');
  if (speaker.knows('plugin-list')) await speaker.ask('GET', '/plugins');
  if (speaker.knows('build-prune')) await speaker.ask('POST', '/build/prune');
  await driveAbsent(speaker);
  if (speaker.knows('events')) await driveEvents(speaker, startedAt);
};

const driveEvents = async (speaker: Speaker, startedAt: number): Promise<void> => {
  const path = `/events?since=${startedAt - 100}`;
  if (speaker.since('1.11')) {
    // In the future it would be waited for. Of the past the last 64 are kept for some versions, all of this drive.
    const until = Math.floor(Date.now() / 1000);
    const { text } = await speaker.ask('GET', `${path}&until=${until}`);
    assert.ok(parseFrames(text).length > 0, 'no events');
    return;
  }
  // Without `until` it never ends: the first object is enough.
  const wire = await connectWire(speaker.socket);
  await wire.send(`GET /v${speaker.version}${path} HTTP/1.1\r\nHost: docker\r\n\r\n`);
  assert.match(await wire.until('\r\n\r\n'), /^HTTP\/1.1 200 OK\r\n/);
  await wire.until('\r\n');
  speaker.check('GET', path, await wire.until('}\n'));
  wire.socket.destroy();
};
