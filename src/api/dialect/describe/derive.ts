import { isAlive, type Direction, type History } from '#api/dialect/history.ts';
import type { Shape } from '#api/dialect/schema.ts';
import type { ApiVersion } from '#api/dialect/version.ts';

export type Point = {
  readonly version: ApiVersion;
  readonly direction: Direction;
  /** May stand in for an inner schema, by a `$ref`. */
  readonly nested?: (shape: Shape) => Shape | undefined;
  /** Keep the options that say how values may be written. */
  readonly keepForms?: boolean;
};

/**
 * The schema of one version, as a plain JSON Schema without the kit's options: reshaped by the changes
 * that version has not seen, dead members left out.
 */
export const deriveShape = (history: History, schema: Shape, at: Point): Shape => {
  const { version, direction, nested } = at;
  const inner = (shape: Shape): Shape => nested?.(shape) ?? deriveShape(history, shape, at);
  const shape = history.older(history.resolve(schema), version, direction);
  return {
    ...plainOptions(shape, at.keepForms === true),
    ...(shape.properties && aliveMembers(shape, version, inner)),
    ...(shape.items && { items: inner(shape.items) }),
    ...(shape.anyOf && { anyOf: shape.anyOf.map(inner) }),
    ...(shape.patternProperties && { patternProperties: mapValues(shape.patternProperties, inner) }),
  };
};

const aliveMembers = (shape: Shape, version: ApiVersion, inner: (member: Shape) => Shape): Shape => {
  const alive = Object.entries(shape.properties ?? {}).filter(([, member]) => isAlive(member, version));
  const names = new Set(alive.map(([name]) => name));
  const required = (shape.required ?? []).filter((name) => names.has(name));
  return {
    properties: mapValues(Object.fromEntries(alive), inner),
    ...(required.length > 0 && { required }),
  };
};

const plainOptions = (shape: Shape, keepForms: boolean): Shape => {
  const structural = new Set(['$id', 'properties', 'required', 'items', 'anyOf', 'patternProperties']);
  return Object.fromEntries(
    Object.entries(shape).filter(
      ([name]) => (keepForms && name === 'x-form') || !(name.startsWith('x-') || structural.has(name)),
    ),
  );
};

const mapValues = (
  members: Readonly<Record<string, Shape>>,
  change: (member: Shape) => Shape,
): Record<string, Shape> =>
  Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member)]));
