import { parseCalendarTime } from '#formats/time/moment.ts';
import { formatNanos, millisOf, nanosOf } from '#formats/time/nanos.ts';
import { malformedImage } from './malformed.ts';

const SHAPE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** RFC 3339 to milliseconds since 1970, fractions of a millisecond kept; 0 for '' and Go's zero time. */
export const parseTimestamp = (text: string, at: string): number => {
  if (text === '' || text.startsWith('0001-01-01T00:00:00')) return 0;
  const nanos = SHAPE.test(text) ? parseCalendarTime(text, 0) : undefined;
  if (nanos === undefined) throw malformedImage(`${at} is no time`);
  return millisOf(nanos);
};

/** `0` is Go's zero time. */
export const formatTimestamp = (instant: number): string =>
  instant === 0 ? '0001-01-01T00:00:00Z' : formatNanos(nanosOf(instant));
