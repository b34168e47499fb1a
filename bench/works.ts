import { setTimeout as pause } from 'node:timers/promises';
import { once } from 'node:events';
import { encodeTarHeader, TAR_END, tarPadding } from '#formats/tar/encode-header.ts';
import type { Engine } from './engines.ts';
import { memoryOf, treeOf } from './processes.ts';

/** One thing that is measured. `turn` answers milliseconds, or what `unit` says. */
export type Work = {
  readonly name: string;
  readonly unit: 'ms' | 'MB/s' | 'MB' | 's';
  /** Turns in one round; times the number of rounds. */
  readonly turns: number;
  readonly prepare?: (engine: Engine) => Promise<void>;
  readonly turn: (engine: Engine) => Promise<number>;
  readonly finish?: (engine: Engine) => Promise<void>;
};

const IMAGE = 'busybox';
const LOG_LINES = 100_000;
const FILE_BYTES = 100_000_000;
const PATIENCE_MS = 5000;
const SETTLE_MS = 50;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
};

type Extras = Readonly<Record<string, unknown>>;

const create = async ({ api }: Engine, command: readonly string[], extras: Extras = {}): Promise<string> => {
  const body = { Image: IMAGE, Cmd: command, ...extras };
  return (await api.json<{ Id: string }>('POST', '/containers/create', body)).Id;
};

const start = async (engine: Engine, command: readonly string[], extras: Extras = {}): Promise<string> => {
  const id = await create(engine, command, extras);
  await engine.api.bytes('POST', `/containers/${id}/start`);
  return id;
};

const remove = async ({ api }: Engine, id: string): Promise<unknown> =>
  api.bytes('DELETE', `/containers/${id}?force=1`);

const life = async (engine: Engine, extras: Extras): Promise<void> => {
  const id = await start(engine, ['true'], extras);
  const { StatusCode } = await engine.api.json<{ StatusCode: number }>('POST', `/containers/${id}/wait`);
  if (StatusCode !== 0) throw new Error(`true ended with ${StatusCode}`);
  await engine.api.bytes('DELETE', `/containers/${id}`);
};

/** A container that stays, for works that need one: made by `prepare`, found by engine. */
const kept = (command: readonly string[], extras: Extras = {}) => {
  const ids = new Map<Engine, string>();
  return {
    idOf: (engine: Engine): string => ids.get(engine) ?? '',
    prepare: async (engine: Engine): Promise<void> => {
      ids.set(engine, await start(engine, command, extras));
    },
    finish: async (engine: Engine): Promise<void> => void (await remove(engine, ids.get(engine) ?? '')),
  };
};

const execWork = (): Work => {
  const { idOf, ...host } = kept(['sleep', '100000']);
  const exec = async (engine: Engine): Promise<void> => {
    const { api } = engine;
    const { Id } = await api.json<{ Id: string }>('POST', `/containers/${idOf(engine)}/exec`, {
      Cmd: ['true'],
      AttachStdout: true,
      AttachStderr: true,
    });
    await api.bytes('POST', `/exec/${Id}/start`, { Detach: false, Tty: false });
    await api.bytes('GET', `/exec/${Id}/json`);
  };
  return {
    name: 'exec true',
    unit: 'ms',
    turns: 10,
    ...host,
    turn: async (engine) => timed(async () => exec(engine)),
  };
};

const parallelStart: Work = {
  name: 'start 20 in parallel',
  unit: 'ms',
  turns: 1,
  turn: async (engine) => {
    const ids: string[] = [];
    for (let made = 0; made < 20; made += 1) ids.push(await create(engine, ['sleep', '100000']));
    const spent = await timed(async () =>
      Promise.all(ids.map(async (id) => engine.api.bytes('POST', `/containers/${id}/start`))),
    );
    await Promise.all(ids.map(async (id) => remove(engine, id)));
    return spent;
  },
};

const listWork = (count: number): Work => {
  const ids = new Map<Engine, string[]>();
  return {
    name: `list ${count}`,
    unit: 'ms',
    turns: 10,
    prepare: async (engine) => {
      const made: string[] = [];
      while (made.length < count) made.push(await create(engine, ['true']));
      ids.set(engine, made);
    },
    turn: async ({ api }) => timed(async () => api.bytes('GET', '/containers/json?all=1')),
    finish: async (engine) => {
      for (const id of ids.get(engine) ?? []) await remove(engine, id);
    },
  };
};

const logsWork = (): Work => {
  const ids = new Map<Engine, string>();
  return {
    name: `logs of ${LOG_LINES} lines`,
    unit: 'MB/s',
    turns: 2,
    prepare: async (engine) => {
      const script = `yes ${'x'.repeat(99)} | head -n ${LOG_LINES}`;
      const id = await start(engine, ['sh', '-c', script]);
      await engine.api.bytes('POST', `/containers/${id}/wait`);
      ids.set(engine, id);
    },
    turn: async (engine) => {
      let bytes = 0;
      const spent = await timed(async () => {
        const path = `/containers/${ids.get(engine)}/logs?stdout=1&stderr=1`;
        const answer: AsyncIterable<Buffer> = await engine.api.open('GET', path);
        for await (const chunk of answer) bytes += chunk.length;
      });
      if (bytes < LOG_LINES * 100) throw new Error(`${bytes} bytes of logs`);
      return bytes / 1e3 / spent;
    },
    finish: async (engine) => void (await remove(engine, ids.get(engine) ?? '')),
  };
};

/** From a line written to the container's input to the same line on a stream. */
const echoWork = (
  name: string,
  read: (engine: Engine, id: string) => Promise<NodeJS.ReadableStream>,
): Work => {
  const { idOf, ...host } = kept(['cat'], { OpenStdin: true, AttachStdin: true });
  return {
    name,
    unit: 'ms',
    turns: 1,
    ...host,
    turn: async (engine) => {
      const id = idOf(engine);
      const input = await engine.api.hijack(`/containers/${id}/attach?stream=1&stdin=1`);
      const output = await read(engine, id);
      // Where a stream begins is settled a moment after its head was sent, in every engine.
      await pause(SETTLE_MS);
      const times: number[] = [];
      for (let count = 0; count < 20; count += 1) {
        const heard = once(output, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) });
        times.push(
          await timed(async () => {
            input.write(`line ${count}\n`);
            await heard;
          }),
        );
        await pause(3);
      }
      input.destroy();
      (output as NodeJS.ReadableStream & { destroy(): void }).destroy();
      return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
    },
  };
};

/** What monitors ask for, again and again. */
const statsWork = (): Work => {
  const { idOf, ...host } = kept(['sleep', '100000']);
  return {
    ...host,
    name: 'stats, one sample',
    unit: 'ms',
    turns: 20,
    turn: async (engine) =>
      timed(async () =>
        engine.api.json('GET', `/containers/${idOf(engine)}/stats?stream=false&one-shot=true`),
      ),
  };
};

/** A file of 100 MB into a container that runs and out of it. */
const archiveWorks = (): readonly Work[] => {
  const { idOf, ...host } = kept(['sleep', '100000']);
  const at = (engine: Engine, path: string): string => `/containers/${idOf(engine)}/archive?path=${path}`;
  const upload = Buffer.concat([
    encodeTarHeader({ kind: 'file', path: 'big', sizeBytes: FILE_BYTES }),
    Buffer.alloc(FILE_BYTES),
    tarPadding(FILE_BYTES),
    TAR_END,
  ]);
  const put = async (engine: Engine): Promise<unknown> =>
    engine.api.upload(at(engine, '/tmp'), upload, 'PUT');
  const get = async (engine: Engine): Promise<void> => {
    let bytes = 0;
    const answer: AsyncIterable<Buffer> = await engine.api.open('GET', at(engine, '/tmp/big'));
    for await (const chunk of answer) bytes += chunk.length;
    if (bytes < FILE_BYTES) throw new Error(`${bytes} bytes of archive`);
  };
  const rate = async (work: () => Promise<unknown>): Promise<number> =>
    FILE_BYTES / 1e3 / (await timed(work));
  const prepare = async (engine: Engine): Promise<void> => {
    await host.prepare(engine);
    await put(engine);
  };
  return [
    {
      name: 'archive put, 100 MB',
      unit: 'MB/s',
      turns: 2,
      ...host,
      turn: (engine) => rate(() => put(engine)),
    },
    {
      name: 'archive get, 100 MB',
      unit: 'MB/s',
      turns: 2,
      ...host,
      prepare,
      turn: (engine) => rate(() => get(engine)),
    },
  ];
};

const perContainer: Work = {
  name: 'memory per running container',
  unit: 'MB',
  turns: 1,
  turn: async (engine) => {
    const pss = (): number => memoryOf(treeOf(engine.pid(), engine.mark), 'Pss');
    const before = pss();
    const ids = await Promise.all(Array.from({ length: 20 }, async () => start(engine, ['sleep', '100000'])));
    const after = pss();
    await Promise.all(ids.map(async (id) => remove(engine, id)));
    return (after - before) / ids.length;
  },
};

const none = { HostConfig: { NetworkMode: 'none' } };

/** Works that any round may run in any order. */
export const works: readonly Work[] = [
  {
    name: 'life of true',
    unit: 'ms',
    turns: 10,
    turn: async (engine) => timed(async () => life(engine, {})),
  },
  {
    name: 'life of true, no network',
    unit: 'ms',
    turns: 10,
    turn: async (engine) => timed(async () => life(engine, none)),
  },
  execWork(),
  parallelStart,
  listWork(1),
  listWork(50),
  listWork(200),
  statsWork(),
  logsWork(),
  echoWork('follow latency', async ({ api }, id) =>
    api.open('GET', `/containers/${id}/logs?follow=1&stdout=1&tail=0`),
  ),
  echoWork('attach echo', async ({ api }, id) => api.hijack(`/containers/${id}/attach?stream=1&stdout=1`)),
  ...archiveWorks(),
  perContainer,
];

/** Last, because it ends the daemon: the second start, and what an idle daemon weighs. */
export const restWorks: readonly Work[] = [
  { name: 'ready after start', unit: 'ms', turns: 1, turn: async (engine) => engine.restart() },
  {
    name: 'idle daemon, resident',
    unit: 'MB',
    turns: 1,
    turn: async (engine) => {
      await engine.restart();
      await pause(3000);
      return memoryOf(treeOf(engine.pid(), engine.mark), 'Rss');
    },
  },
];
