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

/** Routes that nothing drives, each with the reason. A new route wants a line in one of the drives. */
const NOT_DRIVEN: ReadonlyMap<string, string> = new Map([['container-stats', 'before 1.19 it never ends']]);

const now = (): number => Math.floor(Date.now() / 1000);

/** Drives every route that works at each of these versions on one real daemon. */
export const testVersions = (versions: readonly string[]): void => {
  let daemon: TestDaemon;
  let registry: TestRegistry;
  before(async () => {
    [daemon, registry] = await Promise.all([TestDaemon.start(), startRegistry({ auth: 'basic' })]);
    const authorization = `Basic ${btoa(`${ACCOUNT.username}:${ACCOUNT.password}`)}`;
    const image = await makeImage();
    await pushImage({ url: registry.url, repository: 'versions', tag: '1', authorization }, image);
    // Events are asked for by the second: some lie before the second in which the first version begins.
    const second = now();
    await until(() => now() > second, 'the next second');
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
  for (const version of versions)
    test(`${version}: every route answers as described`, async () => {
      const startedAt = now();
      const speaker = new Speaker(daemon.socket, version);
      await Promise.all([driveContainer(speaker), driveTerminal(speaker)]);
      await driveImages(speaker, registry.host);
      await driveVolumes(speaker);
      await driveNetworks(speaker);
      await prune(speaker);
      await driveSystem(speaker, startedAt);
      const missed = speaker.judge.routes.filter((id) => !speaker.driven.has(id) && !NOT_DRIVEN.has(id));
      assert.deepEqual(missed, []);
    });
};
