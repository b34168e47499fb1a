/** `blob` where the archive says what the file must be. */
export type LoadableLayer = {
  readonly path: string;
  readonly blob?: { readonly digest: string; readonly sizeBytes: number };
};

/** One image as an archive describes it, whatever the archive's form. */
export type LoadableImage = {
  readonly config: Uint8Array;
  /** Base first. */
  readonly layers: readonly LoadableLayer[];
  /** Canonical names. */
  readonly tags: readonly string[];
};
