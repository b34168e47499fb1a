import type { Static } from 'typebox';
import type { Resources } from '#domain/container/config.ts';
import type { UpdateContainer } from '#engine/engine.ts';
import type { UpdateBody } from '#api/docker/schema/update-body.ts';
import { decodeRestartPolicy } from './host-config.ts';
import { decodeResources } from './resources.ts';

type Body = Static<typeof UpdateBody>;

/** Members that are absent or zero stay as they are (docker-modern.md 3.8); only processes can be freed of a limit. */
export const decodeUpdate = (body: Body): UpdateContainer => {
  const { PidsLimit: pids, RestartPolicy: policy, ...limits } = body;
  const given = Object.entries(decodeResources(limits, false)).filter(([, value]) => isSaid(value));
  const resources: Partial<Resources> = Object.fromEntries(given);
  return {
    resources:
      pids === undefined || pids === null ? resources : { ...resources, pidsLimit: pids > 0 ? pids : -1 },
    ...(policy?.Name === undefined || policy.Name === ''
      ? {}
      : { restartPolicy: decodeRestartPolicy(policy) }),
  };
};

const isSaid = (value: unknown): boolean => value !== 0 && value !== '' && value !== null && value !== false;
