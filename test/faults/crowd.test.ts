import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { readFrames } from '#formats/stdcopy/read-frames.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { create, inspect, list, remove, removeAll, run, wait } from '#test/support/faults/containers.ts';
import {
  assertNoLeaks,
  assertRecordsMatch,
  countDescriptors,
  residentBytes,
} from '#test/support/faults/machine.ts';
import { until } from '#test/support/network/until.ts';

const MEGABYTE = 1024 * 1024;
/** More than the daemon may grow by, so that whoever keeps it is caught. */
const OUTPUT_BYTES = 100 * MEGABYTE;
const GROWTH_BYTES = 80 * MEGABYTE;
const LINE_BYTES = 128;

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon[Symbol.asyncDispose]());

describe('many at once', () => {
  it('a hundred created, started, waited for and removed side by side', async () => {
    const codes = await Promise.all(
      Array.from({ length: 100 }, async (_, number) => {
        const id = await create(daemon, `exit ${number}`);
        const code = wait(daemon, id);
        const next = daemon.client.json<{ StatusCode: number }>('POST', `/containers/${id}/wait`, {
          query: { condition: 'next-exit' },
        });
        await daemon.client.json('POST', `/containers/${id}/start`);
        const { StatusCode } = await next;
        await code;
        await remove(daemon, id);
        return StatusCode;
      }),
    );
    assert.deepEqual(
      codes,
      Array.from({ length: 100 }, (_, number) => number),
    );
    await assertRecordsMatch(daemon);
    await assertNoLeaks(daemon);
  });

  it('two hundred are listed, each as it is', async () => {
    const ids = await Promise.all(
      Array.from({ length: 200 }, (_, number) => create(daemon, 'true', {}, `many-${number}`)),
    );
    const listed = await list(daemon);
    assert.deepEqual(new Set(listed.map(({ Id }) => Id)), new Set(ids));
    assert.deepEqual(new Set(listed.map(({ State }) => State)), new Set(['created']));
    await removeAll(daemon);
    assert.deepEqual(await list(daemon), []);
    await assertRecordsMatch(daemon);
  });
});

describe('a client that stops reading', () => {
  for (const kind of ['attach', 'logs'] as const) {
    it(`of ${kind}: memory stays flat, nobody waits for it, and it gets every byte later`, async (context) => {
      // A heap that has never carried output grows to its working size first.
      await growthOver(kind, 16 * MEGABYTE);
      const growth = await growthOver(kind, OUTPUT_BYTES);
      context.diagnostic(`the daemon grew by ${Math.round(growth / MEGABYTE)} MB`);
      assert.ok(growth < GROWTH_BYTES, `the daemon grew by ${Math.round(growth / MEGABYTE)} MB`);
    });
  }
});

/** A container writes as fast as it can to a client that reads and one that does not until it has ended. */
const growthOver = async (kind: 'attach' | 'logs', outputBytes: number): Promise<number> => {
  const file = join(daemon.folder, 'talk');
  const expected = await writeTalk(file, outputBytes);
  const id = await create(daemon, 'exec cat /talk', { HostConfig: { Binds: [`${file}:/talk:ro`] } });
  const quick = await open(id, 'attach');
  const early = kind === 'attach' ? await open(id, kind) : undefined;
  const base = residentBytes(daemon.pid);
  let highest = base;
  const sampling = setInterval(() => (highest = Math.max(highest, residentBytes(daemon.pid))), 50);
  try {
    await daemon.client.json('POST', `/containers/${id}/start`);
    const slow = early ?? (await open(id, kind));
    const first = await slow.next();
    assert.ok(first.done !== true);
    assert.deepEqual(await digest(quick), expected, 'the quick client');
    assert.equal(await wait(daemon, id), 0);
    assert.deepEqual(await digest(slow, first.value), expected, 'the slow client');
  } finally {
    clearInterval(sampling);
  }
  await remove(daemon, id);
  return highest - base;
};

describe('clients that leave', () => {
  it('in the middle of anything leave nothing behind', async () => {
    await using silent = await startSilentServer();
    const id = await run(daemon, 'while :; do echo tick; usleep 20000; done', { OpenStdin: true });
    const paths: [string, string, object?][] = [
      ['POST', `/containers/${id}/wait`],
      ['GET', `/containers/${id}/logs?follow=1&stdout=1&stderr=1`],
      ['GET', '/events'],
      ['POST', `/images/create?fromImage=127.0.0.1:${silent.port}/nothing&tag=latest`],
    ];
    const visit = async (): Promise<void> => {
      await Promise.all(
        paths.map(async ([method, path]) => {
          const leaving = new AbortController();
          const asked = daemon.client.open(method, path, { signal: leaving.signal });
          asked.then((answer) => answer.on('error', () => undefined)).catch(() => undefined);
          await Promise.race([asked.catch(() => undefined), pause(30)]);
          leaving.abort();
        }),
      );
      const attached = await daemon.client.hijack(
        `/containers/${id}/attach?stream=1&stdin=1&stdout=1&logs=1`,
      );
      await once(attached.stream, 'readable');
      attached.stream.destroy();
      const { Id } = await daemon.client.json<{ Id: string }>('POST', `/containers/${id}/exec`, {
        body: { Cmd: ['cat'], AttachStdin: true, AttachStdout: true },
      });
      const exec = await daemon.client.hijack(`/exec/${Id}/start`, { body: { Detach: false } });
      exec.stream.destroy();
      const half = await daemon.client.open('GET', `/containers/${id}/json`);
      half.destroy();
    };
    // The first visit also loads what is loaded once.
    await visit();
    const settled = async (): Promise<number> => {
      let last = -1;
      await until(async () => {
        const now = countDescriptors(daemon.pid);
        const isSame = now === last;
        last = now;
        await pause(100);
        return isSame;
      });
      return last;
    };
    const base = await settled();
    for (let round = 0; round < 15; round += 1) await visit();
    await until(() => countDescriptors(daemon.pid) <= base + 2);
    assert.equal((await inspect(daemon, id)).State.Running, true);
    assert.doesNotMatch(daemon.log, /MaxListenersExceeded/);
    await remove(daemon, id);
    await assertNoLeaks(daemon);
  });
});

const open = async (id: string, kind: 'attach' | 'logs'): Promise<AsyncGenerator<Uint8Array>> => {
  const source =
    kind === 'attach'
      ? (await daemon.client.hijack(`/containers/${id}/attach?stream=1&stdout=1`)).stream
      : await daemon.client.open('GET', `/containers/${id}/logs?follow=1&stdout=1`);
  return bytesOf(source);
};

const bytesOf = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of readFrames(source)) yield bytes;
};

type Digest = { readonly bytes: number; readonly sha256: string };

const digest = async (source: AsyncIterable<Uint8Array>, first?: Uint8Array): Promise<Digest> => {
  const hash = createHash('sha256');
  let bytes = 0;
  const add = (part: Uint8Array): void => {
    hash.update(part);
    bytes += part.length;
  };
  if (first !== undefined) add(first);
  for await (const part of source) add(part);
  return { bytes, sha256: hash.digest('hex') };
};

/** Each line says where it stands, so that no gap and no repetition goes unseen. */
const writeTalk = async (file: string, bytes: number): Promise<Digest> => {
  const hash = createHash('sha256');
  const lines = function* (): Generator<Buffer> {
    for (let line = 0; line < bytes / LINE_BYTES; line += 8192) {
      const part = Array.from(
        { length: 8192 },
        (_, next) => `${String(line + next).padStart(LINE_BYTES - 1)}\n`,
      );
      const text = Buffer.from(part.join(''));
      hash.update(text);
      yield text;
    }
  };
  await writeFile(file, lines());
  return { bytes, sha256: hash.digest('hex') };
};

/** Takes connections and never answers. */
const startSilentServer = async (): Promise<AsyncDisposable & { readonly port: number }> => {
  const server = createServer(() => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
