import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { freePort } from '#test/support/registry.ts';

export type CuttingProxy = AsyncDisposable & {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** `METHOD path [range]` of each request. */
  readonly requests: string[];
};

export type ProxyPlan = {
  readonly upstream: string;
  /** After how many bytes of the body to cut the connection; undefined = let it pass. Called per request. */
  readonly cutAfter?: (path: string, attempt: number) => number | undefined;
  /** After how many bytes of any body to go silent, the connection open. */
  readonly stallAfter?: number;
  /** A status to answer instead of asking; undefined = ask. */
  readonly failWith?: (path: string, attempt: number) => number | undefined;
  /** Changes a body on the way, whole. */
  readonly rewrite?: (path: string, body: Buffer) => Buffer;
};

/** An HTTP proxy before a registry that breaks what it is told to break. */
export const startCuttingProxy = async (plan: ProxyPlan): Promise<CuttingProxy> => {
  const port = await freePort();
  const requests: string[] = [];
  const attempts = new Map<string, number>();
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    const attempt = (attempts.get(path) ?? 0) + 1;
    attempts.set(path, attempt);
    requests.push([incoming.method, path, incoming.headers.range].filter(Boolean).join(' '));
    const failure = plan.failWith?.(path, attempt);
    if (failure !== undefined) {
      outgoing.writeHead(failure);
      outgoing.end();
      return;
    }
    const forward = request(
      plan.upstream + path,
      {
        method: incoming.method,
        headers: { ...incoming.headers, host: new URL(plan.upstream).host },
        agent: false,
      },
      (answer) => {
        const cut = plan.cutAfter?.(path, attempt);
        if (plan.rewrite !== undefined) {
          void Array.fromAsync<Buffer>(answer).then((chunks) => {
            const body = plan.rewrite?.(path, Buffer.concat(chunks)) ?? Buffer.alloc(0);
            const { 'content-length': _length, ...headers } = answer.headers;
            outgoing.writeHead(answer.statusCode ?? 500, headers);
            outgoing.end(body);
          });
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        let left = cut ?? plan.stallAfter ?? Number.POSITIVE_INFINITY;
        answer.on('data', (chunk: Buffer) => {
          if (left <= 0) return;
          const part = chunk.subarray(0, Math.min(left, chunk.length));
          left -= part.length;
          outgoing.write(part, () => {
            if (left <= 0 && cut !== undefined) outgoing.destroy();
          });
        });
        answer.on('end', () => {
          if (left > 0) outgoing.end();
        });
      },
    );
    forward.on('error', () => outgoing.destroy());
    incoming.pipe(forward);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
