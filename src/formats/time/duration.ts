import type { Nanos } from './nanos.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 0],
  ['us', 3],
  ['µs', 3],
  ['μs', 3],
  ['ms', 6],
]);
const LONG_UNITS: ReadonlyMap<string, bigint> = new Map([
  ['s', 1n],
  ['m', 60n],
  ['h', 3600n],
]);

const PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/gu;
const WHOLE = /^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/u;

/** A duration as Go writes it (`1h30m`, `-1.5s`, `0`); undefined for anything else. */
export const parseDuration = (text: string): Nanos | undefined => {
  if (/^[-+]?0$/.test(text)) return 0n;
  if (!WHOLE.test(text)) return undefined;
  const sum = [...text.matchAll(PART)].reduce(
    (total, [, whole = '', fraction = '', unit = '']) => total + partOf(whole, fraction, unit),
    0n,
  );
  return text.startsWith('-') ? -sum : sum;
};

const partOf = (whole: string, fraction: string, unit: string): Nanos => {
  const digits = UNITS.get(unit) ?? 9;
  const kept = fraction.slice(0, 15);
  const scaled = BigInt(`0${whole}${kept}`) * 10n ** BigInt(digits) * (LONG_UNITS.get(unit) ?? 1n);
  return scaled / 10n ** BigInt(kept.length);
};
