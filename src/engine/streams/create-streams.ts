import type { Container } from '#domain/container/container.ts';
import { rotationOf } from '#domain/container/log/config.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { StreamHooks } from '#engine/containers/hooks.ts';
import type { Attachment, AttachOptions, LogOptions, LogReader } from '#engine/engine.ts';
import type { LogStore } from '#engine/ports/log-store.ts';
import type { EngineWorld } from '#engine/world.ts';
import { containerEvent } from '#engine/events/container-event.ts';
import { ContainerAttachment } from './attachment.ts';
import type { AttachmentParts } from './attachment.ts';
import { ContainerConsole } from './container-console.ts';
import type { ConsoleOptions } from './container-console.ts';
import { forwardOutput, openTarget } from './forward-output.ts';
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

type Needs = Pick<EngineWorld, 'runtime' | 'logs' | 'logTargets' | 'log' | 'events' | 'clock' | 'machine'>;

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
      const target = await openTarget(world, container);
      const connection = await world.runtime.attach(container.id).catch((error: unknown) => {
        target?.close();
        throw error;
      });
      const growth = limitLog(world.logs, container);
      const console = new ContainerConsole(connection, { ...logOf(world.logs, container), ...growth });
      stdioOf(container.id).begin(console);
      if (target !== undefined) forwardOutput(world, container, { console, target });
    },
    afterRecover: async (container) => {
      const connection = await world.runtime.attach(container.id);
      const writtenBefore = countStored(container.id, world.logs);
      const console = new ContainerConsole(connection, {
        ...logOf(world.logs, container),
        writtenBefore,
        ...limitLog(world.logs, container),
      });
      stdioOf(container.id).begin(console);
      const target = await openTarget(world, container);
      if (target !== undefined) forwardOutput(world, container, { console, target });
    },
    afterExit: async (id) => {
      const stdio = all.get(id);
      world.logs.unlimit(id);
      if (stdio?.console === undefined) return;
      stdio.console.over();
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
        ...tellOf(world, container),
      });
    },
    logs: (container, options) =>
      readLogs(
        { container, logs: world.logs, ended: all.get(container.id)?.ended ?? AbortSignal.abort() },
        options,
      ),
  };
};

const tellOf = (
  { events, log }: Needs,
  container: Container,
): Pick<AttachmentParts, 'onDetach' | 'onInputLost'> => ({
  onDetach: () => events.publish(containerEvent('detach', container)),
  onInputLost: (bytes) =>
    log('warn', 'input of a client that has left is too much to be kept', { container: container.id, bytes }),
});

const logOf = (logs: LogStore, { id, host }: Container): Pick<ConsoleOptions, 'hasLog' | 'hold'> => ({
  hasLog: host.logConfig.type !== 'none',
  hold: () => logs.hold(id),
});

/** Begins the rotation that the log's options ask for. */
const limitLog = (logs: LogStore, container: Container): Pick<ConsoleOptions, 'onGrowth'> => {
  const rotation = rotationOf(container.host.logConfig);
  if (rotation === undefined) return {};
  const { id } = container;
  logs.limit(id, rotation);
  return { onGrowth: (bytes) => logs.grown(id, bytes) };
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
