import type { HijackReply, RawStream } from '#api/http/reply.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { Attachment } from '#engine/engine.ts';
import { DetachFilter } from '#formats/detach-keys/detach-filter.ts';
import { framePiece } from '#formats/stdcopy/frame.ts';

/** Every taken-over connection begins like this, whatever the request said of upgrades (hyperd-api 0.5). */
export const takeOver = (serve: (stream: RawStream) => Promise<void>): HijackReply => ({
  kind: 'hijack',
  contentType: 'application/vnd.docker.raw-stream',
  alwaysUpgrades: true,
  serve,
});

/** ctrl-p ctrl-q. */
const DETACH_KEYS = Uint8Array.of(16, 17);

export type Wishes = {
  /** Before 0.6 output was never framed; later it is where there is no terminal. */
  readonly isRaw: boolean;
  /** What to do once the client has left while the process runs; the output goes on being read. */
  readonly onLeave?: () => void;
};

/**
 * Both directions between a client and a process. `served` resolves when the client's part is over: the process has
 * ended, or the client has left. `ended` resolves with the process's output.
 */
export const serveSession = (
  session: Attachment,
  stream: RawStream,
  { isRaw, onLeave }: Wishes,
): { readonly served: Promise<void>; readonly ended: Promise<void> } => {
  const left = Promise.withResolvers<void>();
  const leave = (): void => {
    left.resolve();
    onLeave?.();
  };
  let isThere = true;
  void left.promise.then(() => (isThere = false));
  if (stream.signal.aborted) leave();
  stream.signal.addEventListener('abort', leave, { once: true });
  // Ends with the connection; a client that vanishes is told of by the signal.
  const input = forwardInput(session, stream, { leave, endsWithClient: onLeave !== undefined }).catch(
    () => undefined,
  );
  const pump = async (): Promise<void> => {
    for await (const chunk of session.output) {
      if (!isThere) continue;
      const bytes = isRaw || session.tty ? chunk.bytes : framePiece(chunk);
      await stream.write(bytes).catch(leave);
    }
  };
  const ended = pump();
  const served = Promise.race([ended, left.promise])
    .finally(() => stream.signal.removeEventListener('abort', leave))
    // What it sent before it hung up is still to be taken in.
    .then(() => (stream.signal.aborted && onLeave !== undefined ? input : undefined));
  return { served, ended };
};

/** Half-close is the end of input, which a terminal has none of; the detach keys leave one. */
const forwardInput = async (
  session: Attachment,
  stream: RawStream,
  { leave, endsWithClient }: { readonly leave: () => void; readonly endsWithClient: boolean },
): Promise<void> => {
  const filter = session.tty ? new DetachFilter(DETACH_KEYS) : undefined;
  // One that was never there has ended nothing.
  let isHeard = !stream.signal.aborted;
  for await (const bytes of stream.input) {
    isHeard = true;
    const passed = filter?.push(bytes) ?? { bytes, isDetached: false };
    if (passed.bytes.length > 0) await session.write(passed.bytes);
    if (passed.isDetached) return leave();
  }
  if (!session.tty && isHeard && (endsWithClient || !stream.signal.aborted)) await session.closeInput();
};

/** What an expected failure comes to once the head is out: nothing but the end of the stream. */
export const orEnd = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
};
