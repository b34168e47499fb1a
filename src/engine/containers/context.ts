import type { KeyedLock } from '#lib/keyed-lock.ts';
import type { ImageOperations, NetworkOperations } from '#engine/engine.ts';
import type { AddressBook } from '#engine/networks/address-book.ts';
import type { VolumeMounts } from '#engine/volumes/volume-mounts.ts';
import type { EngineWorld } from '#engine/world.ts';
import type { Admission } from './admission.ts';
import type { ProbeTable } from './health/probe-table.ts';
import type { ExecHooks, ImageHooks, PodHooks, StreamHooks } from './hooks.ts';
import type { ContainerRecords } from './records.ts';
import type { RunTable } from './runs.ts';
import type { Waiters } from './waiters.ts';

/** What the operations on containers share. Each takes the part it needs. */
export type ContainerContext = EngineWorld & {
  readonly records: ContainerRecords;
  /** One lock per container id. Never held while waiting for a process to end. */
  readonly locks: KeyedLock;
  readonly waiters: Waiters;
  readonly runs: RunTable;
  readonly probes: ProbeTable;
  readonly admission: Admission;
  readonly addresses: AddressBook;
  readonly networks: NetworkOperations;
  readonly volumeMounts: VolumeMounts;
  readonly images: Pick<ImageOperations, 'get' | 'addLayer'> & Partial<ImageHooks>;
  readonly streams: StreamHooks;
  readonly execs: ExecHooks;
  readonly pods: PodHooks;
  /** Aborted when the daemon leaves: nothing is restarted any more. */
  readonly leaving: AbortSignal;
};
