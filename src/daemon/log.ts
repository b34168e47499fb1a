import { pino } from 'pino';
import type { LogLevelName } from './config.ts';

export type Log = {
  (level: LogLevelName, message: string, fields?: Readonly<Record<string, unknown>>): void;
  setLevel(level: LogLevelName): void;
};

/** JSON lines on standard error. Credentials never get here: requests are logged by method and path alone. */
export const createLog = (level: LogLevelName): Log => {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
  const log = (at: LogLevelName, message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    logger[at]({ ...fields, ...errorOf(fields['error']) }, message);
  };
  return Object.assign(log, {
    setLevel: (next: LogLevelName): void => {
      logger.level = next;
    },
  });
};

const errorOf = (error: unknown): Record<string, unknown> =>
  error instanceof Error
    ? { error: undefined, err: { message: error.message, stack: error.stack, cause: causeOf(error) } }
    : {};

const causeOf = (error: Error): string | undefined =>
  error.cause instanceof Error ? error.cause.message : undefined;
