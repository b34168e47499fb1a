import type { TSchema } from 'typebox';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import { DecodeCompiler, takeUp } from './decode.ts';
import { isAlive, type History } from '#api/dialect/history.ts';
import { parseFirstJson } from './json-text.ts';
import { isInside } from '#api/dialect/lifetime.ts';
import { isOfType, isPlainObject, zeroOf } from './scalar.ts';
import type { Shape } from '#api/dialect/schema.ts';
import type { ApiVersion } from '#api/dialect/version.ts';

/** Where parameters come from: a query, or the headers of a request. */
export type ParameterSource = {
  readonly one: (name: string) => string | undefined;
  readonly all: (name: string) => readonly string[];
};

type Reader = (text: string, name: string) => unknown;
type Parameter = (source: ParameterSource, result: Record<string, unknown>) => void;

/** Compiles the reading of a parameter schema for one version; `changed` results are checked against head. */
export const compileParameters = (
  history: History,
  schema: TSchema,
  version: ApiVersion,
): ((source: ParameterSource) => unknown) => {
  const shape = history.older(schema, version, 'up');
  const parameters = Object.entries(shape.properties ?? {}).flatMap(([name, member]) => {
    if (member['x-internal']) return [];
    const isRequired = shape.required?.includes(name) === true;
    return [parameterOf(history, name, member, { version, isRequired })];
  });
  const steps = history.upSteps(schema, version);
  const check = steps.length === 0 ? undefined : new DecodeCompiler(history, 'head').compile(schema);
  return (source) => {
    const result: Record<string, unknown> = {};
    for (const parameter of parameters) parameter(source, result);
    return check === undefined
      ? result
      : check(steps.reduce((value, step) => takeUp(step, value), result as unknown));
  };
};

const parameterOf = (
  history: History,
  name: string,
  member: Shape,
  { version, isRequired }: { version: ApiVersion; isRequired: boolean },
): Parameter => {
  const assign = (result: Record<string, unknown>, value: unknown): void => {
    if (value !== undefined) result[name] = value;
  };
  if (!isAlive(member, version)) {
    const refusal = member['x-refuse'];
    return (source, result) => {
      if (refusal && isInside(refusal.windows, version) && source.one(name) !== undefined) {
        throw new EngineError('invalid', 'refused', refusal.text, { params: { name } });
      }
      assign(result, absentValue(name, member, isRequired, false));
    };
  }
  const read = valueReader(history, member, version);
  const isLenient = isInside(member['x-lenient'] ?? [], version);
  return (source, result) => {
    const value = attempt(() => read(source, name), isLenient);
    assign(result, value === undefined ? absentValue(name, member, isRequired, true) : value);
  };
};

const attempt = (read: () => unknown, isLenient: boolean): unknown => {
  try {
    return read();
  } catch (error) {
    if (isLenient && isEngineError(error, 'invalid')) return undefined;
    throw error;
  }
};

/** What stands for a parameter that is not there; an integer that must be there is an error. */
const absentValue = (name: string, member: Shape, isRequired: boolean, isSent: boolean): unknown => {
  if (member.default !== undefined || !isRequired) return member.default;
  if (!isSent || !['integer', 'number'].includes(member.type ?? '')) return zeroOf(member);
  throw unreadable('integer', name, '', 'strconv.ParseInt: parsing "": invalid syntax');
};

const valueReader = (history: History, member: Shape, version: ApiVersion) => {
  if (member.type === 'array' && !member['x-json']) {
    return (source: ParameterSource, name: string) => {
      const texts = source.all(name);
      return texts.length === 0 ? undefined : texts;
    };
  }
  const reader = textReader(history, member, version);
  return (source: ParameterSource, name: string) => {
    const text = source.one(name);
    return text === undefined ? undefined : reader(text, name);
  };
};

const textReader = (history: History, member: Shape, version: ApiVersion): Reader => {
  if (member['x-json']) return jsonReader(history, member, version);
  if (member['x-form'] === 'filters') return readFilters;
  if (member.type === 'boolean') return readBoolean;
  if (member['x-form'] === 'int64') return (text, name) => readInteger(text, name, BigInt);
  if (member.type === 'integer') return (text, name) => readInteger(text, name, Number);
  if (member.type === 'number') return readNumber;
  return (text, name) => {
    if (member.type === 'string' && member.const === undefined) return text;
    if (isOfType(member, text)) return text;
    throw unreadable('value', name, text, `invalid value for ${name}: ${text}`);
  };
};

const FALSE_WORDS = new Set(['', '0', 'no', 'false', 'none']);

const readBoolean: Reader = (text) => !FALSE_WORDS.has(text.trim().toLowerCase());

const readInteger = (text: string, name: string, convert: (digits: string) => unknown): unknown => {
  if (text === '') return undefined;
  if (/^[+-]?\d{1,19}$/.test(text)) return convert(text.replace('+', ''));
  throw unreadable('integer', name, text, `strconv.ParseInt: parsing "${text}": invalid syntax`);
};

const readNumber: Reader = (text, name) => {
  if (text === '') return undefined;
  const number = Number(text);
  if (!Number.isNaN(number)) return number;
  throw unreadable('value', name, text, `strconv.ParseFloat: parsing "${text}": invalid syntax`);
};

const jsonReader = (history: History, member: Shape, version: ApiVersion): Reader => {
  const compiler = new DecodeCompiler(history, version);
  const decode = compiler.compile(member, { root: undefined, path: '' });
  return (text, name) => {
    if (text === '') return undefined;
    const value = reworded('json', name, text, () => parseFirstJson(text, compiler.exact));
    return value === null ? undefined : reworded('json', name, text, () => decode(value));
  };
};

const readFilters: Reader = (text, name) => {
  if (text.trim() === '') return {};
  const value = reworded('filters', name, text, () => parseFirstJson(text, false));
  if (value === null) return {};
  if (!isPlainObject(value)) throw unreadable('filters', name, text, 'invalid filter');
  for (const [key, values] of Object.entries(value)) {
    const listed = isPlainObject(values) ? Object.keys(values) : values;
    if (!Array.isArray(listed) || listed.some((each) => typeof each !== 'string')) {
      throw unreadable('filters', name, text, `invalid filter: ${key}`);
    }
    value[key] = listed;
  }
  return value;
};

const reworded = (what: string, name: string, text: string, read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    if (isEngineError(error) && error.code !== 'refused') throw unreadable(what, name, text, error.message);
    throw error;
  }
};

const unreadable = (what: string, name: string, value: string, text: string): EngineError =>
  new EngineError('invalid', `query.${what}`, text, { params: { name, value } });
