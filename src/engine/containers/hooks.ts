import type { Container } from '#domain/container/container.ts';
import type { ContainerId, ExecId, ImageId } from '#domain/value/flavor.ts';
import type { PodGround } from './launch/joined.ts';

/**
 * What the life of a container tells the part that carries its stdio. Called under the container's
 * lock; a hook that throws in `beforeStart` makes the start fail, elsewhere it is only logged.
 */
export interface StreamHooks {
  /** After runtime.create, before runtime.start: connect the console so that no byte is lost. */
  beforeStart(container: Container): Promise<void>;
  /** The end is stored; lets attach streams drain and end. Also after a start that failed past `beforeStart`. */
  afterExit(id: ContainerId): Promise<void>;
  /** It was found running when the daemon came back. */
  afterRecover(container: Container): Promise<void>;
  /** The container is gone: ends attachments that wait for a start. */
  afterRemove(id: ContainerId): void;
}

/** What the life of a container tells the part that runs commands in it. */
export interface ExecHooks {
  containerEnded(id: ContainerId): void;
  /** Created and not yet ended. */
  idsOf(containerId: ContainerId): ExecId[];
  /** Runs a command as the container's own user and gives its exit code; killed when the signal is aborted. */
  probe(containerId: ContainerId, command: readonly string[], options: ProbeOptions): Promise<number>;
}

/** What the life of a container tells the part that keeps images. */
export interface ImageHooks {
  /** The record of a container of the image is gone: so are its layers if nobody else needs them. */
  containerRemoved(imageId: ImageId): Promise<void>;
}

/** What the life of a container asks of the part that keeps pods, and tells it. */
export interface PodHooks {
  /** What a container of a pod stands on; undefined for others. Throws `pod.not-running`. */
  groundOf(container: Container): PodGround | undefined;
  /** It is over and stored; called under the container's lock. */
  containerEnded(container: Container): void;
  containerRemoved(container: Container): void;
  /** Its pod has no sandbox: nothing may start it now. */
  isAtRest(container: Container): boolean;
  /** What pods have on the machine's network. */
  network(): { readonly endpoints: readonly string[]; readonly owners: readonly string[] };
}

export type ProbeOptions = {
  /** Its output, as it comes; the bytes are valid during the call. */
  readonly take: (bytes: Uint8Array) => void;
  readonly signal: AbortSignal;
};

/** For tests of the life alone: nobody is attached, nothing is executed. */
export const NO_STREAMS: StreamHooks = {
  beforeStart: async () => {},
  afterExit: async () => {},
  afterRecover: async () => {},
  afterRemove: () => {},
};

export const NO_EXECS: ExecHooks = { containerEnded: () => {}, idsOf: () => [], probe: async () => 0 };
