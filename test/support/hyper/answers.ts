import assert from 'node:assert/strict';
import { bodyOf, done } from './transcript.ts';

/** What clients read of a pod's info; they fall over where it is not there. */
export type PodAnswer = {
  readonly podID: string;
  readonly podName: string;
  readonly vm?: string;
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly containerID: string;
      readonly image: string;
      readonly tty?: boolean;
    }[];
  };
  readonly status: { readonly phase: string; readonly podIP?: readonly string[] };
};

/** What they read of a container's. */
export type ContainerAnswer = {
  readonly container: { readonly name: string; readonly containerID: string; readonly tty?: boolean };
  readonly podID: string;
  readonly status: {
    readonly name: string;
    readonly phase: string;
    readonly terminated: { readonly exitCode?: number };
  };
};

export const podOf = (answer: string, status = 200): PodAnswer => bodyOf(answer, status) as PodAnswer;

export const containerOf = (answer: string): ContainerAnswer => bodyOf(answer) as ContainerAnswer;

/** What an action answers; statuses differ by action and release. */
export const idOf = (answer: string, status: number): string => (bodyOf(answer, status) as { ID: string }).ID;

/** Of a pod of an older client: not what its spec said. */
export const randomIdOf = (answer: string, status: number): string => {
  const id = idOf(answer, status);
  assert.match(id, /^pod-[A-Za-z]{10}$/u);
  assert.equal(answer, done(status, id));
  return id;
};

/** The lines of a list, whatever it is of. */
export const linesOf = (answer: string, status = 201): string[] => {
  const { podData, cData, vmData } = bodyOf(answer, status) as Readonly<Record<string, string[] | undefined>>;
  return podData ?? cData ?? vmData ?? [];
};
