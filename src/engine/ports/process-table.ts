/** Processes of the host, as a table of text. */
export interface ProcessTable {
  /** In the form of `ps -ef`; without the processes that have ended by now. */
  list(pids: readonly number[]): Promise<ProcessListing>;
  /**
   * What the host's `ps` says with these arguments, of these processes only. The last column takes the rest of a
   * line. `internal` codes `ps.failed` {detail} and `ps.no-pid`.
   */
  select(pids: readonly number[], args: readonly string[]): Promise<ProcessListing>;
}

export type ProcessListing = {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
};
