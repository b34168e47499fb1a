/** One thing the machine has or lacks. */
export interface Finding {
  readonly what: string;
  /** false: Gantry does not work, or not fully, until `fix` is done. */
  readonly ok: boolean;
  /** What was seen: a version, a list, or why it could not be looked at. */
  readonly found: string;
  /** What to do; '' when ok. */
  readonly fix: string;
}

export function good(what: string, found: string): Finding {
  return { what, ok: true, found, fix: '' };
}

export function bad(what: string, found: string, fix: string): Finding {
  return { what, ok: false, found, fix };
}
