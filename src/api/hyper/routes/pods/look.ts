import type { Reply } from '#api/http/reply.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { required } from '#api/hyper/lookup/containers.ts';
import { findVm, podRef } from '#api/hyper/lookup/pods.ts';
import { listContainers, listPods, listVms, withSlashes } from '#api/hyper/present/list.ts';
import type { Selection } from '#api/hyper/present/list.ts';
import { presentPod } from '#api/hyper/present/pod.ts';
import { presentPodStats } from '#api/hyper/present/pod-stats.ts';
import { Done } from '#api/hyper/schema/answers.ts';
import { ListAnswer, PodInfo } from '#api/hyper/schema/pod.ts';
import { LabelsQuery, ListQuery, PodQuery } from '#api/hyper/schema/pod-query.ts';
import { PodStats } from '#api/hyper/schema/pod-stats.ts';
import type { Engine } from '#engine/engine.ts';

export const podInfo = defineRoute({
  id: 'pod-info',
  method: 'GET',
  path: '/pod/info',
  summary: 'A pod as it is',
  since: '0.1',
  query: PodQuery,
  replies: { 200: PodInfo, 201: PodInfo },
  handler: async ({ query }, { engine, daemon }): Promise<Reply> => ({
    kind: 'json',
    status: 200,
    body: presentPod(engine.pods.inspect(podRef(query)), daemon.hostAddress()),
  }),
});

export const podStats = defineRoute({
  id: 'pod-stats',
  method: 'GET',
  path: '/pod/stats',
  summary: 'What a pod uses of the machine',
  since: '0.5',
  query: PodQuery,
  replies: { 200: PodStats },
  handler: async ({ query }, { engine }): Promise<Reply> => ({
    kind: 'json',
    status: 200,
    body: presentPodStats(await engine.pods.stats(podRef(query))),
  }),
});

export const podLabels = defineRoute({
  id: 'pod-labels',
  method: 'POST',
  path: '/pod/labels',
  summary: 'Add labels to a pod',
  since: '0.5',
  query: LabelsQuery,
  replies: { 201: Done },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const ref = podRef(query);
    const mayReplace = /^(?:true|yes)$/iu.test(query.override ?? '');
    await engine.pods.setLabels(ref, required('labels', query.labels), mayReplace);
    return { kind: 'json', status: 201, body: { Cause: '', Code: 0, ID: ref } };
  },
});

/** Says no release, and takes the first letter of each container's name for a slash. */
const KUBELET = /^kubelet\b/iu;

const LISTS = { pod: listPods, container: listContainers, vm: listVms } as const;

/** 201: clients insist on it. */
export const list = defineRoute({
  id: 'list',
  method: 'GET',
  path: '/list',
  summary: 'List pods, containers in pods, or sandboxes',
  since: '0.1',
  query: ListQuery,
  replies: { 201: ListAnswer, 200: ListAnswer },
  handler: async ({ query, http }, { engine }): Promise<Reply> => {
    const item = query.item || 'pod';
    if (!isListed(item)) throw new EngineError('invalid', 'list.item', `Can not support ${item} list!`);
    const selection: Selection = {
      pod: query.pod || undefined,
      vm: query.vm || undefined,
      all: query.all,
    };
    if (query.isOlder === true) refuseUnknown(engine, selection);
    const answer = LISTS[item](engine, selection);
    const cutsNames = query.isOlder !== true && KUBELET.test(http.headers['user-agent'] ?? '');
    return { kind: 'json', status: 201, body: cutsNames ? withSlashes(answer) : answer };
  },
});

const refuseUnknown = (engine: Engine, { pod, vm }: Selection): void => {
  if (pod !== undefined) engine.pods.get(pod);
  if (vm !== undefined && findVm(engine, vm) === undefined)
    throw engineError('sandbox.not-found', { ref: vm });
};

const isListed = (item: string): item is keyof typeof LISTS => Object.hasOwn(LISTS, item);
