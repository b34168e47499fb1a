import { parseDuration } from './duration.ts';
import { PER_SECOND } from './nanos.ts';
import type { Nanos } from './nanos.ts';

const DIGITS = 9;
/** More seconds than any calendar has, and short enough to count with. */
const UNIX = /^(-?\d{1,18})(?:\.(\d{1,18}))?$/;

/** Seconds since the epoch with a fraction (`1500000000.123456789`); undefined for anything else. */
export const parseUnixTime = (text: string): Nanos | undefined => {
  const [, whole, fraction = ''] = UNIX.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return BigInt(whole) * PER_SECOND + BigInt(fraction.slice(0, DIGITS).padEnd(DIGITS, '0'));
};

/** Against what times without a zone and ages are meant. */
export type Reference = {
  readonly now: Nanos;
  /** Minutes that the local clock is ahead of UTC. */
  readonly zoneMinutes: number;
};

/**
 * A time as people write it for Docker: an age (`10m`), RFC 3339 with or without its zone, seconds or minutes, a date
 * alone, or seconds since the epoch. undefined for anything else.
 */
export const parseMoment = (text: string, reference: Reference): Nanos | undefined => {
  const age = text === '0' ? undefined : parseDuration(text);
  if (age !== undefined) return reference.now - age;
  return parseCalendarTime(text, reference.zoneMinutes) ?? parseUnixTime(text);
};

const DATE = String.raw`(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)`;
const CLOCK = String.raw`(?<hour>\d\d)(?::(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?)?`;
const ZONE = String.raw`(?<zone>Z|[+-]\d\d:\d\d)`;
const CALENDAR = new RegExp(`^${DATE}(?:T${CLOCK})?${ZONE}?$`);

/** RFC 3339, parts from the end of which may be left out; without a zone it is `zoneMinutes` ahead of UTC. */
export const parseCalendarTime = (text: string, zoneMinutes: number): Nanos | undefined => {
  const parts = CALENDAR.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const numberOf = (name: string): number => Number(parts[name] ?? 0);
  const [hour, minute, second] = ['hour', 'minute', 'second'].map(numberOf) as [number, number, number];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const date = `${parts['year']}-${parts['month']}-${parts['day']}T00:00:00.000Z`;
  const midnight = Date.parse(date);
  // 30 February is 2 March to `Date.parse`.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString() !== date) return undefined;
  const ahead = parts['zone'] === undefined ? zoneMinutes : minutesOf(parts['zone']);
  const seconds = midnight / 1000 + hour * 3600 + (minute - ahead) * 60 + second;
  return (
    BigInt(seconds) * PER_SECOND + BigInt((parts['fraction'] ?? '').slice(0, DIGITS).padEnd(DIGITS, '0'))
  );
};

const minutesOf = (zone: string): number => {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return zone.startsWith('-') ? -minutes : minutes;
};
