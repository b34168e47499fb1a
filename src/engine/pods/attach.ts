import { nanosOf } from '#formats/time/nanos.ts';
import type { Container } from '#domain/container/container.ts';
import { hasProcess, isLive } from '#domain/container/lifecycle.ts';
import type { OutputChunk } from '#domain/log/record.ts';
import { NEVER } from '#domain/value/instant.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { Attachment, LogReader, PodAttachOptions } from '#engine/engine.ts';
import type { PodContext } from './context.ts';
import { memberOf } from './containers.ts';

/** Which run of a container has had somebody attached; `next` = somebody waits for the run to come. */
export type Attached = Map<ContainerId, number | 'next'>;

type Options = PodAttachOptions;

/**
 * The first to attach in a run gets its output from the beginning, even if it is over: clients attach and start side by
 * side, and either may come first.
 */
export const attachMember = async (world: PodContext, ref: string, options: Options): Promise<Attachment> => {
  const container = memberOf(world, ref);
  const isFirst = noteAttached(world.attached, container, options.awaitsRun === true);
  const live = { ...options, replay: false, live: true };
  if (!isFirst) {
    const attachment = await world.attach(container.id, live);
    // Nothing more comes of a run that is over and seen.
    if (isOver(container) && options.awaitsRun !== true) attachment.detach();
    return attachment;
  }
  if (hasProcess(container.state.status) && container.state.finishedAt === NEVER)
    return world.attach(container.id, { ...live, replay: true });
  const { signal } = options;
  const logs = await world.readLogs(container.id, {
    stdout: options.stdout,
    stderr: options.stderr,
    follow: isLive(container.state.status),
    since: nanosOf(container.state.startedAt),
    signal,
  });
  return withOutput(await world.attach(container.id, live), logs, isLive(container.state.status));
};

const isOver = ({ state }: Container): boolean => state.startedAt !== NEVER && !isLive(state.status);

/** Whether nobody has seen this run's output yet. */
const noteAttached = (attached: Attached, { id, state }: Container, awaitsRun: boolean): boolean => {
  const hasRun = state.startedAt !== NEVER;
  const seen = attached.get(id);
  const isSeen = !isLive(state.status) && (seen === state.startedAt || awaitsRun);
  if (!hasRun || isSeen) {
    if (!hasRun || awaitsRun) attached.set(id, 'next');
    return false;
  }
  attached.set(id, state.startedAt);
  return seen !== 'next' && seen !== state.startedAt;
};

/** An attachment whose output comes from the log of the run; one that is over takes no input. */
const withOutput = (attachment: Attachment, logs: LogReader, takesInput: boolean): Attachment => ({
  tty: attachment.tty,
  stdinOnce: attachment.stdinOnce,
  output: chunksOf(attachment, logs),
  write: async (bytes) => (takesInput ? attachment.write(bytes) : undefined),
  closeInput: async () => (takesInput ? attachment.closeInput() : undefined),
  detach: () => attachment.detach(),
});

async function* chunksOf(attachment: Attachment, logs: LogReader): AsyncGenerator<OutputChunk> {
  try {
    for await (const batch of logs.records) for (const { stream, bytes } of batch) yield { stream, bytes };
  } finally {
    attachment.detach();
  }
}
