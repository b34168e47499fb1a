import type { Static } from 'typebox';
import { Type } from '#api/dialect/type.ts';
import type { Reply } from '#api/http/reply.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { PodSpec } from '#domain/pod/spec.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { decodePod, decodePodRestart } from '#api/hyper/decode/user-pod.ts';
import { explainName } from '#api/hyper/lookup/containers.ts';
import { randomAlphanumerics } from '#api/hyper/random-words.ts';
import { Done } from '#api/hyper/schema/answers.ts';
import { PodCreateQuery, PodRunQuery } from '#api/hyper/schema/pod-query.ts';
import { UserPod } from '#api/hyper/schema/user-pod.ts';
import type { Engine } from '#engine/engine.ts';

type Asked = {
  readonly body: Static<typeof UserPod> | undefined;
  readonly query: Pick<Static<typeof PodCreateQuery>, 'podArgs' | 'remove' | 'isOlder'>;
};

const specOf = ({ body, query }: Asked): PodSpec => {
  const pod = body ?? query.podArgs;
  if (pod === undefined) throw new EngineError('invalid', 'pod.empty', 'the pod is missing');
  const spec = query.isOlder === true ? decodeOlderPod(pod) : decodePod(pod);
  return /^(?:yes|true)$/iu.test(query.remove ?? '') ? { ...spec, whenAllEnded: 'remove' } : spec;
};

/**
 * Older clients' pods are over when their containers are, and their id is only a name: by the beginning of the id
 * that they are answered those clients tell pods from containers.
 */
const decodeOlderPod = (pod: Static<typeof UserPod>): PodSpec => {
  const spec = decodePod(pod);
  const name = spec.id === '' ? randomAlphanumerics() : spec.id;
  const isOfKubernetes = pod.type === 'kubernetes';
  return {
    ...spec,
    id: '',
    name,
    whenAllEnded: 'stop',
    ...(isOfKubernetes ? { restart: decodePodRestart(pod.restartPolicy) } : {}),
  };
};

const makePod = async (engine: Engine, asked: Asked): Promise<string> => {
  try {
    const { id } = await engine.pods.create(specOf(asked), { boot: asked.query.isOlder !== true });
    return id;
  } catch (error) {
    throw explainName(engine, error);
  }
};

export const podCreate = defineRoute({
  id: 'pod-create',
  method: 'POST',
  path: '/pod/create',
  summary: 'Make a pod; its containers wait to be started',
  since: '0.1',
  query: PodCreateQuery,
  body: Type.Optional(UserPod),
  bodyType: 'json',
  replies: { 201: Done, 200: Done },
  handler: async (asked, { engine }): Promise<Reply> => ({
    kind: 'json',
    status: 201,
    body: { Cause: '', Code: 0, ID: await makePod(engine, asked) },
  }),
});

export const podRun = defineRoute({
  id: 'pod-run',
  method: 'POST',
  path: '/pod/run',
  summary: 'Make a pod and start it',
  since: '0.1',
  query: PodRunQuery,
  body: Type.Optional(UserPod),
  replies: { 200: Done },
  handler: async (asked, { engine }): Promise<Reply> => {
    const id = await makePod(engine, asked);
    try {
      await engine.pods.start(id, {});
    } catch (error) {
      // One call, one outcome: what could not be started was not made.
      await engine.pods.remove(id, { timeoutSeconds: 0 });
      throw error;
    }
    return { kind: 'json', status: 200, body: { Cause: '', Code: 0, ID: id } };
  },
});
