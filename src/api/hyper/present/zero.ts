/** Members as they are, some of them undefined. */
type Members = Readonly<Record<string, unknown>>;
type Filled<T> = { [K in keyof T]?: Exclude<T[K], undefined | null> };

/**
 * A structure without its zero values, as hyperd's encoder leaves them out: "", 0, false, nothing, empty lists
 * (hyperd-api 0.3). Structures inside stay, empty or not; empty maps go through `filled`.
 */
export const withoutZeros = <T extends Members>(members: T): Filled<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => !isZero(value))) as Filled<T>;

const isZero = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0);

/** A map with something in it, or nothing. */
export const filled = <T>(map: Readonly<Record<string, T>>): Record<string, T> | undefined =>
  Object.keys(map).length === 0 ? undefined : { ...map };
