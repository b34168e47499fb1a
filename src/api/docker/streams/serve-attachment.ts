import type { RawStream } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import type { OutputChunk } from '#domain/log/record.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { Attachment } from '#engine/engine.ts';
import { DetachFilter } from '#formats/detach-keys/detach-filter.ts';
import { framePiece } from '#formats/stdcopy/frame.ts';

export const RAW_STREAM = 'application/vnd.docker.raw-stream';
export const MULTIPLEXED_STREAM = 'application/vnd.docker.multiplexed-stream';

/** Clients that do not ask for an upgrade were never told of the framing (docker-routes.md 3.10). */
export const contentTypeOf = (framed: boolean, { headers }: HttpRequest): string =>
  framed && headers['upgrade'] !== undefined ? MULTIPLEXED_STREAM : RAW_STREAM;

export type ClientWishes = {
  /** Output with a header before each piece, for processes without a terminal. */
  readonly framed: boolean;
  /** The client sends input; without, what it sends is ignored. */
  readonly stdin: boolean;
  /** Keys by which it leaves, or undefined where none are looked for. */
  readonly detachKeys: Uint8Array | undefined;
  /** Before the text of an error that comes too late for an HTTP error. */
  readonly errorPrefix: string;
};

/**
 * Carries a client's connection until the output has ended, which is after the process has and its exit code
 * is stored, or until the client leaves.
 */
export const serveAttachment = async (
  attachment: Attachment,
  stream: RawStream,
  wishes: ClientWishes,
): Promise<void> => {
  const leave = (): void => attachment.detach();
  if (stream.signal.aborted) leave();
  else stream.signal.addEventListener('abort', leave, { once: true });
  // Ends with the connection: it reads what nobody wants any more once the output is over.
  const input = forwardInput(attachment, stream, wishes).catch(() => undefined);
  try {
    for await (const chunk of attachment.output) await stream.write(toBytes(chunk, wishes.framed));
  } catch (error) {
    await tell(stream, error, wishes.errorPrefix);
  } finally {
    stream.signal.removeEventListener('abort', leave);
  }
  // What it sent before it hung up is still to be taken in.
  if (stream.signal.aborted) await input;
};

const toBytes = (chunk: OutputChunk, framed: boolean): Uint8Array =>
  framed ? framePiece(chunk) : chunk.bytes;

/** Bytes to the process until the client's input ends (half-close: end of input) or the detach keys come. */
const forwardInput = async (
  attachment: Attachment,
  stream: RawStream,
  wishes: ClientWishes,
): Promise<void> => {
  const filter = wishes.detachKeys === undefined ? undefined : new DetachFilter(wishes.detachKeys);
  // One that was never there has ended nothing.
  let isHeard = !stream.signal.aborted;
  for await (const bytes of stream.input) {
    if (!wishes.stdin) continue;
    isHeard = true;
    const passed = filter?.push(bytes) ?? { bytes, isDetached: false };
    if (passed.bytes.length > 0) await attachment.write(passed.bytes);
    if (passed.isDetached) return attachment.detach();
  }
  if (wishes.stdin && isHeard) await attachment.closeInput();
};

/** Too late for a status: the words go to the client unframed (docker-routes.md 3.10). */
const tell = async (stream: RawStream, error: unknown, prefix: string): Promise<void> => {
  if (stream.signal.aborted || isEngineError(error, 'cancelled')) return;
  if (!isEngineError(error)) throw error;
  await stream.write(new TextEncoder().encode(`${prefix}${error.message}\n`));
};
