import type { Static } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { WaitCondition, WaitResult } from '#engine/engine.ts';
import { defineRoute } from '#api/docker/context.ts';
import { WaitAnswer, WaitQuery } from '#api/docker/schema/container-query.ts';
import { startFailureText } from '#api/docker/wording/start-failure.ts';

const CONDITIONS: readonly WaitCondition[] = ['not-running', 'next-exit', 'removed'];

/**
 * The waiter is registered before the reply leaves, and the head of the reply leaves before the wait is over:
 * clients start the container only when they have it (docker-modern.md 3.8).
 */
export const containerWait = defineRoute({
  id: 'container-wait',
  method: 'POST',
  path: '/containers/{name}/wait',
  summary: 'Wait for the end of a container and get its exit code',
  since: '1.0',
  query: WaitQuery,
  replies: { 200: WaitAnswer },
  handler: async ({ params, query, http }, { engine }): Promise<Reply> => {
    const condition = decodeCondition(query);
    const { result } = engine.containers.wait(params.name, condition, http.signal);
    return {
      kind: 'frames',
      status: 200,
      contentType: 'application/json',
      start: 'at-once',
      terminator: '\n',
      frames: presentOnce(result),
    };
  },
});

const decodeCondition = ({
  condition: text = '',
  ignoresUnknown,
}: Static<typeof WaitQuery>): WaitCondition => {
  const condition = text === '' ? 'not-running' : CONDITIONS.find((known) => known === text);
  if (condition !== undefined) return condition;
  if (ignoresUnknown === true) return 'not-running';
  throw new EngineError('invalid', 'wait.condition', `invalid condition: "${text}"`, {
    params: { condition: text },
  });
};

const presentOnce = async function* (result: Promise<WaitResult>): AsyncGenerator<unknown> {
  const ended = await result;
  const error = ended.error === undefined ? {} : { Error: { Message: startFailureText(ended) } };
  yield { StatusCode: ended.exitCode, ...error };
};
