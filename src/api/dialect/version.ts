/**
 * A version of an API as one integer: 1.44 is 1044. Text is parsed once, at the URL, so that `1.9`
 * and `1.18` can never be compared as text.
 */
export type ApiVersion = number & { readonly __apiVersion?: never };

const MINOR_LIMIT = 999;

/** `undefined` for text that is no version (`1.`, `1..2`); further parts (`1.1.0`) do not count. */
export const parseVersion = (text: string): ApiVersion | undefined => {
  const parts = /^(\d+)(?:\.(\d+))?(?:\.\d+)*$/.exec(text);
  if (parts === null) return undefined;
  return Number(parts[1]) * 1000 + Math.min(Number(parts[2] ?? 0), MINOR_LIMIT);
};

/** For versions written in our own source: throws where `parseVersion` gives `undefined`. */
export const knownVersion = (text: string): ApiVersion => {
  const version = parseVersion(text);
  if (version === undefined) throw new TypeError(`not a version: ${text}`);
  return version;
};

export const formatVersion = (version: ApiVersion): string =>
  `${Math.floor(version / 1000)}.${version % 1000}`;

/** Every version of one major number, oldest first. */
export const allVersions = (oldest: string, newest: string): readonly ApiVersion[] => {
  const first = knownVersion(oldest);
  return Array.from({ length: knownVersion(newest) - first + 1 }, (_, index) => first + index);
};
