declare global {
  interface JSON {
    /** In Node since 21, not yet in the compiler's library. */
    rawJSON(text: string): object;
  }
}

export const INT64_MAX = 2n ** 63n - 1n;
export const UINT64_MAX = 2n ** 64n - 1n;

/**
 * A whole number with all its digits: JavaScript writes those above 2^53 rounded to some sixteen, which may be more than
 * a reader of 64-bit numbers takes. The largest there is, 2^63 - 1, has become 2^63 on its way in.
 */
export const exactInteger = (value: number): number | bigint => {
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const exact = BigInt(value);
  if (exact > INT64_MAX) return INT64_MAX;
  return exact < -INT64_MAX - 1n ? -INT64_MAX - 1n : exact;
};

/** JSON text in which whole numbers of any size have all their digits. */
export const toExactJson = (value: unknown): string => {
  // Without a replacer this is several times faster, and few documents hold a number that could lose digits.
  const text = plainText(value);
  return text === undefined || LONG_NUMBER.test(text) ? JSON.stringify(value, writeExactly) : text;
};

/** Of sixteen digits, or written as a power: in a text it may be something else, which costs time alone. */
const LONG_NUMBER = /\d{16}|\de\+/;

/** undefined where there is a `bigint`. */
const plainText = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
};

/** Reads whole numbers that a `number` cannot hold as `bigint`. */
export const parseExactJson = (text: string): unknown =>
  JSON.parse(text, /\d{16}/.test(text) ? readExactly : undefined);

/** A replacer of JSON.stringify. */
export const writeExactly = (_name: string, value: unknown): unknown => {
  const exact = typeof value === 'number' ? exactInteger(value) : value;
  return typeof exact === 'bigint' ? JSON.rawJSON(String(exact)) : exact;
};

/** A reviver of JSON.parse. */
export const readExactly = (_name: string, value: unknown, context?: { source?: string }): unknown => {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
};
