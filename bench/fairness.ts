import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { TestDaemon } from '#test/support/daemon.ts';
import { quantile, show } from './statistics.ts';

/**
 * What others feel of one hostile connection: `node bench/fairness.ts`. The 99th percentile of `_ping`, alone and beside
 * each kind; the aim is below 50 ms on a machine that has nothing else to do.
 */
const PINGS = 500;
const AIM_MS = 50;
const REQUESTS = 28_000;

type Orders = { readonly socket: string; readonly kind: keyof typeof KINDS };

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: hostile\r\n\r\n`;

const open = (path: string): Socket => {
  const socket = connect({ path });
  socket.on('error', () => undefined);
  return socket;
};

const flood = (path: string, packet: string): Socket => {
  const socket = open(path);
  socket.write(packet);
  return socket;
};

/** Each goes on until its thread is ended. */
const KINDS = {
  alone: () => undefined,
  'pipelined info, unread': (path: string) => flood(path, get('/info').repeat(REQUESTS)).pause(),
  'pipelined info, read': (path: string) => {
    const again = (): void => void flood(path, get('/info').repeat(REQUESTS)).once('close', again).resume();
    again();
  },
  'pipelined bodies': (path: string) =>
    flood(
      path,
      'POST /containers/create HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'.repeat(
        REQUESTS,
      ),
    ).resume(),
  'pipelined events': (path: string) => flood(path, get('/events').repeat(REQUESTS)).resume(),
  'endless frames of one byte': (path: string) => {
    const head = 'POST /images/load HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';
    const again = (): void => {
      const socket = flood(path, head + '1\r\nx\r\n'.repeat(1_000_000));
      socket.once('close', again).resume();
    };
    again();
  },
  'exports that are hung up': (path: string) => {
    const again = (): void => {
      const socket = flood(path, get('/images/busybox/get'));
      socket.once('connect', () => setTimeout(() => socket.destroy(), 5)).once('close', again);
    };
    for (let index = 0; index < 40; index += 1) again();
  },
} satisfies Readonly<Record<string, (path: string) => unknown>>;

const ping = (socketPath: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const begin = performance.now();
    request({ socketPath, path: '/_ping', agent: false }, (response) => {
      response.resume().once('end', () => resolve(performance.now() - begin));
    })
      .on('error', reject)
      .end();
  });

const main = async (): Promise<void> => {
  await using daemon = await TestDaemon.start();
  console.log(['beside', 'p50 ms', 'p99 ms', 'worst ms'].join('\t'));
  for (const kind of Object.keys(KINDS)) {
    const hostile = new Worker(fileURLToPath(import.meta.url), {
      workerData: { socket: daemon.socket, kind },
    });
    await once(hostile, 'online');
    const values: number[] = [];
    for (let index = 0; index < PINGS; index += 1) values.push(await ping(daemon.socket));
    await hostile.terminate();
    const p99 = quantile(values, 0.99);
    const row = [kind, show(quantile(values, 0.5)), show(p99), show(Math.max(...values))];
    console.log(row.join('\t') + (p99 > AIM_MS ? '\tabove the aim' : ''));
  }
};

if (isMainThread) await main();
else {
  const { socket, kind } = workerData as Orders;
  KINDS[kind](socket);
  setInterval(() => undefined, 60_000);
}
