import type { Container } from '#domain/container/container.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { LogRecord } from '#domain/log/record.ts';
import type { LogOptions, LogReader } from '#engine/engine.ts';
import type { LogStore } from '#engine/ports/log-store.ts';
import { toLogTime } from './log-times.ts';

/**
 * Stored lines of a container, and those of the run that is on. Throws `unsupported`
 * `logs.unreadable` {driver} where nothing is stored.
 */
export const readLogs = (
  { container, logs, ended }: { container: Container; logs: LogStore; ended: Promise<void> },
  options: LogOptions,
): LogReader => {
  const driver = container.host.logConfig.type;
  if (driver === 'none') {
    throw new EngineError(
      'unsupported',
      'logs.unreadable',
      'configured logging driver does not support reading',
      {
        params: { driver },
      },
    );
  }
  return { tty: container.config.tty, records: chooseRecords({ container, logs, ended }, options) };
};

const chooseRecords = async function* (
  { container, logs, ended }: { container: Container; logs: LogStore; ended: Promise<void> },
  options: LogOptions,
): AsyncGenerator<readonly LogRecord[]> {
  const [since, until] = [toLogTime(options.since), toLogTime(options.until)];
  const batches = logs.read(container.id, {
    ...(options.tail === undefined ? {} : { tail: options.tail }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(options.follow ? { follow: { ended } } : {}),
    signal: options.signal,
  });
  for await (const { records } of batches) {
    const chosen = records.filter(({ stream }) => (stream === 'stdout' ? options.stdout : options.stderr));
    if (chosen.length > 0) yield chosen;
  }
};
