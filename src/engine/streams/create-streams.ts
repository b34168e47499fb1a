import type { Container } from '#domain/container/container.ts';
import { parseByteSize } from '#domain/value/byte-size.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { StreamHooks } from '#engine/containers/hooks.ts';
import type { Attachment, AttachOptions, LogOptions, LogReader } from '#engine/engine.ts';
import type { LogStore } from '#engine/ports/log-store.ts';
import type { EngineWorld } from '#engine/world.ts';
import { containerEvent } from '#engine/events/container-event.ts';
import { ContainerAttachment } from './attachment.ts';
import { ContainerConsole } from './container-console.ts';
import { START } from './output-position.ts';
import type { OutputPosition } from './output-position.ts';
import { readLogs } from './read-logs.ts';
import { Stdio } from './stdio.ts';
import { StoredOutput } from './stored-output.ts';

export type Streams = StreamHooks & {
  attach(container: Container, options: AttachOptions): Attachment;
  logs(container: Container, options: LogOptions): Promise<LogReader>;
};

/** How long the last output of a run may take after its end was reported. */
const DRAIN_MS = 2000;

type Needs = Pick<EngineWorld, 'runtime' | 'logs' | 'log' | 'events' | 'clock'>;

/** Carries stdio between containers, clients and the log. */
export const createStreams = (world: Needs): Streams => {
  const all = new Map<ContainerId, Stdio>();
  const stdioOf = (id: ContainerId): Stdio => {
    const stdio = all.get(id) ?? new Stdio();
    all.set(id, stdio);
    return stdio;
  };
  return {
    beforeStart: async (container) => {
      const connection = await world.runtime.attach(container.id);
      stdioOf(container.id).begin(new ContainerConsole(connection, { hasLog: hasLog(container) }));
      limitLog(world.logs, container);
    },
    afterRecover: async (container) => {
      const connection = await world.runtime.attach(container.id);
      const writtenBefore = countStored(container.id, world.logs);
      stdioOf(container.id).begin(
        new ContainerConsole(connection, { hasLog: hasLog(container), writtenBefore }),
      );
      limitLog(world.logs, container);
    },
    afterExit: async (id) => {
      const stdio = all.get(id);
      world.logs.unlimit(id);
      if (stdio?.console === undefined) return;
      await drain(stdio.console, world.clock);
      stdio.end();
    },
    afterRemove: (id) => {
      all.get(id)?.abandon();
      all.delete(id);
    },
    attach: (container, options) => {
      world.events.publish(containerEvent('attach', container));
      return new ContainerAttachment({
        container,
        stdio: stdioOf(container.id),
        logs: world.logs,
        options,
        onDetach: () => world.events.publish(containerEvent('detach', container)),
      });
    },
    logs: (container, options) =>
      readLogs(
        { container, logs: world.logs, ended: all.get(container.id)?.ended ?? Promise.resolve() },
        options,
      ),
  };
};

const hasLog = (container: Container): boolean => container.host.logConfig.type !== 'none';

const limitLog = (logs: LogStore, container: Container): void => {
  const { config } = container.host.logConfig;
  const maxSizeBytes = parseByteSize(config['max-size'] ?? '');
  if (maxSizeBytes === undefined || maxSizeBytes <= 0) return;
  logs.limit(container.id, { maxSizeBytes, maxFiles: Math.max(1, Number(config['max-file'] ?? 1)) });
};

const countStored = async (id: ContainerId, logs: LogStore): Promise<OutputPosition> => {
  const reading = new StoredOutput(id, logs).read(START, new AbortController().signal);
  for (;;) {
    const step = await reading.next();
    if (step.done === true) return step.value;
  }
};

/** The monitor reports an end after all output; a monitor that was killed never closes its side. */
const drain = async (console: ContainerConsole, clock: Needs['clock']): Promise<void> => {
  const late = new AbortController();
  await Promise.race([console.drained, clock.sleep(DRAIN_MS, late.signal).catch(() => undefined)]);
  late.abort();
};
