import { defineRoute } from '#api/docker/context.ts';
import type { Method } from '#api/dialect/route.ts';

type Planned = readonly [method: Method, path: string, since: string, id: string, why: string];

const BUILDS = 'comes with the builder';
const REGISTRY = 'comes with push and search';

/** Routes of the Docker Remote API that have a place but no inside yet: they answer 501 and say so. */
const PLANNED: readonly Planned[] = [
  ['POST', '/images/{name}/push', '1.0', 'image-push', REGISTRY],
  ['GET', '/images/search', '1.0', 'image-search', REGISTRY],
  ['GET', '/distribution/{name}/json', '1.30', 'distribution', REGISTRY],
  ['POST', '/build', '1.0', 'build', BUILDS],
  ['POST', '/build/cancel', '1.38', 'build-cancel', BUILDS],
  ['POST', '/session', '1.31', 'session', BUILDS],
];

export const PLANNED_ROUTES = PLANNED.map(([method, path, since, id, why]) =>
  defineRoute({ id, method, path, since, summary: id.replaceAll('-', ' '), replies: {}, planned: why }),
);
