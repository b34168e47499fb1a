import type { Change, Defaulted, Refused, Reshape } from './change.ts';
import type { TSchema } from 'typebox';
import { isInside } from './lifetime.ts';
import type { Shape } from './schema.ts';
import { knownVersion, type ApiVersion } from './version.ts';

export type Direction = 'down' | 'up';
export type UpStep = Reshape | Defaulted | Refused;

/** Every schema below this one, itself included, in no order. */
export function* nestedShapes(shape: Shape): Generator<Shape> {
  yield shape;
  for (const inner of innerShapes(shape)) yield* nestedShapes(inner);
}

/** Schemas directly inside this one. */
export const innerShapes = (shape: Shape): Shape[] => [
  ...Object.values(shape.properties ?? {}),
  ...Object.values(shape.patternProperties ?? {}),
  ...(shape.items === undefined ? [] : [shape.items]),
  ...(shape.anyOf ?? []),
];

/** Whether a member with these options is on the wire of a version. */
export const isAlive = (options: Shape, version: ApiVersion): boolean =>
  options['x-internal'] !== true &&
  isInside(options['x-alive'] ?? [[0, Number.POSITIVE_INFINITY]], version) &&
  !isInside(options['x-refuse']?.windows ?? [], version);

/** What schemas looked like before: the changes of a dialect, found by the `$id` they are on. */
export class History {
  readonly #byId = new Map<string, UpStep[]>();
  readonly #schemas = new Map<string, Shape>();

  constructor(changes: readonly Change[], schemas: readonly TSchema[]) {
    for (const change of changes) this.#add(change);
    for (const steps of this.#byId.values()) {
      steps.sort((a, b) => knownVersion(b.in) - knownVersion(a.in));
    }
    for (const schema of schemas) {
      for (const shape of nestedShapes(schema)) {
        if (shape.$id !== undefined && !this.#schemas.has(shape.$id)) this.#schemas.set(shape.$id, shape);
      }
    }
  }

  #add(change: Change): void {
    if (!('on' in change)) return;
    const steps = this.#byId.get(change.on) ?? [];
    steps.push(change);
    this.#byId.set(change.on, steps);
  }

  /** The schema a `$ref` names. */
  resolve(schema: TSchema): Shape {
    const shape: Shape = schema;
    if (shape.$ref === undefined) return shape;
    const target = this.#schemas.get(shape.$ref);
    if (target === undefined) throw new TypeError(`$ref to an unknown schema: ${shape.$ref}`);
    return target;
  }

  knows(id: string): boolean {
    return this.#schemas.has(id);
  }

  named(): ReadonlyMap<string, Shape> {
    return this.#schemas;
  }

  /** Reply changes on this schema that a version has not seen, newest first. */
  downSteps(shape: TSchema, version: ApiVersion): Reshape[] {
    return this.#after(shape, version).filter(
      (step): step is Reshape => step.kind === 'reshape' && step.down !== undefined,
    );
  }

  /** Request changes on this schema that a version has not seen, oldest first. */
  upSteps(shape: TSchema, version: ApiVersion): UpStep[] {
    return this.#after(shape, version)
      .filter((step) => step.kind !== 'reshape' || step.up !== undefined)
      .toReversed();
  }

  /** The schema as it was: reshaped, but with its members' lifetimes still to be applied. */
  older(shape: TSchema, version: ApiVersion, direction: Direction): Shape {
    return this.#after(shape, version).reduce(
      (newer, step) => (step.kind === 'reshape' && step[direction] ? replaceShape(newer, step.older) : newer),
      shape,
    );
  }

  #after({ $id }: Shape, version: ApiVersion): UpStep[] {
    if ($id === undefined) return [];
    return (this.#byId.get($id) ?? []).filter((step) => knownVersion(step.in) > version);
  }
}

const replaceShape = (newer: Shape, older: Shape): Shape => {
  const amended = older['x-amends'];
  if (amended === undefined) return older;
  const members = Object.entries(older.properties ?? {}).filter(([name]) => amended.includes(name));
  const kept = (newer.required ?? []).filter((name) => !amended.includes(name));
  const required = (older.required ?? []).filter((name) => amended.includes(name));
  return {
    ...newer,
    properties: { ...newer.properties, ...Object.fromEntries(members) },
    required: [...kept, ...required],
  };
};
