/** One image as an archive describes it, whatever the archive's form. */
export type LoadableImage = {
  readonly config: Uint8Array;
  /** Base first. `digest` where the archive says what the file's must be. */
  readonly layers: readonly { readonly path: string; readonly digest?: string }[];
  /** Canonical names. */
  readonly tags: readonly string[];
};
