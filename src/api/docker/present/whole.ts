import { exactInteger } from '#lib/exact-json.ts';

/** A 64-bit number that is written with all its digits, as clients read it into an int64. */
export const whole = (value: number): number => exactInteger(value) as number;
