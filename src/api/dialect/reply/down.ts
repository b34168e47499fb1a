import type { TSchema } from 'typebox';
import type { Reshape } from '#api/dialect/change.ts';
import { isAlive, type History } from '#api/dialect/history.ts';
import type { Shape } from '#api/dialect/schema.ts';
import type { ApiVersion } from '#api/dialect/version.ts';

/** Takes one value down; `undefined` in place of a step means there is nothing to do. */
export type DownStep =
  | { readonly many: false; readonly run: (value: unknown) => unknown }
  | { readonly many: true; readonly run: (value: unknown) => readonly unknown[] };

type One = (value: unknown) => unknown;

/**
 * Compiles what a reply schema needs for one version: at each schema its changes, newest first, then
 * the members dead at that version, then the same for what is inside. Values are copied where they
 * differ, never written to.
 */
export class DownCompiler {
  readonly #history: History;
  readonly #version: ApiVersion;
  readonly #known = new Map<TSchema, DownStep | undefined>();

  constructor(history: History, version: ApiVersion) {
    this.#history = history;
    this.#version = version;
  }

  compile(schema: TSchema): DownStep | undefined {
    if (this.#known.has(schema)) return this.#known.get(schema);
    const step = this.#build(this.#history.resolve(schema));
    this.#known.set(schema, step);
    return step;
  }

  #build(shape: Shape): DownStep | undefined {
    const changes = this.#history.downSteps(shape, this.#version);
    const inside = this.#inside(this.#history.older(shape, this.#version, 'down'));
    if (!changes.some((change) => change.spread)) {
      const runs = [...changes.map(downOf), ...(inside === undefined ? [] : [inside])];
      return runs.length === 0 ? undefined : { many: false, run: inTurn(runs) };
    }
    return { many: true, run: spreading(changes, inside) };
  }

  #inside(shape: Shape): One | undefined {
    if (shape.properties !== undefined) return this.#object(shape.properties);
    if (shape.items !== undefined) return list(this.compile(shape.items));
    if (shape.anyOf !== undefined) return this.#union(shape.anyOf);
    const value = Object.values(shape.patternProperties ?? {})[0];
    return value === undefined ? undefined : record(this.#single(value));
  }

  #object(members: Readonly<Record<string, Shape>>): One | undefined {
    const names = Object.keys(members);
    const dead = names.filter((name) => !isAlive(members[name] ?? {}, this.#version));
    const work = names.flatMap((name) => {
      const step = dead.includes(name) ? undefined : this.#single(members[name] ?? {});
      return step === undefined ? [] : [{ name, step }];
    });
    if (dead.length === 0 && work.length === 0) return undefined;
    return (value) => trimObject(value, dead, work);
  }

  /** A reply's union members are told apart by being a list or not: null and plain values need no work. */
  #union(variants: readonly Shape[]): One | undefined {
    const resolved = variants.map((variant) => this.#history.resolve(variant));
    const lists = resolved.filter((variant) => variant.items !== undefined);
    const objects = resolved.filter((variant) => variant.type === 'object');
    const onList = this.#onlyStep(lists);
    const onObject = this.#onlyStep(objects);
    if (onList === undefined && onObject === undefined) return undefined;
    return (value) => {
      if (typeof value !== 'object' || value === null) return value;
      const step = Array.isArray(value) ? onList : onObject;
      return step === undefined ? value : step(value);
    };
  }

  #onlyStep(variants: readonly Shape[]): One | undefined {
    const steps = variants.map((variant) => this.#single(variant));
    if (variants.length > 1 && steps.some((step) => step !== undefined)) {
      throw new TypeError('a union of several objects or lists cannot be taken down');
    }
    return steps[0];
  }

  #single(shape: Shape): One | undefined {
    const step = this.compile(shape);
    if (step?.many === true) throw new TypeError(`${shape.$id} spreads, but is not in a list`);
    return step?.run;
  }
}

const downOf = (change: Reshape): One => change.down ?? ((value) => value);

const inTurn = (runs: readonly One[]): One => {
  const [first, ...rest] = runs;
  if (first !== undefined && rest.length === 0) return first;
  return (value) => runs.reduce((current, run) => run(current), value);
};

const spreading =
  (changes: readonly Reshape[], inside: One | undefined) =>
  (value: unknown): readonly unknown[] => {
    let values: readonly unknown[] = [value];
    for (const change of changes) {
      const next = values.map(downOf(change));
      values = change.spread ? next.flat() : next;
    }
    return inside === undefined ? values : values.map(inside);
  };

const list = (step: DownStep | undefined): One | undefined => {
  if (step === undefined) return undefined;
  return (value) => {
    if (!Array.isArray(value)) return value;
    return step.many ? value.flatMap(step.run) : value.map(step.run);
  };
};

const record = (step: One | undefined): One | undefined => {
  if (step === undefined) return undefined;
  return (value) => {
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, step(inner)]));
  };
};

// A copy with holes is several times faster to make than an object built member by member.
const trimObject = (
  value: unknown,
  dead: readonly string[],
  work: readonly { readonly name: string; readonly step: One }[],
): unknown => {
  if (!isObject(value)) return value;
  const copy = { ...value };
  for (const name of dead) if (copy[name] !== undefined) copy[name] = undefined;
  for (const { name, step } of work) {
    const member = copy[name];
    if (member !== undefined && member !== null) copy[name] = step(member);
  }
  return copy;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
