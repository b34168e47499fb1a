import type { Container } from '#domain/container/container.ts';
import type { Image, ImageReference } from '#domain/image/image.ts';
import type { Network } from '#domain/network/network.ts';
import type { Pod, PodSandbox } from '#domain/pod/pod.ts';

/**
 * Records that outlive the daemon. Every `put` and `remove` outlives the process's death when it returns, and a
 * power cut too unless it was told otherwise (synchronous: the engine writes the intent before the effect).
 * A power cut never loses a change and keeps a later one. One writer, one process.
 */
export interface StateStore {
  readonly containers: Collection<Container>;
  readonly images: Collection<Image>;
  /** Keyed by `name`. */
  readonly references: Collection<ImageReference>;
  readonly networks: Collection<Network>;
  readonly volumes: Collection<VolumeRecord>;
  readonly pods: Collection<Pod>;
  readonly sandboxes: Collection<PodSandbox>;
  /** Small facts: daemon id, seed of names, stored login of API 1.0. */
  readonly settings: {
    get(key: string): string | undefined;
    set(key: string, value: string): void;
  };
  /** All or nothing. Not nested. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * When a change is safe from a power cut: when the call returns, or within a tenth of a second. `soon` is
 * for what recovery would find out by itself after the power cut, such as that nothing runs any more.
 * `anyhow` is for what must not wait for a disk: where it is full, such a change holds in memory and is written as soon
 * as there is room. Whatever ends or removes something is told so; what makes something never is.
 */
export type Durability = 'now' | 'soon' | 'anyhow' | 'soon-anyhow';

export interface Collection<T> {
  get(key: string): T | undefined;
  /** Default `now`. */
  put(value: T, durability?: Durability): void;
  remove(key: string, durability?: Durability): void;
  /** In order of insertion. */
  list(): T[];
}

export type VolumeRecord = {
  readonly name: string;
  readonly driver: string;
  readonly mountpoint: string;
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly anonymous: boolean;
  /** Its removal has begun; absent otherwise. */
  readonly isGoing?: true;
};
