import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestDaemon } from '#test/support/daemon.ts';
import { findLeaks } from '#tools/leaks.mjs';
import { toTag } from '#tools/leaks/records.mjs';
import { openPatience } from '#test/support/patience.ts';
import { until } from '#test/support/network/until.ts';
import { inspect, list } from './containers.ts';

/** Nothing of this daemon is on the machine that its records do not explain. */
export const assertNoLeaks = async (daemon: TestDaemon): Promise<void> => {
  let leaks = await leaksOf(daemon);
  // What is on its way out is gone soon.
  for (const patience = openPatience(); leaks.length > 0 && !patience.isOver(); await pause(50))
    leaks = await leaksOf(daemon);
  assert.deepEqual(leaks, []);
};

const leaksOf = async ({ dataRoot, execRoot }: TestDaemon): Promise<string[]> => {
  const tag = toTag(dataRoot);
  const all = await findLeaks({ dataRoots: [dataRoot], execRoots: [execRoot] }, 0);
  return all
    .filter(
      (thing) =>
        (thing.tag !== undefined && tag.startsWith(thing.tag)) ||
        [dataRoot, execRoot].some((root) => thing.root === root || thing.name.startsWith(root)),
    )
    .map(({ kind, name }) => `${kind} ${name}`);
};

/** Each record says what the machine says: a living process or none; each folder has its record, or is of one of the pods. */
export const assertRecordsMatch = async (daemon: TestDaemon, pods: readonly string[] = []): Promise<void> => {
  await removalsFinished(daemon);
  const containers = await list(daemon);
  const known = new Set([...containers.map(({ Id }) => Id), ...pods.map((id) => `pod.${id}`)]);
  for (const { Id } of containers) {
    const { State } = await inspect(daemon, Id);
    assert.ok(['created', 'running', 'exited', 'restarting'].includes(State.Status), State.Status);
    assert.equal(State.Pid > 0, State.Running && State.Status === 'running');
    if (State.Pid > 0) assert.ok(isAlive(State.Pid), `process ${State.Pid} of ${Id} is not there`);
  }
  const folders = [
    join(daemon.dataRoot, 'overlay/roots'),
    join(daemon.dataRoot, 'containers'),
    join(daemon.execRoot, 'roots'),
    join(daemon.execRoot, 'containers'),
  ];
  for (const folder of folders)
    for (const name of listFolder(folder)) assert.ok(known.has(name), `${folder}/${name} has no record`);
};

/** A daemon that came back finishes the removals it was asked for in the background, and says so: waits for their end. */
export const removalsFinished = async (daemon: TestDaemon): Promise<void> => {
  const going = [...daemon.log.matchAll(/container ([0-9a-f]{12}): goes on with its removal/g)];
  const ids = going.map(([, id = '']) => id);
  await until(async () => (await list(daemon)).every(({ Id }) => !ids.includes(Id.slice(0, 12))));
};

/** No layer under construction, no nameless blob, nothing that waits to be deleted; what a pull may resume from stays. */
export const assertNothingHalfMade = async ({ dataRoot }: TestDaemon): Promise<void> => {
  const rests = (): string[] => [
    ...listFolder(join(dataRoot, 'overlay/trash')),
    ...listFolder(join(dataRoot, 'overlay/layers')).filter((name) => name.startsWith('.')),
    ...listFolder(join(dataRoot, 'ingest')).filter((name) => !name.endsWith('.partial')),
  ];
  // They are deleted in the background.
  await until(() => rests().length === 0);
};

export const isAlive = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/** Resident bytes of a process. */
export const residentBytes = (pid: number): number => {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
};

export const countDescriptors = (pid: number): number => listFolder(`/proc/${pid}/fd`).length;

export const listFolder = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};
