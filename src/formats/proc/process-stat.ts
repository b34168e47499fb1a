/** What tells one life of a process number from another (proc(5), /proc/PID/stat). */
export type ProcessStat = {
  readonly pid: number;
  /** One letter: R, S, D, T, Z, X... */
  readonly state: string;
  readonly parent: number;
  /** Process group. */
  readonly group: number;
  /** Clock ticks after boot, kept as text: it is only compared. */
  readonly startTime: string;
};

/** Undefined when the text is not such a line (an empty read of a process that just left). */
export const parseProcessStat = (text: string): ProcessStat | undefined => {
  // The second field is the name in brackets and may itself hold blanks and brackets.
  const close = text.lastIndexOf(')');
  const pid = Number.parseInt(text, 10);
  const fields = text
    .slice(close + 2)
    .trimEnd()
    .split(' ');
  const [state, parent, group] = fields;
  const startTime = fields[19];
  if (close < 0 || Number.isNaN(pid) || state === undefined || startTime === undefined) return undefined;
  return { pid, state, parent: Number(parent), group: Number(group), startTime };
};
