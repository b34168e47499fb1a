import { parentPort } from 'node:worker_threads';
import { loadFor } from './thread-calls.ts';
import type { Opening } from './thread-host.ts';

/** The thread of a `ThreadHost`: loads one module after the other, each with its own line to its owner. */
let loaded = Promise.resolve();

parentPort?.on('message', ({ url, data, port }: Opening) => {
  loaded = loaded.then(async () => loadFor({ port, data }, async () => import(url)));
});
