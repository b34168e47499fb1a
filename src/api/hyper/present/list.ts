import type { Static } from 'typebox';
import type { Container } from '#domain/container/container.ts';
import { isLive } from '#domain/container/lifecycle.ts';
import { NEVER } from '#domain/value/instant.ts';
import type { Pod, PodSandbox } from '#domain/pod/pod.ts';
import type { Engine } from '#engine/engine.ts';
import { presentVmId } from '#api/hyper/lookup/pods.ts';
import type { ListAnswer } from '#api/hyper/schema/pod.ts';
import { hasFailed, presentPodStatus } from './pod.ts';

type Answer = Static<typeof ListAnswer>;

export type Selection = {
  /** Ids of pods that are wanted; undefined = all. */
  readonly pod: string | undefined;
  readonly vm: string | undefined;
  /** Containers that are in no pod too. */
  readonly all: boolean;
};

/** Ids, names and statuses hold no colon: elements are split there. */
const joined = (...parts: readonly string[]): string => parts.join(':');

const selected = (engine: Engine, { pod, vm }: Selection): Pod[] =>
  engine.pods
    .list()
    .filter(({ id, name }) => pod === undefined || id === pod || name === pod)
    .filter(({ sandboxId }) => vm === undefined || presentVmId(sandboxId) === vm || sandboxId === vm);

export const listPods = (engine: Engine, selection: Selection): Answer => {
  const pods = selected(engine, selection);
  const resting = pods.filter(({ status }) => status === 'stopped');
  return {
    item: 'pod',
    podData: pods.map((pod) => joined(pod.id, pod.name, presentVmId(pod.sandboxId), presentPodStatus(pod))),
    outcomes: Object.fromEntries(resting.map((pod) => [pod.id, outcomeOf(engine, pod)])),
  };
};

/** Only pods of type `kubernetes` have a word on restarts. */
const outcomeOf = (engine: Engine, { id, spec }: Pod): string => {
  const word = hasFailed(engine.pods.inspect(id).containers) ? 'failed' : 'succeeded';
  return spec.restart === undefined ? word : `${word}(kubernetes)`;
};

export const listContainers = (engine: Engine, selection: Selection): Answer => {
  const members = selected(engine, selection).flatMap((pod) => engine.pods.inspect(pod.id).containers);
  const isNarrow = selection.pod !== undefined || selection.vm !== undefined;
  const others =
    selection.all && !isNarrow ? engine.containers.list().filter(({ podId }) => podId === undefined) : [];
  // Members of such answers are in the order of their names.
  return {
    cData: [...members, ...others].map((container) =>
      joined(container.id, container.name, container.podId ?? '', listedStatus(container)),
    ),
    item: 'container',
  };
};

/** Names of containers as paths have them, a slash before each. */
export const withSlashes = (answer: Answer): Answer =>
  answer.cData === undefined
    ? answer
    : { ...answer, cData: answer.cData.map((line) => line.replace(':', ':/')) };

/** As infos say it, but how a run was ended does not count. */
const listedStatus = ({ state }: Container): string => {
  if (isLive(state.status)) return 'running';
  if (state.finishedAt === NEVER || state.startedAt === NEVER) return 'pending';
  return state.exitCode === 0 ? 'succeeded' : 'failed';
};

export const listVms = (engine: Engine, { pod, vm }: Selection): Answer => ({
  item: 'vm',
  vmData: engine.sandboxes
    .list()
    .filter(({ id }) => vm === undefined || presentVmId(id) === vm || id === vm)
    .filter(({ podId }) => pod === undefined || podId === pod || isOfName(engine, podId, pod))
    .map((sandbox) => joined(presentVmId(sandbox.id), sandbox.podId, vmStatus(engine, sandbox))),
});

const isOfName = (engine: Engine, podId: string, name: string): boolean =>
  engine.pods.list().some((one) => one.id === podId && one.name === name);

const vmStatus = (engine: Engine, { podId }: PodSandbox): string => {
  if (podId === '') return 'idle';
  const pod = engine.pods.list().find(({ id }) => id === podId);
  return pod?.status === 'paused' ? 'paused' : 'associated';
};
