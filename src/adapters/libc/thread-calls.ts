import { parentPort, Worker, workerData } from 'node:worker_threads';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ErrorKind, ErrorParams } from '#domain/error/engine-error.ts';
import { SystemCallError } from './library.ts';

/**
 * A thread of its own for calls that block or change the thread's namespaces. Arguments and results
 * are copied (structured clone); errors keep their class, kind, code and params.
 */

// oxlint-disable-next-line typescript/no-explicit-any -- any argument type: each table names its own
export type CallTable = Readonly<Record<string, (argument: any) => unknown>>;

type Request = { readonly id: number; readonly name: string; readonly argument: unknown };
type Reply = { readonly id: number; readonly result?: unknown; readonly error?: CarriedError };
type Notice = { readonly notice: string };

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

/** Starts the module at `url`, which must call `serveCalls`. An idle thread does not keep the process alive. */
export const startThread = <Calls extends CallTable>(
  url: URL,
  options: { readonly data?: unknown; readonly onNotice?: (text: string) => void } = {},
): Thread<Calls> => {
  const worker = new Worker(url, { workerData: options.data });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let ended: Error | undefined;
  let lastId = 0;
  const end = (reason: Error): void => {
    ended ??= reason;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('error', (error) => end(threadEnded(url, error)));
  worker.on('exit', () => end(threadEnded(url)));
  worker.on('message', (message: Reply | Notice) => {
    if ('notice' in message) return options.onNotice?.(message.notice);
    const { id, result, error } = message;
    const call = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    if (error === undefined) call?.resolve(result);
    else call?.reject(revive(error));
    return undefined;
  });
  worker.unref();
  const call = (name: string, argument: unknown): Promise<unknown> => {
    if (ended !== undefined) return Promise.reject(ended);
    const answer = Promise.withResolvers<unknown>();
    waiting.set(++lastId, answer);
    worker.ref();
    worker.postMessage({ id: lastId, name, argument } satisfies Request);
    return answer.promise;
  };
  return {
    call: call as Thread<Calls>['call'],
    close: async () => {
      await worker.terminate();
    },
  };
};

/** In the thread: answers calls by the table, in the order they arrive (asynchronous ones may overlap). */
export const serveCalls = (table: CallTable): void => {
  const port = parentPort;
  if (port === null) throw new Error('serveCalls belongs in a worker thread');
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

/** In the thread: tells the owner something that no call asked for. */
export const notifyOwner = (notice: string): void => parentPort?.postMessage({ notice } satisfies Notice);

/** In the thread: what `startThread` was given as `data`. */
export const threadData = (): unknown => workerData;

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
