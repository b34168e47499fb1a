import { flushCompileCache } from 'node:module';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ErrorKind, ErrorParams } from '#domain/error/engine-error.ts';
import { SystemCallError } from './library.ts';
import type { ThreadHost } from './thread-host.ts';

/**
 * A thread of its own for calls that block or change the thread's namespaces. Arguments and results
 * are copied (structured clone); errors keep their class, kind, code and params.
 */

// oxlint-disable-next-line typescript/no-explicit-any -- any argument type: each table names its own
export type CallTable = Readonly<Record<string, (argument: any) => unknown>>;

type Request = { readonly id: number; readonly name: string; readonly argument: unknown };
type Reply = { readonly id: number; readonly result?: unknown; readonly error?: CarriedError };
type Notice = { readonly notice: string };
/** Of a host's thread: the module could not be loaded. */
type Failure = { readonly failure: CarriedError };

type CarriedError = {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly kind?: ErrorKind;
  readonly code?: string;
  readonly params?: ErrorParams;
  readonly call?: string;
  readonly errno?: number;
};

export type Thread<Calls extends CallTable> = {
  call<Name extends keyof Calls & string>(
    name: Name,
    argument: Parameters<Calls[Name]>[0],
  ): Promise<Awaited<ReturnType<Calls[Name]>>>;
  /** Ends the thread; calls under way fail. */
  close(): Promise<void>;
};

export type ThreadOptions = {
  /** For `threadData` in the module. */
  readonly data?: unknown;
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Its thread serves the module too; without it the module gets a thread of its own. */
  readonly host?: ThreadHost | undefined;
};

/** Starts the module at `url`, which must call `serveCalls`. An idle thread does not keep the process alive. */
export const startThread = <Calls extends CallTable>(
  url: URL,
  options: ThreadOptions = {},
): Thread<Calls> => {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let ended: Error | undefined;
  let lastId = 0;
  const line = openLine(url, options, {
    onEnd: (cause) => {
      ended ??= threadEnded(url, cause);
      for (const { reject } of waiting.values()) reject(ended);
      waiting.clear();
    },
    onReply: ({ id, result, error }) => {
      const call = waiting.get(id);
      waiting.delete(id);
      if (waiting.size === 0) line.port.unref();
      if (error === undefined) call?.resolve(result);
      else call?.reject(revive(error));
    },
  });
  line.port.unref();
  const call = (name: string, argument: unknown): Promise<unknown> => {
    if (ended !== undefined) return Promise.reject(ended);
    const answer = Promise.withResolvers<unknown>();
    waiting.set(++lastId, answer);
    line.port.ref();
    line.port.postMessage({ id: lastId, name, argument } satisfies Request);
    return answer.promise;
  };
  return { call: call as Thread<Calls>['call'], close: line.close };
};

type Line = { readonly port: Worker | MessagePort; readonly close: () => Promise<void> };
type Listeners = { readonly onReply: (reply: Reply) => void; readonly onEnd: (cause?: unknown) => void };

const openLine = (url: URL, options: ThreadOptions, { onReply, onEnd }: Listeners): Line => {
  const { data, host, onNotice } = options;
  const onMessage = (message: Reply | Notice | Failure): void => {
    if ('notice' in message) onNotice?.(message.notice);
    else if ('failure' in message) onEnd(revive(message.failure));
    else onReply(message);
  };
  if (host !== undefined) {
    const port = host.open(url, data);
    port.on('message', onMessage);
    port.on('close', () => onEnd(host.cause));
    return { port, close: async () => port.close() };
  }
  const worker = new Worker(url, { workerData: data });
  worker.on('message', onMessage);
  worker.on('error', onEnd);
  worker.on('exit', () => onEnd());
  return { port: worker, close: async () => void (await worker.terminate()) };
};

/** Who hears of the module that is being loaded. */
let owner: { readonly port: MessagePort; readonly data: unknown } | undefined =
  parentPort === null ? undefined : { port: parentPort, data: workerData as unknown };

const currentOwner = (): NonNullable<typeof owner> => {
  if (owner === undefined) throw new Error('this module belongs in a worker thread');
  return owner;
};

/** In a host's thread: loads a module that finds its own owner when it calls `serveCalls` and its like. */
export const loadFor = async (
  next: NonNullable<typeof owner>,
  load: () => Promise<unknown>,
): Promise<void> => {
  owner = next;
  try {
    await load();
  } catch (error) {
    next.port.postMessage({ failure: carry(error) } satisfies Failure);
    next.port.close();
  }
};

/** How long after its start a thread saves what it has compiled. */
const SAVE_AFTER_MS = 1000;

/**
 * In the thread, while its module is loaded: answers calls by the table, in the order they arrive
 * (asynchronous ones may overlap).
 */
export const serveCalls = (table: CallTable): void => {
  const { port } = currentOwner();
  // Written at exit otherwise, which the thread of a killed daemon never reaches.
  setTimeout(flushCompileCache, SAVE_AFTER_MS).unref();
  port.on('message', ({ id, name, argument }: Request) => {
    const reply = (answer: Omit<Reply, 'id'>): void => port.postMessage({ id, ...answer } satisfies Reply);
    const fail = (error: unknown): void => reply({ error: carry(error) });
    try {
      const work = table[name];
      if (work === undefined) throw new Error(`no call named ${name}`);
      const result = work(argument);
      if (result instanceof Promise) result.then((value: unknown) => reply({ result: value }), fail);
      else reply({ result });
    } catch (error) {
      fail(error);
    }
  });
};

/** In the thread, while its module is loaded: a way to tell the owner what no call asked for. */
export const noticesToOwner = (): ((notice: string) => void) => {
  const { port } = currentOwner();
  return (notice) => port.postMessage({ notice } satisfies Notice);
};

/** In the thread, while its module is loaded: what `startThread` was given as `data`. */
export const threadData = (): unknown => currentOwner().data;

const threadEnded = (url: URL, cause?: unknown): EngineError =>
  new EngineError('internal', 'thread.ended', `the thread ${url.pathname} has ended`, { cause });

const carry = (error: unknown): CarriedError => {
  if (error instanceof EngineError) {
    const { name, message, stack, kind, code, params } = error;
    return { name, message, stack, kind, code, params };
  }
  if (error instanceof SystemCallError) {
    const { name, message, stack, code, call, errno } = error;
    return { name, message, stack, code, call, errno };
  }
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { name: error.name, message: error.message, stack: error.stack, ...code };
};

const revive = (carried: CarriedError): Error => {
  const { message, stack, kind, code = '', params = {} } = carried;
  const error =
    kind === undefined
      ? Object.assign(new Error(message), carried)
      : new EngineError(kind, code, message, { params });
  if (stack !== undefined) error.stack = stack;
  return error;
};
