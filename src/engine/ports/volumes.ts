import type { VolumeSource } from '#domain/volume/local-options.ts';

/** Directories that outlive containers (driver `local`), with something mounted at them where that is asked for. */
export interface VolumeDriver {
  readonly name: string;
  /** Makes the directory; returns its absolute path. Idempotent. */
  create(name: string): Promise<string>;
  /**
   * What is mounted at it goes first: nothing is ever deleted through a mount. `conflict` code `volume.mount-point`
   * {name, path} where something stays mounted in it. Fine when missing.
   */
  remove(name: string): Promise<void>;
  /**
   * Mounts the source at the directory unless something is mounted there. Takes as long as a server takes to answer.
   * `internal` code `volume.mount-failed` {path, problem}; then nothing is mounted.
   */
  mount(name: string, source: VolumeSource): Promise<void>;
  /** Fine when nothing is mounted. Whoever still uses it keeps what he has. */
  unmount(name: string): Promise<void>;
  /** Names of those with something mounted at them. */
  listMounted(): Promise<string[]>;
  isEmpty(name: string): Promise<boolean>;
  /** Bytes of the files in it; 0 where there is none. What goes meanwhile is passed over. */
  sizeBytes(name: string): Promise<number>;
}
