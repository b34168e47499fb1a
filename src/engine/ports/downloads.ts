/** Files from the web, for import and remote build contexts. */
export interface Downloads {
  /**
   * Opens an http or https address, redirects followed, nothing sent along. Errors: `invalid` code
   * `download.bad-url`, `not-found` code `download.not-found`, `unavailable` code `download.failed`.
   */
  open(url: string, signal?: AbortSignal): Promise<Download>;
}

export type Download = {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Undefined when the server does not say. */
  readonly totalBytes?: number;
};
