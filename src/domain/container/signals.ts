import { engineError } from '#domain/error/catalogue.ts';

/** Linux numbers by name without SIG (x86 and ARM agree on these). */
const NUMBERS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
  UNUSED: 31,
};

const FIRST_REAL_TIME = 34;
const LAST_SIGNAL = 64;

export const SIGKILL = 9;
export const SIGTERM = 15;

/** The number of `TERM`, `sigterm`, `15`, `RTMIN+3`, `RTMAX-1`; throws `signal.unknown`. */
export const parseSignal = (text: string): number => {
  const number = /^\d+$/.test(text) ? Number(text) : byName(text.toUpperCase().replace(/^SIG/, ''));
  if (number === undefined || number < 1 || number > LAST_SIGNAL)
    throw engineError('signal.unknown', { signal: text });
  return number;
};

const byName = (name: string): number | undefined => {
  const [, edge, sign, offset = '0'] = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name) ?? [];
  if (edge === undefined) return Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined;
  if (edge === 'MIN')
    return sign === '-' || Number(offset) > 15 ? undefined : FIRST_REAL_TIME + Number(offset);
  return sign === '+' || Number(offset) > 14 ? undefined : LAST_SIGNAL - Number(offset);
};
