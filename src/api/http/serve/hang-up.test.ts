import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';

import type { RequestEvent } from '#api/http/listen.ts';
import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { serve, TRANSPORTS } from '#test/support/wire.ts';
import type { Transport, WireClient } from '#test/support/wire.ts';

type Observed = {
  readonly wire: WireClient;
  readonly request: HttpRequest;
  /** When the log is told. */
  readonly over: Promise<RequestEvent>;
};

/** A request that is with its dialect. */
async function underWay(
  context: TestContext,
  transport: Transport,
  answer: (request: HttpRequest) => Promise<Reply>,
  packet = 'GET / HTTP/1.1\r\n\r\n',
): Promise<Observed> {
  const asked = Promise.withResolvers<HttpRequest>();
  const over = Promise.withResolvers<RequestEvent>();
  const server = await serve(context, transport, {
    dialect: (request) => {
      asked.resolve(request);
      return answer(request);
    },
    mayHijack: (_method, path) => path === '/raw',
    onRequest: over.resolve,
  });
  const wire = await server.connect();
  await wire.send(packet);
  return { wire, request: await asked.promise, over: over.promise };
}

/** Never has another item, and tells when it is told to stop. */
class Endless<T> implements AsyncIterable<T> {
  readonly stopped = Promise.withResolvers<void>();
  readonly asked = Promise.withResolvers<void>();
  readonly #first: T[];

  constructor(...first: T[]) {
    this.#first = first;
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: async () => {
        const value = this.#first.shift();
        if (value !== undefined) return { done: false, value };
        this.asked.resolve();
        return new Promise(() => undefined);
      },
      return: async () => {
        this.stopped.resolve();
        return { done: true, value: undefined };
      },
    };
  }
}

async function aborted({ signal }: HttpRequest): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  assert.ok(isEngineError(signal.reason, 'cancelled'));
}

for (const transport of TRANSPORTS) {
  describe(`a client that hangs up (${transport})`, () => {
    it('while the answer is worked out', async (context) => {
      const { wire, over } = await underWay(context, transport, async (request) => {
        await aborted(request);
        return { kind: 'json', status: 200, body: 1 };
      });
      wire.vanish();
      assert.equal((await over).status, 499);
    });

    for (const start of ['at-once', 'with-first'] as const) {
      for (const first of [[], [1]]) {
        it(`while frames (${start}, after ${first.length}) wait for the next`, async (context) => {
          const frames = new Endless(...first);
          const { wire, request, over } = await underWay(context, transport, async () => ({
            kind: 'frames',
            status: 200,
            start,
            frames,
          }));
          await frames.asked.promise;
          wire.vanish();
          await frames.stopped.promise;
          await aborted(request);
          assert.equal((await over).error, undefined);
        });
      }
    }

    it('while bytes wait for the next', async (context) => {
      const body = new Endless(Buffer.from('x'));
      const { wire, request, over } = await underWay(context, transport, async () => ({
        kind: 'bytes',
        status: 200,
        start: 'at-once',
        body,
      }));
      await body.asked.promise;
      wire.vanish();
      await body.stopped.promise;
      await aborted(request);
      await over;
    });

    it('while bytes wait for it to read', async (context) => {
      const stopped = Promise.withResolvers<void>();
      const stalled = Promise.withResolvers<void>();
      let produced = 0;
      const body = (async function* () {
        try {
          for (;;) {
            produced += 1;
            yield Buffer.alloc(1024 * 1024);
          }
        } finally {
          stopped.resolve();
        }
      })();
      const { wire } = await underWay(context, transport, async () => {
        setImmediate(stalled.resolve);
        return { kind: 'bytes', status: 200, start: 'at-once', body };
      });
      wire.socket.pause();
      await stalled.promise;
      for (let before = -1; before < produced; await new Promise(setImmediate)) before = produced;
      wire.vanish();
      await stopped.promise;
    });

    it('before the stream that it asked for is there', async (context) => {
      const frames = new Endless();
      const { wire } = await underWay(context, transport, async (request) => {
        await aborted(request);
        return { kind: 'frames', status: 200, start: 'at-once', frames };
      });
      wire.vanish();
      await frames.stopped.promise;
    });

    it('while its answer is sent and it only closed its side of a stream', async (context) => {
      const { wire, request, over } = await underWay(context, transport, async ({ signal }) => ({
        kind: 'frames',
        status: 200,
        start: 'at-once',
        frames: (async function* () {
          // Written to, even a TCP client that closed cleanly is found out.
          for (; !signal.aborted; await new Promise(setImmediate)) yield { tick: 'x'.repeat(1000) };
        })(),
      }));
      await wire.until('tick');
      wire.socket.destroy();
      await aborted(request);
      await over;
    });

    for (const path of ['/', '/raw']) {
      it(`in the middle of its body (${path})`, async (context) => {
        const packet = `POST ${path} HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf`;
        const failure = Promise.withResolvers<unknown>();
        const { wire, request } = await underWay(
          context,
          transport,
          async (body) => {
            try {
              for await (const chunk of body.stream()) assert.equal(Buffer.from(chunk).toString(), 'half');
            } catch (error) {
              failure.resolve(error);
            }
            return { kind: 'empty', status: 200 };
          },
          packet,
        );
        wire.vanish();
        await aborted(request);
        assert.ok(isEngineError(await failure.promise));
      });
    }
  });
}

describe('a request', () => {
  it('is not aborted by what happens after its answer', async (context) => {
    const { wire, request, over } = await underWay(context, 'unix', async () => ({
      kind: 'empty',
      status: 200,
    }));
    const { signal } = request;
    await wire.reply();
    await over;
    wire.vanish();
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    assert.equal(signal.aborted, false);
  });

  it('that waits behind another is aborted too, and its dialect never asked', async (context) => {
    const paths: string[] = [];
    const events: RequestEvent[] = [];
    const both = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const server = await serve(context, 'unix', {
      dialect: async (request) => {
        paths.push(request.path);
        asked.resolve();
        await aborted(request);
        return { kind: 'empty', status: 200 };
      },
      onRequest: (event) => {
        if (events.push(event) === 2) both.resolve();
      },
    });
    const wire = await server.connect();
    await wire.send('GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n');
    await asked.promise;
    wire.vanish();
    await both.promise;
    assert.deepEqual(paths, ['/1']);
    assert.deepEqual(
      events.map(({ path, status }) => [path, status]),
      [
        ['/1', 499],
        ['/2', 499],
      ],
    );
  });
});
