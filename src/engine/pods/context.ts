import type { ContainerContext } from '#engine/containers/context.ts';
import type { Attachment, AttachOptions, LogOptions, LogReader } from '#engine/engine.ts';
import type { PodId } from '#domain/value/flavor.ts';
import type { PodRecords } from './pod-records.ts';
import type { Attached } from './attach.ts';

/** What the operations on pods share. */
export type PodContext = Omit<ContainerContext, 'pods'> & {
  readonly pods: PodRecords;
  /** Ends under way, by pod: whoever wants the same waits for the one there is. */
  readonly endings: Map<PodId, Promise<void>>;
  /** Restarts of whole pods: the latest delay, and whether one is on its way. */
  readonly restarts: Map<PodId, { readonly delayMs: number; readonly isPending: boolean }>;
  readonly attached: Attached;
  readonly attach: (id: string, options: AttachOptions) => Promise<Attachment>;
  readonly readLogs: (id: string, options: LogOptions) => Promise<LogReader>;
};

/** Comes before the locks of containers. */
export const podLock = (id: PodId): string => `pod:${id}`;
