import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { idle, killPod, listed, removePod } from '#test/support/hyper/pod-client.ts';
import { assertRefused, bodyOf, done, tell } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const idOf = async (name: string): Promise<string> =>
  (await listed(daemon, 'container')).find(([, found]) => found === name)?.[0] ?? '';

describe('labels', () => {
  const set = async (labels: object | string, more = ''): Promise<string> => {
    const text = typeof labels === 'string' ? labels : JSON.stringify(labels);
    return tell(daemon, `POST /pod/labels?podId=marked&labels=${encodeURIComponent(text)}${more}`);
  };
  const get = async (): Promise<unknown> => {
    const { spec } = bodyOf(await tell(daemon, 'GET /pod/info?podName=marked')) as {
      spec: { labels?: unknown };
    };
    return spec.labels;
  };

  before(async () => {
    await tell(daemon, 'POST /pod/create', { body: { id: 'marked', containers: [] } });
  });
  after(async () => removePod(daemon, 'marked'));

  it('come together', async () => {
    assert.equal(await get(), undefined);
    assert.equal(await set({ a: '1' }), done(201, 'marked'));
    assert.equal(await set({ b: '2' }), done(201, 'marked'));
    assert.deepEqual(await get(), { a: '1', b: '2' });
    assert.equal(await set({}), done(201, 'marked'));
  });

  it('that are there are kept, and nothing else changes, unless they are to be replaced', async () => {
    for (const more of ['', '&override=false', '&override=no', '&override=', '&override=1'])
      assertRefused(await set({ c: '3', a: '9' }, more), 500, /label a/u);
    assert.deepEqual(await get(), { a: '1', b: '2' });
    for (const [word, value] of [
      ['true', '8'],
      ['yes', '9'],
    ]) {
      assert.equal(await set({ c: '3', a: value }, `&override=${word}`), done(201, 'marked'));
      assert.deepEqual(await get(), { a: value, b: '2', c: '3' });
    }
  });

  it('have to be JSON of texts', async () => {
    for (const bad of ['{', 'a=1', '[]', '{"a":1}', '']) assertRefused(await set(bad), 500, /./u);
    assert.deepEqual(await get(), { a: '9', b: '2', c: '3' });
  });

  it('come in a form too', async () => {
    const body = `podId=marked&override=yes&labels=${encodeURIComponent('{"a":"form"}')}`;
    const type = 'application/x-www-form-urlencoded';
    assert.equal(await tell(daemon, 'POST /pod/labels', { body, type }), done(201, 'marked'));
    assert.deepEqual(await get(), { a: 'form', b: '2', c: '3' });
  });
});

describe('stats', () => {
  const IO = ['service_bytes', 'serviced', 'queue', 'service_time', 'wait_time', 'merged', 'time'];
  const STATES = [
    'Established',
    'SynSent',
    'SynRecv',
    'FinWait1',
    'FinWait2',
    'TimeWait',
    'Close',
    'CloseWait',
    'LastAck',
    'Listen',
    'Closing',
  ];
  const COUNTERS = ['bytes', 'packets', 'errors', 'dropped'];

  type Use = Record<string, Record<string, unknown>>;

  const assertUse = (use: Use): void => {
    assert.deepEqual(Object.keys(use['cpu'] ?? {}), ['usage', 'load_average']);
    assert.deepEqual(Object.keys(use['cpu']?.['usage'] as object), [
      'total',
      'per_cpu_usage',
      'user',
      'system',
    ]);
    assert.deepEqual(Object.keys(use['block'] ?? {}), [
      ...IO.map((word) => `io_${word}_recursive`),
      'sectors_recursive',
    ]);
    assert.deepEqual(Object.keys(use['memory'] ?? {}), [
      'usage',
      'working_set',
      'failcnt',
      'container_data',
      'hierarchical_data',
    ]);
    for (const data of ['container_data', 'hierarchical_data'])
      assert.deepEqual(Object.keys(use['memory']?.[data] as object), ['pgfault', 'pgmajfault']);
    assert.equal(use['memory']?.['failcnt'], 0);
    assert.deepEqual(Object.keys(use['network'] ?? {}), ['interfaces', 'tcp', 'tcp6']);
    for (const protocol of ['tcp', 'tcp6'])
      assert.deepEqual(Object.keys(use['network']?.[protocol] as object), STATES);
    const [eth0] = (use['network']?.['interfaces'] ?? []) as Record<string, unknown>[];
    assert.deepEqual(Object.keys(eth0 ?? {}), [
      'name',
      ...['rx', 'tx'].flatMap((way) => COUNTERS.map((counter) => `${way}_${counter}`)),
    ]);
    assert.equal(eth0?.['name'], 'eth0');
    assert.equal(eth0['rx_errors'], 0);
    assert.ok(Array.isArray(use['filesystem']));
    assert.match(JSON.stringify(use['timestamp']), /^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"$/u);
  };

  const SECTIONS = ['cpu', 'block', 'memory', 'network', 'filesystem', 'timestamp'];

  it('have every number, zero or not', async () => {
    await tell(daemon, 'POST /pod/create', { body: { id: 'used', containers: [idle('used-c')] } });
    await tell(daemon, 'POST /pod/start?podId=used');
    for (const word of ['podId', 'podName', 'pod']) {
      const stats = bodyOf(await tell(daemon, `GET /pod/stats?${word}=used`)) as Use;
      assert.deepEqual(Object.keys(stats), [...SECTIONS, 'container_stats']);
      assertUse(stats);
      assert.ok(Number(stats['memory']?.['usage']) > 0);
      const [own, ...others] = stats['container_stats'] as unknown as (Use & { id: string })[];
      assert.deepEqual(others, []);
      assert.deepEqual(Object.keys(own ?? {}), ['id', ...SECTIONS]);
      assert.equal(own?.id, await idOf('used-c'));
      assertUse(own);
    }
    await killPod(daemon, 'used');
    assertRefused(await tell(daemon, 'GET /pod/stats?podId=used'), 500, /non-running pod \(used\)/u);
    await removePod(daemon, 'used');
  });
});
