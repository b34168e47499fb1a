import { malformedImage } from './malformed.ts';

const FRACTION = /\.(\d+)/;
const SHAPE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** RFC 3339 to milliseconds since 1970, fractions of a millisecond kept; 0 for '' and Go's zero time. */
export const parseTimestamp = (text: string, at: string): number => {
  if (text === '' || text.startsWith('0001-01-01T00:00:00')) return 0;
  const whole = Date.parse(text.replace(FRACTION, ''));
  if (!SHAPE.test(text) || Number.isNaN(whole)) throw malformedImage(`${at} is no time`);
  const digits = FRACTION.exec(text)?.[1];
  return digits === undefined ? whole : whole + Number(`0.${digits}`) * 1000;
};

/** With microseconds where there are some; `0` is Go's zero time. */
export const formatTimestamp = (instant: number): string => {
  if (instant === 0) return '0001-01-01T00:00:00Z';
  const micros = Math.round(instant * 1000);
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros - seconds * 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const head = new Date(seconds * 1000).toISOString().slice(0, 19);
  return fraction === '' ? `${head}Z` : `${head}.${fraction}Z`;
};
