import assert from 'node:assert/strict';
import type { Question } from './ask.ts';
import type { Speaker } from './speaker.ts';

/** Volumes, where the version has them. */
export const driveVolumes = async (speaker: Speaker): Promise<void> => {
  if (!speaker.knows('volume-create')) return;
  const name = `volume-${speaker.version.replace('.', '-')}`;
  await speaker.ask('POST', '/volumes/create', { body: { Name: name, Driver: 'local' } });
  if (speaker.knows('volume-list')) await speaker.ask('GET', '/volumes');
  if (speaker.knows('volume-inspect')) await speaker.ask('GET', `/volumes/${name}`);
  if (!speaker.knows('volume-remove')) return;
  await speaker.ask('DELETE', `/volumes/${name}`);
  await speaker.fail(['GET', `/volumes/${name}`], 404);
};

/** Networks, where the version has them: those that are always there, and refusals. */
export const driveNetworks = async (speaker: Speaker): Promise<void> => {
  if (!speaker.knows('network-list')) return;
  await speaker.ask('GET', '/networks');
  const { Id: id } = await speaker.json<{ Id: string }>('POST', '/containers/create', {
    body: { Image: 'busybox', Cmd: ['sleep', '1000'] },
  });
  await speaker.ask('POST', `/containers/${id}/start`);
  const { Containers: members } = await speaker.json<{ Containers: object }>('GET', '/networks/bridge');
  assert.ok(id in members);
  const tie = { body: { Container: id } };
  await speaker.fail(['POST', '/networks/nosuch/connect', tie], 404);
  await speaker.fail(['POST', '/networks/nosuch/disconnect', tie], 404);
  await speaker.fail(['GET', '/networks/nosuch'], 404);
  await speaker.ask('DELETE', `/containers/${id}?force=1`);
  await refused(speaker, ['DELETE', '/networks/host'], 'host is a pre-defined network and cannot be removed');
  await refused(
    speaker,
    ['POST', '/networks/create', { body: { Name: 'host' } }],
    speaker.since('1.22')
      ? 'operation is not permitted on predefined host network'
      : 'host is a pre-defined network and cannot be created',
  );
};

/** At 1.21 a JSON string, the one error of its time that was no text. */
const refused = async (
  speaker: Speaker,
  request: readonly [string, string, Question?],
  words: string,
): Promise<void> => {
  if (speaker.since('1.22')) {
    assert.equal(await speaker.fail(request, 403), words);
    return;
  }
  const answer = await speaker.look(...request);
  assert.equal(answer.status, 403);
  assert.equal(answer.headers['content-type'], 'application/json');
  assert.equal(JSON.parse(answer.text), words);
};

/** Filters that match nothing: other things of the daemon stay. */
export const prune = async (speaker: Speaker): Promise<void> => {
  const query = `?filters=${encodeURIComponent(JSON.stringify({ label: ['nothing=has-this'] }))}`;
  for (const noun of ['container', 'image', 'volume', 'network'])
    if (speaker.knows(`${noun}-prune`)) await speaker.ask('POST', `/${noun}s/prune${query}`);
};
