import { malformedImage } from './malformed.ts';

/** A JSON object with its place in the document, for errors. */
export type JsonObject = { readonly members: Readonly<Record<string, unknown>>; readonly at: string };

const utf8 = new TextDecoder('utf-8', { fatal: true });

export const parseJsonObject = (bytes: Uint8Array, what: string): JsonObject =>
  asObject(parseJson(bytes, what), what);

export const parseJsonList = (bytes: Uint8Array, what: string): readonly unknown[] => {
  const value = parseJson(bytes, what);
  if (!isList(value)) throw malformedImage(`${what} is no list`);
  return value;
};

export const asObject = (value: unknown, at: string): JsonObject => {
  if (!isRecord(value)) throw malformedImage(`${at} is no object`);
  return { members: value, at };
};

/** undefined when the member is missing or null. */
export const optionalObject = (from: JsonObject, key: string): JsonObject | undefined => {
  const value = member(from, key);
  return value === undefined ? undefined : asObject(value, `${from.at}.${key}`);
};

/** '' when the member is missing or null. */
export const readText = (from: JsonObject, key: string): string => {
  const value = member(from, key);
  if (value === undefined) return '';
  if (typeof value !== 'string') throw malformedImage(`${from.at}.${key} is no string`);
  return value;
};

export const readBoolean = (from: JsonObject, key: string): boolean => {
  const value = member(from, key);
  if (value === undefined) return false;
  if (typeof value !== 'boolean') throw malformedImage(`${from.at}.${key} is no boolean`);
  return value;
};

/** 0 when the member is missing or null; only whole numbers that a double holds exactly. */
export const readCount = (from: JsonObject, key: string): number => {
  const value = member(from, key);
  if (value === undefined) return 0;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw malformedImage(`${from.at}.${key} is no whole number`);
  }
  return value;
};

/** undefined when the member is missing or null. */
export const optionalList = (from: JsonObject, key: string): readonly unknown[] | undefined => {
  const value = member(from, key);
  if (value === undefined) return undefined;
  if (!isList(value)) throw malformedImage(`${from.at}.${key} is no list`);
  return value;
};

/** A list of strings; a lone string counts as a list of one, as the oldest images wrote it. */
export const optionalTexts = (from: JsonObject, key: string): readonly string[] | undefined => {
  if (typeof from.members[key] === 'string') return [readText(from, key)];
  return optionalList(from, key)?.map((value, index) => {
    if (typeof value === 'string') return value;
    throw malformedImage(`${from.at}.${key}[${index}] is no string`);
  });
};

export const readTexts = (from: JsonObject, key: string): readonly string[] => optionalTexts(from, key) ?? [];

/** The keys, sorted, of a set written as an object (`{"80/tcp":{}}`); very old images wrote a list. */
export const readSet = (from: JsonObject, key: string): readonly string[] => {
  if (Array.isArray(from.members[key])) return readTexts(from, key).toSorted();
  return Object.keys(optionalObject(from, key)?.members ?? {}).toSorted();
};

/** An object of strings. */
export const readTextMap = (from: JsonObject, key: string): Readonly<Record<string, string>> => {
  const map = optionalObject(from, key);
  if (map === undefined) return {};
  return Object.fromEntries(Object.keys(map.members).map((name) => [name, readText(map, name)]));
};

const parseJson = (bytes: Uint8Array, what: string): unknown => {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return value;
  } catch (cause) {
    throw malformedImage(`${what} is no JSON`, { cause });
  }
};

const member = (from: JsonObject, key: string): unknown =>
  Object.hasOwn(from.members, key) ? (from.members[key] ?? undefined) : undefined;

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
