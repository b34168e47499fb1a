/** Directories that outlive containers (driver `local`). */
export interface VolumeDriver {
  readonly name: string;
  /** Makes the directory; returns its absolute path. Idempotent. */
  create(name: string): Promise<string>;
  remove(name: string): Promise<void>;
  isEmpty(name: string): Promise<boolean>;
  /** Bytes of the files in it; 0 where there is none. What goes meanwhile is passed over. */
  sizeBytes(name: string): Promise<number>;
}
