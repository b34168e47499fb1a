import type { Method } from '#api/dialect/route.ts';
import { defineRoute } from '#api/docker/context.ts';
import { EngineError } from '#domain/error/engine-error.ts';

type Door = readonly [method: Method, path: string, since: string, id: string];

/** Where clients look for a swarm: there is none, and they know what 503 means (docker-modern.md 4.3). */
const DOORS: readonly Door[] = [
  ['GET', '/swarm', '1.24', 'swarm-inspect'],
  ['POST', '/swarm/update', '1.24', 'swarm-update'],
  ['GET', '/swarm/unlockkey', '1.24', 'swarm-unlock-key'],
  ['POST', '/swarm/unlock', '1.24', 'swarm-unlock'],
  ['GET', '/nodes', '1.24', 'node-list'],
  ['GET', '/nodes/{name}', '1.24', 'node-inspect'],
  ['DELETE', '/nodes/{name}', '1.24', 'node-remove'],
  ['POST', '/nodes/{name}/update', '1.24', 'node-update'],
  ['GET', '/services', '1.24', 'service-list'],
  ['GET', '/services/{name}', '1.24', 'service-inspect'],
  ['GET', '/services/{name}/logs', '1.25', 'service-logs'],
  ['POST', '/services/create', '1.24', 'service-create'],
  ['POST', '/services/{name}/update', '1.24', 'service-update'],
  ['DELETE', '/services/{name}', '1.24', 'service-remove'],
  ['GET', '/tasks', '1.24', 'task-list'],
  ['GET', '/tasks/{name}', '1.24', 'task-inspect'],
  ['GET', '/tasks/{name}/logs', '1.29', 'task-logs'],
  ['GET', '/secrets', '1.25', 'secret-list'],
  ['GET', '/secrets/{name}', '1.25', 'secret-inspect'],
  ['POST', '/secrets/create', '1.25', 'secret-create'],
  ['POST', '/secrets/{name}/update', '1.26', 'secret-update'],
  ['DELETE', '/secrets/{name}', '1.25', 'secret-remove'],
  ['GET', '/configs', '1.30', 'config-list'],
  ['GET', '/configs/{name}', '1.30', 'config-inspect'],
  ['POST', '/configs/create', '1.30', 'config-create'],
  ['POST', '/configs/{name}/update', '1.30', 'config-update'],
  ['DELETE', '/configs/{name}', '1.30', 'config-remove'],
];

const NO_MANAGER =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

const NO_MEMBER = 'This node is not part of a swarm';

const NO_CLUSTER_VOLUMES = 'volume update only valid for cluster volumes, but swarm is unavailable';

const NO_SWARMS = 'Swarm mode is not supported: this engine runs containers and pods on one machine only';

const refused = ([method, path, since, id]: Door, error: () => EngineError) =>
  defineRoute({
    id,
    method,
    path,
    since,
    summary: `${id.replaceAll('-', ' ')}: never a member of a swarm`,
    replies: {},
    handler: () => {
      throw error();
    },
  });

export const SWARM_ROUTES = [
  ...DOORS.map((door) => refused(door, () => new EngineError('unavailable', 'swarm.no-manager', NO_MANAGER))),
  refused(
    ['POST', '/swarm/leave', '1.24', 'swarm-leave'],
    () => new EngineError('unavailable', 'swarm.no-member', NO_MEMBER),
  ),
  refused(
    ['PUT', '/volumes/{name}', '1.42', 'volume-update'],
    () => new EngineError('unavailable', 'swarm.no-manager', NO_CLUSTER_VOLUMES),
  ),
  refused(
    ['POST', '/swarm/init', '1.24', 'swarm-init'],
    () => new EngineError('unsupported', 'swarm.none', NO_SWARMS),
  ),
  refused(
    ['POST', '/swarm/join', '1.24', 'swarm-join'],
    () => new EngineError('unsupported', 'swarm.none', NO_SWARMS),
  ),
];
