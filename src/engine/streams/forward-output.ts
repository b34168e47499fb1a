import type { Container } from '#domain/container/container.ts';
import { logAttributes } from '#domain/container/log/attributes.ts';
import { logTag } from '#domain/container/log/tag.ts';
import type { OutputStream } from '#domain/log/record.ts';
import { fieldName, journalMessage } from '#formats/journal/message.ts';
import {
  isSyslogFormat,
  parseFacility,
  parseSyslogAddress,
  SEVERITY,
  syslogMessage,
} from '#formats/syslog/message.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { LogTarget } from '#engine/ports/log-targets.ts';
import type { EngineWorld } from '#engine/world.ts';
import type { ContainerConsole } from './container-console.ts';
import { followOutput } from './follow-output.ts';
import { LineSplitter } from './line-splitter.ts';
import { StoredOutput } from './stored-output.ts';

type Needs = Pick<EngineWorld, 'logTargets' | 'logs' | 'log' | 'machine' | 'clock'>;

/** A target for the container's output; undefined where its driver has none. Throws `log.target`. */
export const openTarget = async (world: Needs, { host }: Container): Promise<LogTarget | undefined> => {
  const { type, config } = host.logConfig;
  if (type === 'journald') return world.logTargets.openJournal();
  if (type !== 'syslog') return undefined;
  const address = parseSyslogAddress(config['syslog-address'] ?? '');
  if (address === undefined)
    throw engineError('log.target', { driver: type, problem: 'invalid syslog-address' });
  return world.logTargets.open(address);
};

/**
 * Sends what the container writes from now on, line by line, until its run ends. A target that is slower than the
 * container is served from the log; what is written while no daemon runs is in the log only.
 */
export const forwardOutput = (
  world: Needs,
  container: Container,
  { console, target }: { readonly console: ContainerConsole; readonly target: LogTarget },
): void => {
  const subscriber = console.subscribe();
  void (async () => {
    const stored = new StoredOutput(container.id, world.logs);
    const lines = { stdout: new LineSplitter(), stderr: new LineSplitter() };
    const word = wording(world, container);
    try {
      const { signal } = new AbortController();
      const onLoss = (): void =>
        world.log('warn', 'output of a container was rotated away before its log target took it', {
          container: container.id,
        });
      for await (const { stream, bytes } of followOutput({ console, subscriber, stored, signal, onLoss }))
        for (const line of lines[stream].take(bytes)) await target.send(word(stream, line));
      for (const stream of ['stdout', 'stderr'] as const)
        for (const line of lines[stream].finish()) await target.send(word(stream, line));
    } finally {
      target.close();
    }
  })().catch((error: unknown) => {
    world.log('warn', 'output of a container is no longer sent to its log target', {
      container: container.id,
      error,
    });
  });
};

type Word = (stream: OutputStream, text: string) => string | Uint8Array;

const wording = (world: Needs, container: Container): Word =>
  container.host.logConfig.type === 'journald' ? journalWording(container) : syslogWording(world, container);

const SEVERITIES: Readonly<Record<OutputStream, number>> = { stdout: SEVERITY.info, stderr: SEVERITY.error };

const syslogWording = ({ machine, clock }: Needs, container: Container): Word => {
  const { config } = container.host.logConfig;
  const format = config['syslog-format'] ?? '';
  const facility = parseFacility(config['syslog-facility'] ?? '') ?? 3;
  const tag = logTag(config['tag'] ?? '', container);
  const { hostname } = machine.facts;
  return (stream, text) =>
    syslogMessage(isSyslogFormat(format) ? format : '', {
      facility,
      severity: SEVERITIES[stream],
      time: clock.now(),
      hostname,
      tag,
      pid: container.state.pid,
      text,
    });
};

/** The fields that Docker's driver gives; what options choose comes under names that no field above has. */
const journalWording = (container: Container): Word => {
  const tag = logTag(container.host.logConfig.config['tag'] ?? '', container);
  const own = new Map([
    ['CONTAINER_ID', container.id.slice(0, 12)],
    ['CONTAINER_ID_FULL', container.id],
    ['CONTAINER_NAME', container.name],
    ['CONTAINER_TAG', tag],
    ['IMAGE_NAME', container.config.image],
    ['SYSLOG_IDENTIFIER', tag],
  ]);
  const chosen = logAttributes(container).map(([name, value]) => [fieldName(name), value] as const);
  const fields = new Map([...chosen, ...own]);
  return (stream, text) =>
    journalMessage([['MESSAGE', text], ['PRIORITY', String(SEVERITIES[stream])], ...fields]);
};
