import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseDuration } from './duration.ts';
import { parseMoment, parseUnixTime } from './moment.ts';
import { formatNanos, formatNine, millisOf, nanosOf } from './nanos.ts';

const NOON = 1_704_110_400_000_000_000n;
const at = (text: string, zoneMinutes = 0): bigint | undefined =>
  parseMoment(text, { now: NOON, zoneMinutes });

describe('times', () => {
  it('seconds since the epoch keep nine digits', () => {
    assert.equal(parseUnixTime('1704110400.123456789'), NOON + 123_456_789n);
    assert.equal(parseUnixTime('1704110400.1'), NOON + 100_000_000n);
    assert.equal(parseUnixTime('1704110400.1234567899'), NOON + 123_456_789n);
    assert.equal(parseUnixTime('0'), 0n);
    for (const text of ['', '1.', '.5', '1e3', '0x1', ' 1', '10m', '2024-01-01'])
      assert.equal(parseUnixTime(text), undefined, text);
  });

  it('what was told of an instant is found again', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 4e12, noNaN: true }), (ms) => {
        const nanos = nanosOf(ms);
        assert.equal(at(formatNanos(nanos)), nanos);
        assert.equal(at(formatNine(nanos)), nanos);
        const seconds = formatNine(nanos % 1_000_000_000n).slice(19, -1);
        assert.equal(parseUnixTime(`${nanos / 1_000_000_000n}${seconds}`), nanos);
        assert.ok(ms < 1e12 || millisOf(nanos) === ms);
      }),
    );
  });

  it('microseconds survive in a double of milliseconds', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 15n, max: 4n * 10n ** 15n }), (micros) => {
        assert.equal(nanosOf(millisOf(micros * 1000n)), micros * 1000n);
      }),
    );
  });

  it('text sorts as time does, at the ends of the calendar too', () => {
    assert.ok(formatNine(-(10n ** 30n)) < formatNine(0n));
    assert.ok(formatNine(NOON) < formatNine(10n ** 30n));
    assert.equal(formatNanos(NOON + 120_000_000n), '2024-01-01T12:00:00.12Z');
    assert.equal(formatNanos(NOON), '2024-01-01T12:00:00Z');
  });

  it('ages are counted back from now', () => {
    assert.equal(at('10m'), NOON - 600_000_000_000n);
    assert.equal(at('1h30m'), NOON - 5_400_000_000_000n);
    assert.equal(at('1.5s'), NOON - 1_500_000_000n);
    assert.equal(at('-1m'), NOON + 60_000_000_000n);
    assert.equal(at('1ns'), NOON - 1n);
    assert.equal(at('0'), 0n);
  });

  it('calendar times may lack their zone, seconds, clock', () => {
    assert.equal(at('2024-01-01T12:00:00Z', 60), NOON);
    assert.equal(at('2024-01-01T12:00:00.123456789Z'), NOON + 123_456_789n);
    assert.equal(at('2024-01-01T14:00:00+02:00'), NOON);
    assert.equal(at('2024-01-01T08:30:00.5-03:30'), NOON + 500_000_000n);
    assert.equal(at('2024-01-01T13:00:00', 60), NOON);
    assert.equal(at('2024-01-01T12:00'), NOON);
    assert.equal(at('2024-01-01T12'), NOON);
    assert.equal(at('2024-01-01T12Z', 60), NOON);
    assert.equal(at('2024-01-01', -150), NOON - 43_200_000_000_000n + 9_000_000_000_000n);
    assert.equal(at('2024-01-01Z', 60), NOON - 43_200_000_000_000n);
    for (const text of [
      '2023-02-29',
      '2024-13-01',
      '2024-01-01T24:00',
      '2024-01-01 12:00',
      'yesterday',
      '10',
      '',
    ])
      assert.equal(at(text), text === '10' ? 10_000_000_000n : undefined, text);
  });

  it('durations are as Go writes them', () => {
    assert.equal(parseDuration('1m30s'), 90_000_000_000n);
    assert.equal(parseDuration('.5h'), 1_800_000_000_000n);
    assert.equal(parseDuration('1µs'), 1000n);
    assert.equal(parseDuration('0'), 0n);
    for (const text of ['', '1', 's', '1x', '1m x', '--1s', '.s'])
      assert.equal(parseDuration(text), undefined, text);
  });
});
