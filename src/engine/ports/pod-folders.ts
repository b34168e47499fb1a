/** What a pod keeps on the host: its empty volumes; and content that its specification points to. */
export interface PodFolders {
  /** Makes the directory of a volume (any name), empty at first; returns its absolute path. Idempotent. */
  makeVolume(podId: string, name: string): Promise<string>;
  /** A file to be mounted into containers, written anew; returns its absolute path. */
  makeFile(
    podId: string,
    name: string,
    file: {
      readonly bytes: Uint8Array;
      readonly permissions: number;
      readonly uid: number;
      readonly gid: number;
    },
  ): Promise<string>;
  /** Everything of the pod; fine when missing. */
  remove(podId: string): Promise<void>;
  /** Pods that have something here. */
  list(): Promise<string[]>;
  /** The content behind `file:`, `http:` or `https:`. Rejects: unreachable, larger than the limit, another scheme. */
  fetch(
    uri: string,
    options: { readonly limitBytes: number; readonly signal: AbortSignal },
  ): Promise<Uint8Array>;
}
