import type { Speaker } from './speaker.ts';

type Request = readonly [method: string, path: string, body?: object];

/** No swarm and no plugins are here, and every door of theirs says so. */
export const driveAbsent = async (speaker: Speaker): Promise<void> => {
  for (const [status, doors] of ABSENT)
    for (const [door, [method, path, body]] of Object.entries(doors))
      if (speaker.knows(door)) await speaker.fail([method, path, body === undefined ? {} : { body }], status);
};

const swarm: Readonly<Record<string, Request>> = {
  'swarm-inspect': ['GET', '/swarm'],
  'swarm-update': ['POST', '/swarm/update'],
  'swarm-unlock-key': ['GET', '/swarm/unlockkey'],
  'swarm-unlock': ['POST', '/swarm/unlock'],
  'swarm-leave': ['POST', '/swarm/leave'],
  'node-list': ['GET', '/nodes'],
  'node-inspect': ['GET', '/nodes/one'],
  'node-remove': ['DELETE', '/nodes/one'],
  'node-update': ['POST', '/nodes/one/update'],
  'service-list': ['GET', '/services'],
  'service-inspect': ['GET', '/services/one'],
  'service-logs': ['GET', '/services/one/logs'],
  'service-create': ['POST', '/services/create'],
  'service-update': ['POST', '/services/one/update'],
  'service-remove': ['DELETE', '/services/one'],
  'task-list': ['GET', '/tasks'],
  'task-inspect': ['GET', '/tasks/one'],
  'task-logs': ['GET', '/tasks/one/logs'],
  'secret-list': ['GET', '/secrets'],
  'secret-inspect': ['GET', '/secrets/one'],
  'secret-create': ['POST', '/secrets/create'],
  'secret-update': ['POST', '/secrets/one/update'],
  'secret-remove': ['DELETE', '/secrets/one'],
  'config-list': ['GET', '/configs'],
  'config-inspect': ['GET', '/configs/one'],
  'config-create': ['POST', '/configs/create'],
  'config-update': ['POST', '/configs/one/update'],
  'config-remove': ['DELETE', '/configs/one'],
  'volume-update': ['PUT', '/volumes/one'],
};

const plugins: Readonly<Record<string, Request>> = {
  'plugin-inspect': ['GET', '/plugins/one/json'],
  'plugin-enable': ['POST', '/plugins/one/enable'],
  'plugin-disable': ['POST', '/plugins/one/disable'],
  'plugin-set': ['POST', '/plugins/one/set', []],
  'plugin-push': ['POST', '/plugins/one/push'],
  'plugin-upgrade': ['POST', '/plugins/one/upgrade?remote=one', []],
  'plugin-remove': ['DELETE', '/plugins/one'],
};

const unsupported: Readonly<Record<string, Request>> = {
  'swarm-init': ['POST', '/swarm/init'],
  'swarm-join': ['POST', '/swarm/join'],
  'plugin-privileges': ['GET', '/plugins/privileges?remote=one'],
  'plugin-pull': ['POST', '/plugins/pull?remote=one', []],
  'plugin-create': ['POST', '/plugins/create?name=one'],
};

const ABSENT: readonly (readonly [status: number, doors: Readonly<Record<string, Request>>])[] = [
  [503, swarm],
  [404, plugins],
  [501, unsupported],
];
