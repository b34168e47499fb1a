import type { BytesReply, FramesReply, Reply } from '#api/http/reply.ts';

/** For `framing` changes: the same reply with another content type. */
export const withContentType = (reply: Reply, contentType: string): Reply =>
  reply.kind === 'text' || reply.kind === 'frames' || reply.kind === 'bytes' || reply.kind === 'hijack'
    ? { ...reply, contentType }
    : reply;

/** For `framing` changes: every object of a stream written as text. */
export const framesToText = (
  reply: Reply,
  contentType: string,
  toText: (frame: unknown) => string,
): Reply => {
  if (reply.kind !== 'frames') return reply;
  const { frames, terminator: _terminator, onError, kind: _kind, ...rest } = reply;
  const bytes = new TextEncoder();
  return {
    ...rest,
    kind: 'bytes',
    start: rest.start === 'at-once' ? 'at-once' : 'with-first',
    contentType,
    body: mapItems(frames, (frame) => [bytes.encode(toText(frame))]),
    ...(onError && { onError: (error: unknown) => bytes.encode(toText(onError(error))) }),
  };
};

/**
 * Maps a stream. Not a generator on purpose: a generator's `return()` waits behind a pending `next()`,
 * and a client that left must stop the source at once.
 */
export const mapItems = <In, Out>(
  source: AsyncIterable<In>,
  toItems: (item: In) => readonly Out[],
): AsyncIterable<Out> => ({
  [Symbol.asyncIterator]() {
    const inner = source[Symbol.asyncIterator]();
    let ready: readonly Out[] = [];
    return {
      async next(): Promise<IteratorResult<Out, undefined>> {
        for (;;) {
          const [first, ...rest] = ready;
          ready = rest;
          if (first !== undefined) return { done: false, value: first };
          const item = await inner.next();
          if (item.done === true) return { done: true, value: undefined };
          ready = toItems(item.value);
        }
      },
      return: () => stop(inner),
    };
  },
});

/**
 * Awaits the first item of a stream that starts with it, so that a failure before it can still become
 * an HTTP error. The result starts at once.
 */
export const settleStart = async (reply: Reply, signal: AbortSignal): Promise<Reply> => {
  if (reply.kind === 'frames' && reply.start !== 'at-once') return settleFrames(reply, signal);
  if (reply.kind === 'bytes' && reply.start === 'with-first') return settleBytes(reply, signal);
  return reply;
};

const settleFrames = async (reply: FramesReply, signal: AbortSignal): Promise<Reply> => {
  const settled = afterFirst(reply.frames, signal);
  const frames = reply.start === 'with-first' ? await settled : await settled.catch(failing);
  return { ...reply, start: 'at-once', frames };
};

/** A stream that is nothing but its failure. */
const failing = (error: unknown): AsyncIterable<never> => ({
  [Symbol.asyncIterator]: () => ({
    next: async () => {
      throw error;
    },
  }),
});

const settleBytes = async (reply: BytesReply, signal: AbortSignal): Promise<Reply> => ({
  ...reply,
  start: 'at-once',
  body: await afterFirst(reply.body, signal),
});

const afterFirst = async <Item>(
  source: AsyncIterable<Item>,
  signal: AbortSignal,
): Promise<AsyncIterable<Item>> => {
  const inner = source[Symbol.asyncIterator]();
  // The client is gone: a source that also fails to stop has nobody left to tell.
  const leave = (): void => void stop(inner).catch(() => undefined);
  signal.addEventListener('abort', leave, { once: true });
  const first = await inner.next().finally(() => signal.removeEventListener('abort', leave));
  let pending: IteratorResult<Item> | undefined = first;
  const next = async (): Promise<IteratorResult<Item>> => {
    const item = pending ?? (await inner.next());
    pending = undefined;
    return item;
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: () => stop(inner) }) };
};

const stop = async <Item>(inner: AsyncIterator<Item>): Promise<IteratorResult<never, undefined>> => {
  await inner.return?.();
  return { done: true, value: undefined };
};
