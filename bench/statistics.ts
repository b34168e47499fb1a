/** Wall times of one work on one engine, in milliseconds unless the work says otherwise, and CPU per turn. */
export type Sample = { readonly values: number[]; cpuMs: number; turns: number };

export const newSample = (): Sample => ({ values: [], cpuMs: 0, turns: 0 });

/** The value below which a share of all lies; NaN of none. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Three digits that count. */
export const show = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '-';
