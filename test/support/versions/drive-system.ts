import assert from 'node:assert/strict';
import { connectWire, parseFrames } from './ask.ts';
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
  await driveSwarm(speaker);
  if (speaker.knows('events')) await driveEvents(speaker, startedAt);
};

const driveEvents = async (speaker: Speaker, startedAt: number): Promise<void> => {
  // `until` in the future would be waited for: what happened before this version began is enough.
  const path = `/events?since=${startedAt - 100}`;
  if (speaker.since('1.11')) {
    const { text } = await speaker.ask('GET', `${path}&until=${startedAt}`);
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

/** There is none: every door says so. */
const driveSwarm = async (speaker: Speaker): Promise<void> => {
  for (const [door, ...requests] of SWARM) {
    if (!speaker.knows(door)) continue;
    for (const request of requests) await speaker.fail(request, 503);
  }
};

type Door = readonly [route: string, ...(readonly [method: string, path: string])[]];

const looks = (noun: string): readonly (readonly [string, string])[] => [
  ['GET', `/${noun}s`],
  ['GET', `/${noun}s/one`],
];

const SWARM: readonly Door[] = [
  ['swarm-inspect', ['GET', '/swarm'], ['POST', '/swarm/update'], ['GET', '/swarm/unlockkey']],
  ['node-list', ...looks('node')],
  ['service-list', ...looks('service'), ['POST', '/services/create']],
  ['task-list', ...looks('task')],
  ['secret-list', ...looks('secret'), ['POST', '/secrets/create']],
  ['config-list', ...looks('config'), ['POST', '/configs/create']],
];
