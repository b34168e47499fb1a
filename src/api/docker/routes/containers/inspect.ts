import type { Reply } from '#api/http/reply.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import type { Engine } from '#engine/engine.ts';
import { defineRoute } from '#api/docker/context.ts';
import { presentContainer } from '#api/docker/present/container-inspect.ts';
import { InspectQuery } from '#api/docker/schema/container-query.ts';
import { ContainerAnswer } from '#api/docker/schema/container.ts';

export const containerInspect = defineRoute({
  id: 'container-inspect',
  method: 'GET',
  path: '/containers/{name}/json',
  summary: 'Everything about one container',
  since: '1.0',
  query: InspectQuery,
  replies: { 200: ContainerAnswer },
  handler: async ({ params, query }, { engine }): Promise<Reply> => {
    const container = engine.containers.get(params.name);
    if (query.mindsImages === true && isImage(engine, params.name)) {
      throw new EngineError('conflict', 'container.name-of-image', 'Conflict between containers and images');
    }
    const body = presentContainer({
      container,
      root: engine.containers.rootDescription(container.id),
      links: engine.containers.links(container.id),
      execIds: engine.containers.execIds(container.id),
      ...(query.size ? { size: await engine.containers.size(container.id) } : {}),
    });
    return { kind: 'json', status: 200, body };
  },
});

const isImage = (engine: Engine, name: string): boolean => {
  try {
    engine.images.get(name);
    return true;
  } catch (error) {
    if (isEngineError(error)) return false;
    throw error;
  }
};
