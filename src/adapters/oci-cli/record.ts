import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { RuntimeExit } from '#engine/ports/container-runtime.ts';
import type { Bundle } from './layout.ts';
import type { ProcessIdentity } from './process/process-identity.ts';

/** What a later daemon must know to find, watch and remove a container. */
export type ContainerRecord = {
  readonly id: string;
  readonly cgroupPath: string;
  readonly terminal: boolean;
  readonly openStdin: boolean;
  readonly stdinOnce: boolean;
  /** Absent while the monitor is not known to run. */
  readonly monitor?: ProcessIdentity;
  /** Absent until it is created. */
  readonly process?: ProcessIdentity;
};

/** A container as this daemon sees it. */
export type Tracked = {
  readonly bundle: Bundle;
  record: ContainerRecord;
  /** Set once its end is known. */
  exit?: RuntimeExit;
  /** Of the monitor, where it is a child of this daemon. */
  monitorEnd?: Promise<void>;
  /** Its end is being looked into. */
  ending?: Promise<void>;
};

export const track = (bundle: Bundle, record: ContainerRecord): Tracked => ({ bundle, record });

/** Replaces the record in one step. The exec root is memory: no disk waits here. */
export const saveRecord = (tracked: Tracked, record: ContainerRecord): void => {
  tracked.record = record;
  const { record: path } = tracked.bundle;
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

/** Undefined when the daemon died before it wrote one. */
export const loadRecord = (bundle: Bundle): ContainerRecord | undefined => {
  try {
    const value: unknown = JSON.parse(readFileSync(bundle.record, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    // Missing or cut short: the container is a leftover.
    return undefined;
  }
};

const isRecord = (value: unknown): value is ContainerRecord =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'cgroupPath' in value &&
  typeof value.cgroupPath === 'string';
