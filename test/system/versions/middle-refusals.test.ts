import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

/** moby's sources at 1.10.3, 1.11.2, 1.12.6, 1.13.1 and 17.06: words that changed between 1.22 and 1.41. */
describe('refusals as they were from API 1.22 on', () => {
  let daemon: TestDaemon;
  let id = '';
  before(async () => {
    daemon = await TestDaemon.start();
    id = (JSON.parse((await create('1.51', {}, 'web')).text) as { Id: string }).Id;
    await create('1.51', {}, 'other');
  });
  after(() => daemon[Symbol.asyncDispose]());

  const create = (version: string, settings: object, name = ''): Promise<{ status: number; text: string }> =>
    ask(daemon.socket, 'POST', `/v${version}/containers/create${name === '' ? '' : `?name=${name}`}`, {
      body: { Image: 'busybox', Cmd: ['true'], ...settings },
    });
  const wordsOf = ({ text }: { text: string }): string =>
    text.startsWith('{') ? (JSON.parse(text) as { message: string }).message : text.trimEnd();
  /** What each version says; a version stands for those up to the next. */
  const saysBy = async (settings: object, words: Readonly<Record<string, string>>): Promise<void> => {
    for (const [version, wanted] of Object.entries(words))
      assert.equal(wordsOf(await create(version, settings)), wanted, version);
  };

  it('a name that is taken', async () => {
    const rest = 'You have to remove (or rename) that container to be able to reuse that name.';
    const words: readonly (readonly [string, string])[] = [
      ['1.21', `Conflict. The name "web" is already in use by container ${id.slice(0, 12)}. ${rest}`],
      ['1.22', `Conflict. The name "/web" is already in use by container ${id}. ${rest}`],
      ['1.24', `Conflict. The name "/web" is already in use by container ${id}. ${rest}`],
      ['1.26', `Conflict. The container name "/web" is already in use by container ${id}. ${rest}`],
      ['1.27', `Conflict. The container name "/web" is already in use by container "${id}". ${rest}`],
    ];
    for (const [version, wanted] of words) {
      const made = await create(version, {}, 'web');
      assert.deepEqual([made.status, wordsOf(made)], [409, wanted], version);
      const path = `/v${version}/containers/other/rename?name=web`;
      const renamed = await ask(daemon.socket, 'POST', path);
      assert.deepEqual(
        [renamed.status, wordsOf(renamed)],
        [409, `Error when allocating new name: ${wanted}`],
        version,
      );
    }
  });

  it('a link to nobody, a folder that is not absolute', async () => {
    await saysBy(
      { HostConfig: { Links: ['nope:x'] } },
      {
        '1.22': 'Could not get container for nope',
        '1.24': 'Could not get container for nope',
        '1.30': 'Could not get container for nope',
        '1.31': 'could not get container for nope: No such container: nope',
      },
    );
    await saysBy(
      { WorkingDir: 'x' },
      {
        '1.21': "The working directory 'x' is invalid. It needs to be an absolute path.",
        '1.23': "The working directory 'x' is invalid. It needs to be an absolute path.",
        '1.24': "The working directory 'x' is invalid. It needs to be an absolute path",
        '1.25': "the working directory 'x' is invalid, it needs to be an absolute path",
      },
    );
  });

  it('limits', async () => {
    await saysBy(
      { HostConfig: { Memory: 1000 } },
      {
        '1.21': 'Minimum memory limit allowed is 4MB',
        '1.24': 'Minimum memory limit allowed is 4MB',
        '1.40': 'Minimum memory limit allowed is 4MB',
        '1.41': 'Minimum memory limit allowed is 6MB',
      },
    );
    await saysBy(
      { HostConfig: { Memory: 64 << 20, MemoryReservation: 128 << 20 } },
      {
        '1.23': 'Minimum memory limit should be larger than memory reservation limit, see usage.',
        '1.24': 'Minimum memory limit should be larger than memory reservation limit, see usage',
        '1.25': 'Minimum memory limit can not be less than memory reservation limit, see usage',
      },
    );
    await saysBy(
      { HostConfig: { BlkioWeight: 5 } },
      {
        '1.23': 'Range of blkio weight is from 10 to 1000.',
        '1.24': 'Range of blkio weight is from 10 to 1000',
      },
    );
  });

  it('the least memory is that of the version, and small limits run', async () => {
    const least: readonly (readonly [string, number])[] = [
      ['1.12', 512 << 10],
      ['1.15', 4 << 20],
      ['1.21', 4 << 20],
      ['1.40', 4 << 20],
      ['1.41', 6 << 20],
    ];
    for (const [version, bytes] of least) {
      const within = (memory: number): Promise<{ status: number; text: string }> =>
        create(version, { Memory: memory, HostConfig: { Memory: memory } });
      assert.ok((await within(bytes - 1)).status >= 400, version);
      assert.equal((await within(bytes)).status, 201, version);
    }
    const Cmd = ['echo', 'test'];
    await create('1.12', { Cmd, Memory: 2_786_432 }, 'small');
    const started = await ask(daemon.socket, 'POST', '/v1.12/containers/small/start');
    assert.equal(started.status, 204, started.text);
    const waited = await ask(daemon.socket, 'POST', '/v1.12/containers/small/wait');
    assert.deepEqual(JSON.parse(waited.text), { StatusCode: 0 });
    const path = '/v1.40/containers/small/update';
    const limits = { Memory: 5 << 20, MemorySwap: 10 << 20 };
    const updated = await ask(daemon.socket, 'POST', path, { body: limits });
    assert.equal(updated.status, 200, updated.text);
  });

  it('security options of info are bare names below 1.25', async () => {
    const optionsAt = async (version: string): Promise<string[]> => {
      const { text } = await ask(daemon.socket, 'GET', `/v${version}/info`);
      return (JSON.parse(text) as { SecurityOptions: string[] }).SecurityOptions;
    };
    const [bare, whole] = [await optionsAt('1.24'), await optionsAt('1.25')];
    assert.ok(whole.includes('name=seccomp,profile=builtin'), whole.join(' '));
    assert.deepEqual(
      bare,
      whole.map((option) => option.replace(/^name=/, '').replace(/,.*$/, '')),
    );
  });
});
