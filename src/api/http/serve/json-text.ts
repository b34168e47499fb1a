import { writeExactly } from '#lib/exact-json.ts';

/** Compact JSON in which a `bigint` is a number with all its digits. */
export function toJsonText(value: unknown): string {
  try {
    // Without a replacer this is several times faster, and few documents hold a bigint.
    return textOf(value, undefined);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return textOf(value, writeExactly);
  }
}

type Replacer = (key: string, value: unknown) => unknown;

function textOf(value: unknown, replacer: Replacer | undefined): string {
  const text: string | undefined = JSON.stringify(value, replacer);
  return text ?? 'null'; // what has no JSON form at all (undefined, a function)
}
