import type { Container } from '#domain/container/container.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { LogRecord } from '#domain/log/record.ts';
import type { LogOptions, LogReader } from '#engine/engine.ts';
import type { LogReadOptions, LogStore } from '#engine/ports/log-store.ts';
import { formatNine } from '#formats/time/nanos.ts';

/**
 * Stored lines of a container, and those of the run that is on. Throws `unsupported`
 * `logs.unreadable` {driver} where nothing is stored.
 */
export const readLogs = async (
  { container, logs, ended }: { container: Container; logs: LogStore; ended: AbortSignal },
  options: LogOptions,
): Promise<LogReader> => {
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
  const { tty } = container.config;
  if (!options.follow) return { tty, records: chooseRecords({ container, logs, follow: {} }, options) };
  const { promise: placed, resolve: onPlaced } = Promise.withResolvers<void>();
  const reader = chooseRecords({ container, logs, follow: { follow: { ended, onPlaced } } }, options);
  const records = begun(reader);
  // What is written once the caller has an answer must be seen, also with `tail` 0.
  await Promise.race([placed, records.first]);
  return { tty, records };
};

/** Reads ahead of being asked. */
const begun = <Item>(
  items: AsyncGenerator<Item, void>,
): AsyncIterable<Item> & { readonly first: Promise<unknown> } => {
  let first: Promise<IteratorResult<Item, void>> | undefined = items.next();
  // Told to the one who asks for it.
  const settled = first.then(
    () => undefined,
    () => undefined,
  );
  const next = (): Promise<IteratorResult<Item, void>> => {
    const step = first ?? items.next();
    first = undefined;
    return step;
  };
  return { first: settled, [Symbol.asyncIterator]: () => ({ next, return: () => items.return() }) };
};

const chooseRecords = async function* (
  {
    container,
    logs,
    follow,
  }: {
    readonly container: Container;
    readonly logs: LogStore;
    readonly follow: Pick<LogReadOptions, 'follow'>;
  },
  options: LogOptions,
): AsyncGenerator<readonly LogRecord[], void> {
  const batches = logs.read(container.id, {
    ...(options.tail === undefined ? {} : { tail: options.tail }),
    ...(options.since === undefined ? {} : { since: formatNine(options.since) }),
    ...(options.until === undefined ? {} : { until: formatNine(options.until) }),
    ...follow,
    signal: options.signal,
  });
  for await (const { records } of batches) {
    const chosen = records.filter(({ stream }) => (stream === 'stdout' ? options.stdout : options.stderr));
    if (chosen.length > 0) yield chosen;
  }
};
