import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestDaemon } from '#test/support/daemon.ts';
import { listFolder } from '#test/support/faults/machine.ts';
import { listed, podInfo, removePod } from './pod-client.ts';
import type { PodInfo } from './pod-client.ts';

/** Milliseconds from a request to the daemon's end; on any machine they fall on different steps. */
export const MOMENTS = [0, 2, 4, 8, 14, 24, 40, 65, 110, 180] as const;

/** Asks for everything at once, kills the daemon a moment later, and says what was answered before. */
export const cutOff = async <Name extends string>(
  daemon: TestDaemon,
  moment: number,
  works: Readonly<Record<Name, () => Promise<unknown>>>,
): Promise<Record<Name, boolean>> => {
  const doing = Object.entries<() => Promise<unknown>>(works).map(async ([name, work]) => {
    const isAnswered = await work().then(
      () => true,
      () => false,
    );
    return [name, isAnswered];
  });
  await pause(moment);
  await daemon.kill();
  // One entry for each name.
  return Object.fromEntries(await Promise.all(doing)) as Record<Name, boolean>;
};

export type FoundPod = {
  readonly info: PodInfo;
  readonly isRunning: boolean;
  /** Ids by name. */
  readonly ids: Readonly<Record<string, string>>;
  /** Words of the list by container name. */
  readonly words: Readonly<Record<string, string>>;
};

/** A pod as all routes together tell of it; undefined when it is gone. Fails where they do not agree, or half of it is there. */
export const findPod = async (daemon: TestDaemon, pod: string): Promise<FoundPod | undefined> => {
  const [line] = (await listed(daemon, 'pod')).filter(([id]) => id === pod);
  const containers = (await listed(daemon, 'container')).filter(([, , owner]) => owner === pod);
  if (line === undefined) {
    assert.deepEqual(containers, []);
    await assert.rejects(podInfo(daemon, pod), { status: 500 });
    return undefined;
  }
  const info = await podInfo(daemon, pod);
  const [, name, vm = '', word = ''] = line;
  assert.equal(name, info.podName);
  assert.ok(['running', 'failed', 'pending'].includes(word), word);
  const isRunning = word === 'running';
  assert.equal(info.status.phase === 'Running', isRunning);
  assert.equal(vm !== '', isRunning);
  assert.equal(info.vm ?? '', vm);
  assert.equal((info.status.podIP ?? []).length > 0, isRunning);
  const vms = (await listed(daemon, 'vm')).filter(([, owner]) => owner === pod);
  assert.deepEqual(vms, isRunning ? [[vm, pod, 'associated']] : []);
  const ids = Object.fromEntries(containers.map(([id = '', container = '']) => [container, id]));
  const said = (info.spec.containers ?? []).map((one) => [one.name.slice(1), one.containerID]);
  assert.deepEqual(Object.fromEntries(said), ids);
  const words = Object.fromEntries(containers.map(([, container = '', , state = '']) => [container, state]));
  for (const [container, state] of Object.entries(words))
    if (!isRunning) assert.notEqual(state, 'running', container);
  return { info, isRunning, ids, words };
};

/** All pods and VMs go; nothing of them is listed or in a folder. */
export const clear = async (daemon: TestDaemon): Promise<void> => {
  await Promise.all((await listed(daemon, 'pod')).map(async ([id = '']) => removePod(daemon, id)));
  for (const [vm = ''] of await listed(daemon, 'vm'))
    await daemon.pods.json('DELETE', '/vm', { query: { vm } });
  for (const item of ['pod', 'container', 'vm'] as const) assert.deepEqual(await listed(daemon, item), []);
  assert.deepEqual(listFolder(`${daemon.dataRoot}/pods`), []);
  assert.deepEqual(listFolder(`${daemon.execRoot}/sandboxes`), []);
};
