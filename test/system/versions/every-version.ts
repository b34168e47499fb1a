import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { ACCOUNT, startRegistry, pushImage } from '#test/support/registry.ts';
import type { TestRegistry } from '#test/support/registry.ts';
import { makeImage } from '#test/support/test-image.ts';
import { driveContainer, driveTerminal } from '#test/support/versions/drive-containers.ts';
import { driveNetworks, driveVolumes, prune } from '#test/support/versions/drive-holdings.ts';
import { driveImages } from '#test/support/versions/drive-images.ts';
import { driveSystem } from '#test/support/versions/drive-system.ts';
import { Speaker } from '#test/support/versions/speaker.ts';
import { isPublishedError } from './published-errors.ts';

/** Routes that nothing drives, each with the reason. A new route wants a line in one of the drives. */
const NOT_DRIVEN: ReadonlyMap<string, string> = new Map([
  ['container-stats', 'before 1.19 it never ends'],
  ['network-list-slash', 'no description has it; it is network-list by another path'],
]);

const now = (): number => Math.floor(Date.now() / 1000);

/**
 * Drives every route that works at each of these versions on one real daemon. Answers the known mistakes of
 * published descriptions that it met, filled while the tests run.
 */
export const testVersions = (versions: readonly string[]): ReadonlySet<unknown> => {
  const used = new Set<unknown>();
  let daemon: TestDaemon | undefined;
  let registry: TestRegistry | undefined;
  before(async () => {
    registry = await startRegistry({ auth: 'basic' });
    daemon = await TestDaemon.start();
    const authorization = `Basic ${btoa(`${ACCOUNT.username}:${ACCOUNT.password}`)}`;
    const image = await makeImage();
    await pushImage({ url: registry.url, repository: 'versions', tag: '1', authorization }, image);
    // Events are asked for by the second: some lie before the second in which the first version begins.
    const second = now();
    await until(() => now() > second, 'the next second');
  });
  after(async () => {
    await daemon?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  });
  for (const version of versions) {
    let speaker: Speaker | undefined;
    test(`${version}: every route answers as described`, async () => {
      assert.ok(daemon && registry);
      speaker = new Speaker(daemon.socket, version);
      await drive(speaker, registry.host);
      const missed = speaker.judge.routes.filter((id) => !speaker?.driven.has(id) && !NOT_DRIVEN.has(id));
      assert.deepEqual(missed, []);
    });
    test(`${version}: the description that the API’s owner publishes agrees`, (context) => {
      if (speaker?.published === undefined) return context.skip(`no description of ${version} at hand`);
      const complaints = [...speaker.complaints].filter((line) => !isPublishedError(version, line, used));
      assert.deepEqual(complaints, [], complaints.join('\n'));
    });
  }
  return used;
};

const drive = async (speaker: Speaker, registry: string): Promise<void> => {
  const startedAt = now();
  await Promise.all([driveContainer(speaker), driveTerminal(speaker)]);
  await driveImages(speaker, registry);
  await driveVolumes(speaker);
  await driveNetworks(speaker);
  await prune(speaker);
  await driveSystem(speaker, startedAt);
};
