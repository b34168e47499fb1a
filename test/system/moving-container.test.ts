import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ApiError } from '#client/api-error.ts';
import { writeTar } from '#formats/tar/write-tar.ts';
import { TestDaemon } from '#test/support/daemon.ts';

import type { TarSource } from '#formats/tar/write-tar.ts';

/** Makes, renames, removes and replaces by other kinds, as fast as it can. */
const MOVES = `mkdir /m; cd /m; while :; do
  mkdir -p a/b; echo text > a/b/f; ln -s f a/b/l; mkdir d; echo text > k
  mv a c; rm -rf c d; mkdir a; rm -rf a; ln -s / a; rm a
  mkfifo k2; mv k2 k; rm k; mkdir k; rmdir k; ln -s nowhere k; rm k
  mknod k c 1 3; rm k; echo other > a; rm a
done`;

const ROUNDS = 40;

/** What clients understand; none of it is trouble of the engine's. */
const UNDERSTOOD = new Set([200, 201, 204, 400, 404, 409]);

describe('files of a container that changes them meanwhile', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const run = async (command: string): Promise<string> => {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
      body: { Image: 'busybox', Cmd: ['sh', '-c', command] },
    });
    await daemon.client.json('POST', `/containers/${Id}/start`);
    return Id;
  };

  type Call = Parameters<TestDaemon['client']['open']>[2];

  /** Status and words of an answer that was read to its end. */
  const outcome = async (method: string, path: string, call: Call = {}): Promise<[number, string]> => {
    try {
      const response = await daemon.client.open(method, path, call);
      for await (const _ of response);
      return [response.statusCode ?? 0, ''];
    } catch (error) {
      if (error instanceof ApiError && error.status !== undefined) return [error.status, error.message];
      return [0, String(error)];
    }
  };

  const upload = (): Call => {
    const content = Buffer.from('x'.repeat(50_000));
    const entries: TarSource[] = [
      { header: { kind: 'directory', path: 'a' } },
      { header: { kind: 'directory', path: 'a/b' } },
      { header: { kind: 'file', path: 'a/b/f' }, content },
      { header: { kind: 'symlink', path: 'a/b/l', linkPath: 'f' } },
      { header: { kind: 'hard-link', path: 'd/h', linkPath: 'a/b/f' } },
      { header: { kind: 'file', path: 'k' }, content },
      { header: { kind: 'fifo', path: 'd/p' } },
    ];
    return { upload: writeTar(entries) };
  };

  const exec = async (id: string): Promise<[number, string]> => {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', `/containers/${id}/exec`, {
      body: { Cmd: ['true'], WorkingDir: '/m/a/b', AttachStdout: true },
    });
    return outcome('POST', `/exec/${Id}/start`, { body: { Detach: true } });
  };

  const asks = (id: string): Record<string, () => Promise<[number, string]>> => ({
    ...Object.fromEntries(
      ['/m/a/b/f', '/m/a', '/m', '/m/a/b/l', '/m/k', '/m/k/'].flatMap((path) => [
        [`head ${path}`, async () => outcome('HEAD', `/containers/${id}/archive?path=${path}`)],
        [`get ${path}`, async () => outcome('GET', `/containers/${id}/archive?path=${path}`)],
      ]),
    ),
    'put /m': async () => outcome('PUT', `/containers/${id}/archive?path=/m`, upload()),
    'put /m/a': async () => outcome('PUT', `/containers/${id}/archive?path=/m/a`, upload()),
    'put, kinds kept': async () =>
      outcome('PUT', `/containers/${id}/archive?path=/m&noOverwriteDirNonDir=1`, upload()),
    export: async () => outcome('GET', `/containers/${id}/export`),
    changes: async () => outcome('GET', `/containers/${id}/changes`),
    commit: async () => outcome('POST', `/commit?container=${id}&pause=0`),
    'exec there': async () => exec(id),
  });

  test('each call ends in an answer that a client understands', async () => {
    const id = await run(MOVES);
    const odd = new Map<string, string>();
    for (let round = 0; round < ROUNDS; round += 1)
      await Promise.all(
        Object.entries(asks(id)).map(async ([what, ask]) => {
          if (['export', 'commit', 'exec there'].includes(what) && round % 10 !== 0) return;
          const [status, words] = await ask();
          if (!UNDERSTOOD.has(status)) odd.set(`${what}: ${status} ${words}`, '');
        }),
      );
    assert.deepEqual([...odd.keys()], []);
  });

  test('a container that is removed meanwhile is not there, or on its way', async () => {
    const odd = new Set<string>();
    for (let round = 0; round < 6; round += 1) {
      const id = await run('mkdir -p /m/a/b; echo x > /m/k; sleep 1000');
      const all = Object.entries(asks(id)).map(async ([what, ask]) => {
        for (let time = 0; time < 4; time += 1) {
          const [status, words] = await ask().catch((error: unknown): [number, string] =>
            error instanceof ApiError ? [error.status ?? 0, error.message] : [0, String(error)],
          );
          if (!UNDERSTOOD.has(status)) odd.add(`${what}: ${status} ${words}`);
        }
      });
      await daemon.client.json('DELETE', `/containers/${id}?force=1`);
      await Promise.all(all);
    }
    assert.deepEqual([...odd], []);
  });
});
