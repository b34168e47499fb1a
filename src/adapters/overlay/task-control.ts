/** Refusals for archives that would fill the disk. */
export type LayerLimits = {
  /** Bytes of the uncompressed archive. */
  readonly layerBytes: number;
  readonly entries: number;
  /** Uncompressed bytes for each compressed one, looked at past the first GiB: small layers of zeros are no bombs. gzip reaches 1032. */
  readonly ratio: number;
};

/** Shared memory between a task and its owner: word 0 is set to stop it, word 1 counts bytes read of the blob. */
export type TaskControl = SharedArrayBuffer;

export const CONTROL_BYTES = 16;
export const STOP_WORD = 0;
export const PROGRESS_WORD = 1;
