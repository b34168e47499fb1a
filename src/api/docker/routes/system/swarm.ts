import type { Method } from '#api/dialect/route.ts';
import { defineRoute } from '#api/docker/context.ts';
import { EngineError } from '#domain/error/engine-error.ts';

type Door = readonly [method: Method, path: string, since: string, id: string];

/** Where clients look for a swarm: there is none, and they know what 503 means (docker-modern.md 4.3). */
const DOORS: readonly Door[] = [
  ['GET', '/swarm', '1.24', 'swarm-inspect'],
  ['POST', '/swarm/update', '1.24', 'swarm-update'],
  ['GET', '/swarm/unlockkey', '1.24', 'swarm-unlock-key'],
  ['GET', '/nodes', '1.24', 'node-list'],
  ['GET', '/nodes/{name}', '1.24', 'node-inspect'],
  ['GET', '/services', '1.24', 'service-list'],
  ['GET', '/services/{name}', '1.24', 'service-inspect'],
  ['POST', '/services/create', '1.24', 'service-create'],
  ['GET', '/tasks', '1.24', 'task-list'],
  ['GET', '/tasks/{name}', '1.24', 'task-inspect'],
  ['GET', '/secrets', '1.25', 'secret-list'],
  ['GET', '/secrets/{name}', '1.25', 'secret-inspect'],
  ['POST', '/secrets/create', '1.25', 'secret-create'],
  ['GET', '/configs', '1.30', 'config-list'],
  ['GET', '/configs/{name}', '1.30', 'config-inspect'],
  ['POST', '/configs/create', '1.30', 'config-create'],
];

const NO_MANAGER =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

export const SWARM_ROUTES = DOORS.map(([method, path, since, id]) =>
  defineRoute({
    id,
    method,
    path,
    since,
    summary: `${id.replaceAll('-', ' ')}: never a member of a swarm`,
    replies: {},
    handler: () => {
      throw new EngineError('unavailable', 'swarm.no-manager', NO_MANAGER);
    },
  }),
);
