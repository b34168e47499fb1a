import { dockerfileError } from './dockerfile-error.ts';
import { parseDuration, parseJsonForm } from './forms.ts';

/** Durations in nanoseconds; 0 = not said. */
export type HealthcheckInstruction = {
  readonly test: readonly string[];
  readonly intervalNs: number;
  readonly timeoutNs: number;
  readonly startPeriodNs: number;
  readonly startIntervalNs: number;
  readonly retries: number;
};

const FLAG = /^--([a-z-]+)=(\S*)\s+/;
const DURATIONS: ReadonlySet<string> = new Set(['interval', 'timeout', 'start-period', 'start-interval']);

/** `[--interval=… --retries=…] CMD …` or `NONE`. */
export const parseHealthcheck = (text: string): HealthcheckInstruction => {
  const { flags, rest } = takeFlags(text);
  const durationOf = (name: string): number => parseDuration(flags.get(name) ?? '0');
  return {
    test: parseTest(rest, flags.size > 0),
    intervalNs: durationOf('interval'),
    timeoutNs: durationOf('timeout'),
    startPeriodNs: durationOf('start-period'),
    startIntervalNs: durationOf('start-interval'),
    retries: parseRetries(flags.get('retries') ?? '0'),
  };
};

const takeFlags = (text: string): { flags: Map<string, string>; rest: string } => {
  const flags = new Map<string, string>();
  let rest = text;
  for (let match = FLAG.exec(rest); match !== null; match = FLAG.exec(rest)) {
    const [whole, name = '', value = ''] = match;
    if (name !== 'retries' && !DURATIONS.has(name)) {
      throw dockerfileError('flag', `unknown flag: --${name}`, { name });
    }
    flags.set(name, value);
    rest = rest.slice(whole.length);
  }
  return { flags, rest };
};

const parseTest = (text: string, hasFlags: boolean): string[] => {
  const [, type = '', command = ''] = /^(\S*)\s*(.*)$/s.exec(text) ?? [];
  switch (type.toUpperCase()) {
    case 'NONE':
      if (command !== '' || hasFlags) {
        throw dockerfileError('healthcheck', 'HEALTHCHECK NONE takes no arguments');
      }
      return ['NONE'];
    case 'CMD': {
      if (command === '') throw dockerfileError('healthcheck', 'Missing command after HEALTHCHECK CMD');
      const list = parseJsonForm(command);
      return list === undefined ? ['CMD-SHELL', command] : ['CMD', ...list];
    }
    default:
      throw dockerfileError('healthcheck', `Unknown type "${type}" in HEALTHCHECK (try CMD)`, { type });
  }
};

const parseRetries = (text: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw dockerfileError('healthcheck', `--retries must be at least 0 (not ${text})`, { text });
};
