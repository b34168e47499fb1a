import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildImageConfig } from '#formats/oci-image/build-config.ts';
import { chainIds } from '#formats/oci-image/chain-id.ts';
import { parseImageConfig } from '#formats/oci-image/config.ts';
import type { ParsedImageConfig } from '#formats/oci-image/config.ts';
import { digestOf } from '#formats/oci-image/digest.ts';
import { isMalformedImage } from '#formats/oci-image/malformed.ts';
import { formatTimestamp, parseTimestamp } from '#formats/oci-image/timestamp.ts';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const texts = fc.array(fc.string(), { maxLength: 4 });
const orNull = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null });
const unique = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 4 }).map((names) => names.toSorted());
const instant = fc.integer({ min: 1, max: 4_000_000_000_000_000 }).map((micros) => micros / 1000);
const wholeInstant = fc.integer({ min: 1, max: 4_000_000_000_000 });
const digest = fc.string().map((text) => digestOf(text));

const configs: fc.Arbitrary<ParsedImageConfig> = fc.record({
  createdAt: wholeInstant,
  author: fc.string(),
  comment: fc.string(),
  architecture: fc.string(),
  variant: fc.string(),
  os: fc.string(),
  osVersion: fc.string(),
  dockerVersion: fc.string(),
  container: fc.string(),
  run: fc.record(
    {
      user: fc.string(),
      exposedPorts: unique,
      env: texts,
      entrypoint: orNull(texts),
      cmd: orNull(texts),
      volumes: unique,
      workingDir: fc.string(),
      labels: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
      onBuild: texts,
      stopSignal: fc.string({ minLength: 1 }),
      shell: texts,
      healthcheck: fc.record({
        test: texts,
        intervalNs: fc.nat(),
        timeoutNs: fc.nat(),
        startPeriodNs: fc.nat(),
        startIntervalNs: fc.nat(),
        retries: fc.nat(),
      }),
    },
    {
      requiredKeys: [
        'user',
        'exposedPorts',
        'env',
        'entrypoint',
        'cmd',
        'volumes',
        'workingDir',
        'labels',
        'onBuild',
      ],
    },
  ),
  diffIds: fc.array(digest, { maxLength: 4 }),
  history: fc.array(
    fc.record({
      createdAt: wholeInstant,
      createdBy: fc.string(),
      author: fc.string(),
      comment: fc.string(),
      emptyLayer: fc.boolean(),
    }),
    { maxLength: 4 },
  ),
});

test('a configuration that is written reads the same', () => {
  fc.assert(
    fc.property(configs, (config) => {
      // The generator's records have no prototype; a clone has.
      assert.deepEqual(parseImageConfig(buildImageConfig(config)), structuredClone(config));
    }),
  );
});

test('members of the base that nobody knows stay', () => {
  const config = parseImageConfig(encode({ os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }));
  const built: unknown = JSON.parse(
    new TextDecoder().decode(
      buildImageConfig(config, { strange: [1], author: 'old', config: { ArgsEscaped: true, Tty: false } }),
    ),
  );
  assert.partialDeepStrictEqual(built, { strange: [1], config: { ArgsEscaped: true, Tty: false } });
  assert.equal(Object.hasOwn(Object(built), 'author'), false);
});

test('docker and OCI spellings are read', () => {
  const parsed = parseImageConfig(
    encode({
      created: '2026-11-21T01:19:00.531862406+02:00',
      architecture: 'arm64',
      variant: 'v8',
      os: 'linux',
      'os.version': '1',
      container_config: { Cmd: ['x'] },
      config: {
        Cmd: 'one',
        Entrypoint: null,
        Env: null,
        ExposedPorts: { '80/tcp': {} },
        Volumes: ['/old'],
        Healthcheck: { Test: ['CMD', 'x'], Interval: 5_000_000_000 },
      },
      rootfs: { type: 'layers', diff_ids: [digestOf('a')] },
      history: [{ created_by: 'x', empty_layer: true }],
    }),
  );
  assert.equal(parsed.createdAt, Date.parse('2026-11-20T23:19:00Z') + 531.862406);
  assert.deepEqual(parsed.run.cmd, ['one']);
  assert.equal(parsed.run.entrypoint, null);
  assert.deepEqual(parsed.run.exposedPorts, ['80/tcp']);
  assert.deepEqual(parsed.run.volumes, ['/old']);
  assert.equal(parsed.run.healthcheck?.intervalNs, 5_000_000_000);
  assert.equal(parsed.history[0]?.emptyLayer, true);
});

test('hostile configurations are refused and nothing else is thrown', () => {
  const bad = [
    '',
    '[]',
    '{"rootfs":{"type":"layers","diff_ids":["../../x"]}}',
    '{"rootfs":{"type":"windows"}}',
    '{"created":"yesterday","rootfs":{"type":"layers"}}',
    '{"config":[],"rootfs":{"type":"layers"}}',
    '{"config":{"Env":[1]},"rootfs":{"type":"layers"}}',
    `{"rootfs":{"type":"layers","diff_ids":[${Array(1001)
      .fill(`"${digestOf('')}"`)
      .join(',')}]}}`,
  ];
  for (const text of bad) {
    assert.throws(() => parseImageConfig(new TextEncoder().encode(text)), isMalformedImage, text);
  }
  assert.throws(() => parseImageConfig(new Uint8Array([0xff, 0x7b])), isMalformedImage);
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        parseImageConfig(new TextEncoder().encode(text));
      } catch (error) {
        assert.ok(isMalformedImage(error));
      }
    }),
  );
});

test('chain ids follow the specification', () => {
  const [a, b] = [digestOf('a'), digestOf('b')];
  assert.deepEqual(chainIds([]), []);
  assert.deepEqual(chainIds([a]), [a]);
  assert.deepEqual(chainIds([a, b]), [a, digestOf(`${a} ${b}`)]);
});

test('a time that says more than an instant is kept in its own words', () => {
  const createdOf = (created: string): string | undefined =>
    parseImageConfig(Buffer.from(JSON.stringify({ created, rootfs: { type: 'layers', diff_ids: [] } })))
      .created;
  assert.equal(createdOf('2024-09-26T21:31:42.123456789Z'), '2024-09-26T21:31:42.123456789Z');
  assert.equal(createdOf('2024-09-26T21:31:42.000000010Z'), '2024-09-26T21:31:42.00000001Z');
  assert.equal(createdOf('2024-09-26T21:31:42+02:00'), '2024-09-26T21:31:42+02:00');
  assert.equal(createdOf('2024-09-26T21:31:42.500000Z'), undefined);
  assert.equal(createdOf('2024-09-26T21:31:42.000Z'), undefined);
  assert.equal(createdOf(''), undefined);
});

test('times survive to the microsecond', () => {
  assert.equal(parseTimestamp('0001-01-01T00:00:00Z', 't'), 0);
  assert.equal(formatTimestamp(0), '0001-01-01T00:00:00Z');
  assert.equal(
    formatTimestamp(parseTimestamp('2026-11-21T01:19:00.531862Z', 't')),
    '2026-11-21T01:19:00.531862Z',
  );
  fc.assert(
    fc.property(instant, (at) => {
      assert.equal(formatTimestamp(parseTimestamp(formatTimestamp(at), 't')), formatTimestamp(at));
    }),
  );
});
