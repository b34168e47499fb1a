import { appendFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { spawnProcess } from '#adapters/libc/process.ts';
import type { Spawn } from '#adapters/libc/process.ts';
import { serveCalls, threadData } from '#adapters/libc/thread-calls.ts';
import { PrivateMounts } from './private-mounts.ts';
import type { PrivateMountsOptions } from './private-mounts.ts';

export type SpawnerData = PrivateMountsOptions & {
  /** Version 1 control groups for this thread, hence for every process it starts. */
  readonly cgroups: readonly string[];
};

export type SpawnRequest = Spawn & {
  /** Paths outside our own folders that the program will mount from. */
  readonly sources?: readonly string[];
};

/** The thread that starts every process, in a mount namespace of its own. */
export type SpawnerCalls = {
  /** Enters namespace and control groups; answers the id of the thread. */
  readonly prepare: (argument: undefined) => number;
  readonly spawn: (request: SpawnRequest) => number;
};

let mounts: PrivateMounts | undefined;

const calls: SpawnerCalls = {
  prepare: () => {
    const data = threadData() as SpawnerData;
    const thread = Number(basename(readlinkSync('/proc/thread-self')));
    for (const folder of data.cgroups) appendFileSync(`${folder}/tasks`, String(thread));
    mounts = new PrivateMounts(data);
    return thread;
  },
  spawn: (request) => {
    mounts?.refresh(request.sources ?? []);
    return spawnProcess(request);
  },
};

serveCalls(calls);
