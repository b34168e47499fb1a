import type { SandboxId } from '#domain/value/flavor.ts';

/**
 * What a pod's or a container's processes share: network, IPC and UTS namespaces, or a virtual
 * machine. Sandboxes outlive the daemon and hold no process.
 */
export interface Sandboxes {
  /** Makes own namespaces as asked. Idempotent for the same id and request. */
  create(request: SandboxRequest): Promise<Sandbox>;
  /** undefined when unknown or gone (after a reboot). */
  find(id: SandboxId): Promise<Sandbox | undefined>;
  /** Releases it; the kernel frees the namespaces when the last process is gone. Fine when missing. */
  remove(id: SandboxId): Promise<void>;
  list(): Promise<SandboxId[]>;
}

export type SandboxRequest = {
  readonly id: SandboxId;
  readonly hostname: string;
  readonly domainname: string;
  readonly network: boolean;
  readonly ipc: boolean;
  readonly uts: boolean;
  /** Gives /dev/shm of that size, for those who share its IPC namespace. */
  readonly sharedMemoryBytes?: number;
  /** Set inside the new namespaces (net.*, kernel.shm*, fs.mqueue.*). */
  readonly sysctls?: Readonly<Record<string, string>>;
};

/** Absolute paths that a runtime can join; undefined = the sandbox has none of its own. */
export type Sandbox = {
  readonly id: SandboxId;
  readonly networkPath?: string;
  readonly ipcPath?: string;
  readonly utsPath?: string;
  /** A mounted directory, to be bound at /dev/shm. */
  readonly sharedMemoryPath?: string;
};
