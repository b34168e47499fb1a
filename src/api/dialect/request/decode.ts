import { EngineError } from '#domain/error/engine-error.ts';
import type { TSchema } from 'typebox';
import { isAlive, type History, type UpStep } from '#api/dialect/history.ts';
import type { Shape } from '#api/dialect/schema.ts';
import {
  acceptsNull,
  decodeScalar,
  isOfType,
  isPlainObject,
  mismatch,
  zeroOf,
  type Place,
} from './scalar.ts';
import type { ApiVersion } from '#api/dialect/version.ts';

/** Turns a parsed JSON value into head form. Owns its input: parts of it are reused and rewritten. */
export type Decode = (value: unknown) => unknown;

/**
 * Compiles the decoder of a request schema for one version: names are matched without case, unknown
 * members and members not alive are left out, and at each schema its changes follow, oldest first,
 * children before parents. Version `head` decodes head itself, internal members included.
 */
export class DecodeCompiler {
  readonly #history: History;
  readonly #version: ApiVersion | 'head';
  /** Whether a change was met, so that the result has to be checked against head. */
  changed = false;
  /** Whether integers must be read exactly. */
  exact = false;

  constructor(history: History, version: ApiVersion | 'head') {
    this.#history = history;
    this.#version = version;
  }

  compile(schema: TSchema, place: Place = { root: undefined, path: '' }): Decode {
    const named = this.#history.resolve(schema);
    const inner = this.#inside(this.#older(named), { ...place, root: place.root ?? named.$id });
    const steps = this.#version === 'head' ? [] : this.#history.upSteps(named, this.#version);
    if (steps.length === 0) return inner;
    this.changed = true;
    return (value) => steps.reduce((current, step) => takeUp(step, current), inner(value));
  }

  #older(shape: Shape): Shape {
    return this.#version === 'head' ? shape : this.#history.older(shape, this.#version, 'up');
  }

  #inside(shape: Shape, place: Place): Decode {
    if (shape['x-form'] === 'int64') this.exact = true;
    const scalar = decodeScalar(shape, place);
    if (scalar !== undefined) return scalar;
    if (shape.properties !== undefined) return this.#object(shape, shape.properties, place);
    if (shape.items !== undefined) return this.#list(shape, shape.items, place);
    if (shape.anyOf !== undefined) return this.#union(shape, shape.anyOf, place);
    const inner = Object.values(shape.patternProperties ?? {})[0];
    return inner === undefined ? (value) => value : this.#record(shape, inner, place);
  }

  #object(shape: Shape, members: Readonly<Record<string, Shape>>, place: Place): Decode {
    const known = new Map<string, Member>();
    for (const [name, member] of Object.entries(members)) {
      if (this.#version !== 'head' && member['x-internal']) continue;
      const refusal = this.#refusalOf(name, member);
      if (refusal === undefined && !this.#isAlive(member)) continue;
      const path = place.path === '' ? name : `${place.path}.${name}`;
      const decode = refusal ?? this.compile(member, { ...place, path });
      known.set(name, { name, decode, nullable: acceptsNull(member) });
    }
    return objectDecoder(known, requiredOf(shape, known), mismatch(shape, place));
  }

  #isAlive(member: Shape): boolean {
    return this.#version === 'head' || isAlive(member, this.#version);
  }

  #refusalOf(name: string, member: Shape): Decode | undefined {
    const refusal = member['x-refuse'];
    if (this.#version === 'head' || refusal === undefined) return undefined;
    if (isAlive(member, this.#version)) return undefined;
    return () => {
      throw new EngineError('invalid', 'refused', refusal.text, { params: { name } });
    };
  }

  #list(shape: Shape, items: Shape, place: Place): Decode {
    const decode = orZero(this.compile(items, place), items);
    const fail = mismatch(shape, place);
    return (value) => {
      if (!Array.isArray(value)) throw fail(value);
      return value.map((item: unknown) => decode(item));
    };
  }

  #record(shape: Shape, values: Shape, place: Place): Decode {
    const decode = orZero(this.compile(values, place), values);
    const fail = mismatch(shape, place);
    return (value) => {
      if (!isPlainObject(value)) throw fail(value);
      // Rewritten in place: assigning to a name it already owns is safe even for `__proto__`.
      for (const name of Object.keys(value)) value[name] = decode(value[name]);
      return value;
    };
  }

  /** The first variant of the value's JSON type; literals by their value. */
  #union(shape: Shape, variants: readonly Shape[], place: Place): Decode {
    const choices = variants.map((variant) => {
      const resolved = this.#older(this.#history.resolve(variant));
      return { resolved, decode: this.compile(variant, place) };
    });
    const fail = mismatch(shape, place);
    return (value) => {
      const choice = choices.find(({ resolved }) => isOfType(resolved, value));
      if (choice === undefined) throw fail(value);
      return choice.decode(value);
    };
  }
}

type Member = { readonly name: string; readonly decode: Decode; readonly nullable: boolean };

const objectDecoder = (
  known: ReadonlyMap<string, Member>,
  required: readonly { readonly name: string; readonly fill: () => unknown }[],
  fail: (value: unknown) => EngineError,
): Decode => {
  const folded = new Map([...known].map(([name, member]) => [name.toLowerCase(), member]));
  return (value) => {
    if (!isPlainObject(value)) throw fail(value);
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const member = known.get(key) ?? folded.get(key.toLowerCase());
      const inner = value[key];
      if (member === undefined || inner === undefined || (inner === null && !member.nullable)) continue;
      result[member.name] = member.decode(inner);
    }
    for (const { name, fill } of required) if (!(name in result)) result[name] = fill();
    return result;
  };
};

const requiredOf = (shape: Shape, known: ReadonlyMap<string, Member>) =>
  (shape.required ?? [])
    .filter((name) => known.has(name))
    .map((name) => ({ name, fill: filler(name, shape.properties?.[name] ?? {}) }));

const filler = (name: string, member: Shape) => (): unknown => {
  if (member.default !== undefined) return member.default;
  throw new EngineError('invalid', 'body.missing', `missing required member ${name}`, { params: { name } });
};

export const takeUp = (step: UpStep, value: unknown): unknown => {
  if (step.kind !== 'refused') return step.up === undefined ? value : step.up(value);
  const text = step.when(value);
  if (text === undefined) return value;
  throw new EngineError('invalid', 'refused', text, { params: { name: step.on } });
};

const orZero = (decode: Decode, shape: Shape): Decode => {
  if (acceptsNull(shape)) return decode;
  return (value) => decode(value === null ? zeroOf(shape) : value);
};
