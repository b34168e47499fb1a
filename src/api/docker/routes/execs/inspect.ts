import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { presentContainer } from '#api/docker/present/container-inspect.ts';
import { presentExec, presentExecContainer } from '#api/docker/present/exec.ts';
import { ExecAnswer } from '#api/docker/schema/exec.ts';

export const execInspect = defineRoute({
  id: 'exec-inspect',
  method: 'GET',
  path: '/exec/{id}/json',
  summary: 'What became of a command',
  since: '1.16',
  replies: { 200: ExecAnswer },
  handler: async ({ params }, { engine }): Promise<Reply> => {
    const exec = engine.execs.get(params.id);
    const container = engine.containers.get(exec.containerId);
    const root = engine.containers.rootDescription(container.id);
    const inspected = presentContainer({
      container,
      root,
      execIds: engine.containers.execIds(container.id),
      links: engine.containers.links(container.id),
    });
    return { kind: 'json', status: 200, body: presentExec(exec, presentExecContainer(container, inspected)) };
  },
});
