import { isEngineError } from '#domain/error/engine-error.ts';
import type { RuntimeExit } from '#engine/ports/container-runtime.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { end } from './end.ts';
import { noteOomKill } from './note-oom-kill.ts';

export type Ends = {
  /** Ends that come during the work are handled after it: recovery must not overwrite what one has stored. */
  heldBack<Result>(work: () => Promise<Result>): Promise<Result>;
  finish(): Promise<void>;
};

/** Between two tries to store an end: a full disk may have room again. */
const PAUSE_MS = 1000;

/** Ends are handled as the runtime tells them, until the daemon leaves; the next one learns the rest at its recovery. */
export const watchEnds = (context: ContainerContext): Ends => {
  const pending = new Set<Promise<void>>();
  let isOver = false;
  let before: Promise<unknown> = Promise.resolve();
  context.runtime.onExit((exit) => {
    if (isOver) return;
    const handling = before
      .then(() => handle(context, exit))
      .catch((error: unknown) =>
        context.log('error', 'the end of a container was not handled', { container: exit.id, error }),
      )
      .finally(() => pending.delete(handling));
    pending.add(handling);
  });
  context.runtime.onOomKill((id) => {
    if (isOver) return;
    const noting = before
      .then(() => noteOomKill(context, id))
      .catch((error: unknown) => context.log('warn', 'an OOM kill was not noted', { container: id, error }))
      .finally(() => pending.delete(noting));
    pending.add(noting);
  });
  return {
    heldBack: (work) => {
      const working = work();
      before = working.catch(() => undefined);
      return working;
    },
    finish: async () => {
      isOver = true;
      await Promise.all(pending);
    },
  };
};

/** An end is told once: while it cannot be stored it is tried again, or is left to the next daemon. */
const handle = async (context: ContainerContext, exit: RuntimeExit): Promise<void> => {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await end(context, exit);
    } catch (error) {
      if (!isEngineError(error, 'unavailable')) throw error;
      if (isFirst)
        context.log('error', 'the end of a container cannot be stored yet', { container: exit.id, error });
      if (await isLeaving(context)) return;
    }
  }
};

/** After a pause, or as soon as the daemon leaves. */
const isLeaving = async ({ clock, leaving }: ContainerContext): Promise<boolean> => {
  await clock.sleep(PAUSE_MS, leaving).catch(() => undefined);
  return leaving.aborted;
};
