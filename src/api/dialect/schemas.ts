import type { DialectSpec } from './dialect.ts';
import type { Route } from './route.ts';
import type { Shape } from './schema.ts';

/** Schemas a client may send to a route. */
export const requestSchemas = <Context>(route: Route<Context>): Shape[] =>
  [route.query, route.headers, route.body].filter((schema) => schema !== undefined);

/** Schemas a route may answer with. */
export const replySchemas = <Context>(route: Route<Context>): Shape[] =>
  Object.values(route.replies).filter((schema) => schema !== null);

/** Every schema a dialect names, older forms included. */
export const schemasOf = <Context>(spec: DialectSpec<Context>): Shape[] => [
  ...(spec.schemas ?? []),
  ...spec.routes.flatMap((route) => [...requestSchemas(route), ...replySchemas(route)]),
  ...spec.changes.flatMap((change) => (change.kind === 'reshape' ? [change.older] : [])),
];
