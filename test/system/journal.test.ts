import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { text } from 'node:stream/consumers';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { create, run } from '#test/support/faults/containers.ts';

const JOURNALD = '/lib/systemd/systemd-journald';
const SOCKET = '/run/systemd/journal/socket';
const FOLDERS = ['/run/systemd/journal', '/run/log/journal'];

/** The machine's journal, or one that is there for this test only; undefined where journald is not installed. */
const openJournal = async (): Promise<{ close: () => Promise<void> } | undefined> => {
  if (existsSync(SOCKET)) return { close: async () => {} };
  if (!existsSync(JOURNALD)) return undefined;
  const there = FOLDERS.filter((folder) => existsSync(folder));
  const journald = spawn(JOURNALD, { stdio: 'ignore' });
  const ended = once(journald, 'exit');
  await until(() => existsSync(SOCKET), 'the journal');
  return {
    close: async () => {
      journald.kill();
      await ended;
      for (const folder of FOLDERS.filter((one) => !there.includes(one)))
        rmSync(folder, { recursive: true, force: true });
      if (there.includes('/run/systemd/journal'))
        for (const name of readdirSync('/run/systemd/journal')) rmSync(`/run/systemd/journal/${name}`);
    },
  };
};

type Entry = Readonly<Record<string, string>>;

const entriesOf = (id: string): Entry[] =>
  execFileSync('journalctl', ['--output=json', '--quiet', `CONTAINER_ID_FULL=${id}`], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);

describe('journald', { skip: !existsSync(SOCKET) && !existsSync(JOURNALD) && 'not on this machine' }, () => {
  let daemon: TestDaemon;
  let journal: Awaited<ReturnType<typeof openJournal>>;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    await journal?.close();
  });

  const body = {
    Env: ['STAGE=test', 'OTHER=x'],
    Labels: { 'com.example.tier': 'web\nand more', other: 'y' },
    HostConfig: {
      LogConfig: {
        Type: 'journald',
        Config: { tag: '{{.Name}}', labels: 'com.example.tier', 'env-regex': '^STA' },
      },
    },
  };

  it('that does not run fails the start', { skip: existsSync(SOCKET) && 'it runs' }, async () => {
    const id = await create(daemon, 'true', body);
    await assert.rejects(
      daemon.client.json('POST', `/containers/${id}/start`),
      /failed to initialize logging driver: journald is not enabled on this host/u,
    );
  });

  it('gets each line with the container’s own fields and those that options choose; logs still reads it', async () => {
    journal = await openJournal();
    const id = await run(daemon, 'echo one; echo two >&2; printf three', body, 'journal-logger');
    await daemon.client.json('POST', `/containers/${id}/wait`);
    await until(() => entriesOf(id).length === 3, 'three entries');
    const entries = entriesOf(id).toSorted((a, b) =>
      String(a['MESSAGE']).localeCompare(String(b['MESSAGE'])),
    );
    assert.deepEqual(
      entries.map(({ MESSAGE, PRIORITY }) => [MESSAGE, PRIORITY]),
      [
        ['one', '6'],
        ['three', '6'],
        ['two', '3'],
      ],
    );
    for (const entry of entries) {
      const { CONTAINER_ID, CONTAINER_NAME, CONTAINER_TAG, IMAGE_NAME, SYSLOG_IDENTIFIER } = entry;
      assert.deepEqual(
        [CONTAINER_ID, CONTAINER_NAME, CONTAINER_TAG, IMAGE_NAME, SYSLOG_IDENTIFIER],
        [id.slice(0, 12), 'journal-logger', 'journal-logger', 'busybox', 'journal-logger'],
      );
      assert.deepEqual(
        [entry['COM_EXAMPLE_TIER'], entry['STAGE'], entry['OTHER']],
        ['web\nand more', 'test', undefined],
      );
    }
    const query = { stdout: 1, stderr: 1, details: 1 };
    const log = await text(await daemon.client.open('GET', `/containers/${id}/logs`, { query }));
    assert.match(log, /STAGE=test,com\.example\.tier=web%0Aand\+more one\n/u);
  });
});
