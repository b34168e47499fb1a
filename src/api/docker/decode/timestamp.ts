import { EngineError } from '#domain/error/engine-error.ts';
import { parseMoment, parseUnixTime } from '#formats/time/moment.ts';
import { nanosOf } from '#formats/time/nanos.ts';
import type { Nanos } from '#formats/time/nanos.ts';

/**
 * `since` and `until` of events and logs: seconds since the epoch with an optional fraction, which is what every client
 * makes of the forms that people write. undefined when empty. Throws `invalid` with the code given, {name, value}.
 */
export const decodeUnixTime = (
  name: string,
  value: string | undefined,
  code = 'query.integer',
): Nanos | undefined => {
  if (value === undefined || value === '') return undefined;
  const nanos = parseUnixTime(value);
  if (nanos !== undefined) return nanos;
  const [whole = ''] = value.split('.');
  throw new EngineError('invalid', code, `strconv.ParseInt: parsing "${whole}": invalid syntax`, {
    params: { name, value: whole },
  });
};

/**
 * `until` of filters, which comes as it was written: an age, a calendar time in the zone of the daemon where it names
 * none, or seconds since the epoch. Throws `invalid` `query.time` {name, value}.
 */
export const decodeMoment = (name: string, value: string): Nanos => {
  const now = new Date();
  const reference = { now: nanosOf(now.getTime()), zoneMinutes: -now.getTimezoneOffset() };
  const nanos = parseMoment(value, reference);
  if (nanos !== undefined) return nanos;
  throw new EngineError('invalid', 'query.time', `failed to parse value as time or duration: "${value}"`, {
    params: { name, value },
  });
};
