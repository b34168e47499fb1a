import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';

/** Places of an image that something is mounted on. */
describe('mount points', () => {
  let daemon: TestDaemon;
  let folder: string;
  before(async () => {
    daemon = await TestDaemon.start();
    folder = mkdtempSync(join(tmpdir(), 'gantry-places-'));
    writeFileSync(join(folder, 'file'), 'from the host');
    const id = await run(
      'busybox',
      'ln -s /made/deep /dangling; ln -s dangling /twice; ln -s ../../../../made/file /f',
    );
    await daemon.client.json('POST', `/commit?container=${id}&repo=links`, { body: { Cmd: ['true'] } });
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (image: string, command: string, host: object = {}): Promise<string> => {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
      body: { Image: image, Cmd: ['sh', '-ec', command], HostConfig: host },
    });
    await daemon.client.json('POST', `/containers/${Id}/start`);
    const { StatusCode } = await daemon.client.json<{ StatusCode: number }>('POST', `/containers/${Id}/wait`);
    assert.equal(StatusCode, 0, command);
    return Id;
  };

  for (const [what, host] of Object.entries({
    'a volume': { Binds: ['places:/dangling'] },
    'a volume by way of two links': { Binds: ['more-places:/twice'] },
    'a bind': { Binds: ['/usr:/dangling:ro'] },
    'a tmpfs': { Tmpfs: { '/dangling': '' } },
    'a mount within a mount': { Binds: ['outer:/dangling', 'inner:/dangling/x'] },
  }))
    test(`${what} on a link that leads nowhere makes its target`, async () => {
      await run('links', 'grep -q " /made/deep " /proc/mounts; test -d /dangling/.; test -L /dangling', host);
    });

  test('a file on a link that leads nowhere makes its target', async () => {
    await run('links', 'test "$(cat /made/file)" = "from the host"; test -L /f', {
      Binds: [`${folder}/file:/f`],
    });
  });
});
