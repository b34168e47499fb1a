import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { makeImage, makeTar } from '#test/support/test-image.ts';
import { ask, parseFrames } from '#test/support/versions/ask.ts';

type Event = { readonly Action: string; readonly Type: string; readonly nanos: bigint };

/** Times as they come over the wire: exact to the nanosecond, in the forms that each route takes. */
describe('times on the wire', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
    await made('lines', ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.05; done']);
    await call('POST /v1.51/containers/lines/start');
    await call('POST /v1.51/containers/lines/wait');
  });
  after(() => daemon[Symbol.asyncDispose]());

  const call = async (line: string, body?: object): Promise<{ status: number; text: string }> => {
    const [method = '', path = ''] = line.split(' ');
    const { status, text } = await ask(daemon.socket, method, path, body === undefined ? {} : { body });
    return { status, text };
  };
  const made = async (name: string, command: readonly string[]): Promise<void> => {
    const body = { Image: 'busybox', Cmd: command };
    assert.equal((await call(`POST /v1.51/containers/create?name=${name}`, body)).status, 201);
  };
  /** What is kept; times as text, for a double would round them. */
  const eventsOf = async (query: string, version = '1.51'): Promise<Event[]> => {
    const { text, status } = await call(`GET /v${version}/events?${query}`);
    assert.equal(status, 200, text);
    const nanos = [...text.matchAll(/"timeNano":(\d+)/g)].map(([, digits = '0']) => BigInt(digits));
    return (parseFrames(text) as Event[]).map((event, index) => ({ ...event, nanos: nanos[index] ?? 0n }));
  };
  const secondsText = (nanos: bigint): string =>
    `${nanos / 1_000_000_000n}.${String(nanos % 1_000_000_000n).padStart(9, '0')}`;
  const nowText = (): string => String(Date.now() / 1000);

  it('events begin at their own nanosecond and not one after it, and end likewise', async () => {
    for (const version of ['1.21', '1.24', '1.41', '1.51']) {
      const kept = await eventsOf(`since=0&until=${nowText()}`, version);
      assert.ok(kept.length > 3);
      for (const [index, { nanos }] of kept.entries()) {
        const from = async (since: bigint): Promise<number> =>
          (await eventsOf(`since=${secondsText(since)}&until=${nowText()}`, version)).length;
        assert.equal(await from(nanos), kept.length - index, version);
        assert.equal(await from(nanos + 1n), kept.length - index - 1, version);
      }
    }
    const kept = await eventsOf(`since=0&until=${nowText()}`);
    const [, , third] = kept;
    const until = async (nanos: bigint): Promise<number> =>
      (await eventsOf(`since=0&until=${secondsText(nanos)}`)).length;
    assert.equal(await until(third?.nanos ?? 0n), 3);
    assert.equal(await until((third?.nanos ?? 0n) - 1n), 2);
  });

  const linesOf = async (query: string): Promise<string[]> => {
    const { text } = await call(`GET /v1.51/containers/lines/logs?stdout=1&timestamps=1&${query}`);
    // Each line has a header of eight bytes.
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => line.slice(8));
  };

  it('logs begin and end at the nanosecond of a line', async () => {
    const all = await linesOf('');
    const [, second = ''] = all.map((line) => line.split(' ')[0] ?? '');
    const nanos = BigInt(Date.parse(second.slice(0, 19) + 'Z')) * 1_000_000n + BigInt(second.slice(20, 29));
    assert.deepEqual(await linesOf(`since=${secondsText(nanos)}`), all.slice(1));
    assert.deepEqual(await linesOf(`since=${secondsText(nanos + 1n)}`), all.slice(2));
    assert.deepEqual(await linesOf(`until=${secondsText(nanos)}`), all.slice(0, 2));
    assert.deepEqual(await linesOf(`until=${secondsText(nanos - 1n)}`), all.slice(0, 1));
    assert.deepEqual(await linesOf('since=99999999999999999'), []);
    assert.deepEqual(await linesOf('since=0&until=0'), all);
  });

  it('an image was created when it says, to the nanosecond', async () => {
    const { config, layers } = await makeImage();
    const created = '2024-09-26T21:31:42.123456789Z';
    const document = { ...(JSON.parse(config.toString()) as object), created };
    const manifest = [{ Config: 'c.json', RepoTags: ['created:exactly'], Layers: ['l.tar'] }];
    const body = await makeTar({
      'c.json': JSON.stringify(document),
      'l.tar': layers[0]?.tar ?? '',
      'manifest.json': JSON.stringify(manifest),
    });
    const headers = { 'Content-Type': 'application/x-tar' };
    assert.equal((await ask(daemon.socket, 'POST', '/v1.51/images/load', { body, headers })).status, 200);
    for (const version of ['1.12', '1.21', '1.51']) {
      const { text } = await call(`GET /v${version}/images/created:exactly/json`);
      assert.equal((JSON.parse(text) as { Created: string }).Created, created, version);
    }
  });

  it('events and logs take seconds alone: other forms are for clients to translate', async () => {
    for (const form of ['10m', '2024-01-01', '2024-01-01T00:00:00Z', '1.', '1e3', 'now'])
      for (const path of ['events?since=', 'events?until=', 'containers/lines/logs?stdout=1&since=']) {
        assert.equal((await call(`GET /v1.51/${path}${form}`)).status, 400, `${path}${form}`);
        assert.equal((await call(`GET /v1.21/${path}${form}`)).status, 500, `${path}${form}`);
      }
    const reversed = await call('GET /v1.51/events?since=2&until=1.999999999');
    assert.deepEqual(JSON.parse(reversed.text), {
      message: '`since` time (2) cannot be after `until` time (1.999999999)',
    });
  });

  it('before API 1.19 such times were none', async () => {
    const { status } = await call('GET /v1.18/events?since=10m&until=1');
    assert.equal(status, 200);
  });

  it('filters take ages and calendar times, with a zone or in the zone of the daemon', async () => {
    const pruned = async (until: string): Promise<{ status: number; gone: number }> => {
      await made('old', ['true']);
      const filters = encodeURIComponent(JSON.stringify({ until: [until], 'label!': ['keep'] }));
      const { status, text } = await call(`POST /v1.51/containers/prune?filters=${filters}`);
      const { ContainersDeleted: gone } = JSON.parse(text) as { ContainersDeleted?: string[] | null };
      await call('DELETE /v1.51/containers/old?force=1');
      return { status, gone: gone?.length ?? 0 };
    };
    await call('DELETE /v1.51/containers/lines');
    const local = (ms: number): string => {
      const shown = new Date(ms - new Date().getTimezoneOffset() * 60_000).toISOString();
      return shown.slice(0, 19);
    };
    const { status, gone } = await pruned('-1h');
    assert.deepEqual({ status, gone }, { status: 200, gone: 1 });
    const hour = 3_600_000;
    const later = new Date(Date.now() + hour).toISOString();
    for (const until of [
      later,
      later.replace('Z', '+00:00'),
      local(Date.now() + hour),
      '9999-12-31',
      '9999-12-31Z',
    ])
      assert.deepEqual(await pruned(until), { status: 200, gone: 1 }, until);
    const earlier = new Date(Date.now() - hour).toISOString();
    for (const until of [
      earlier,
      local(Date.now() - hour),
      '1h',
      '2020-02-29',
      '2020-02-29T12',
      '1500000000.5',
    ])
      assert.deepEqual(await pruned(until), { status: 200, gone: 0 }, until);
    for (const until of ['yesterday', '2023-02-29', '1 h', '2020-01-01 12:00'])
      assert.equal((await pruned(until)).status, 400, until);
  });
});

/** docker-routes.md R51, docker-semantics.md 16: what was kept, and what until did. */
describe('the events that are kept', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
    for (let number = 0; number < 100; number += 1) {
      const { status } = await ask(
        daemon.socket,
        'POST',
        `/v1.51/images/busybox/tag?repo=kept&tag=t${number}`,
      );
      assert.equal(status, 201);
    }
    for (let number = 0; number < 40; number += 1)
      await ask(daemon.socket, 'POST', '/v1.51/volumes/create', { body: { Name: `v${number}` } });
  });
  after(() => daemon[Symbol.asyncDispose]());

  const typesOf = async (version: string, query: string): Promise<string[]> => {
    const { text } = await ask(daemon.socket, 'GET', `/v${version}/events?${query}`);
    return (parseFrames(text) as Event[]).map(({ Type }) => Type);
  };

  it('are 64 up to API 1.29, of containers and images alone up to 1.21', async () => {
    const soon = `since=0&until=${Date.now() / 1000 + 0.5}`;
    for (const version of ['1.12', '1.21'])
      assert.deepEqual(
        await typesOf(version, soon),
        Array.from({ length: 64 }, () => 'image'),
      );
    for (const version of ['1.23', '1.29']) {
      const types = await typesOf(version, soon);
      assert.equal(types.length, 64);
      assert.equal(types.filter((type) => type === 'volume').length, 40);
    }
    for (const version of ['1.30', '1.51']) assert.ok((await typesOf(version, soon)).length >= 140);
  });

  it('are told up to until where there is no since, from API 1.24 on', async () => {
    const now = `until=${Date.now() / 1000}`;
    assert.ok((await typesOf('1.51', now)).length >= 140);
    assert.equal((await typesOf('1.24', now)).length, 64);
    assert.deepEqual(await typesOf('1.23', now), []);
  });

  it('are told whole by a timer that is past, below API 1.24', async () => {
    const past = 'since=0&until=1';
    assert.equal((await typesOf('1.12', past)).length, 64);
    assert.equal((await typesOf('1.23', past)).length, 64);
    assert.equal((await typesOf('1.23', 'since=2&until=1')).length, 64);
    assert.deepEqual(await typesOf('1.24', past), []);
  });
});
