import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readFile } from 'node:fs/promises';
import { imageArchive } from '#test/support/daemon.ts';
import { startEngines } from './engines.ts';
import type { Engine } from './engines.ts';
import { startFloor } from './floor.ts';
import { printTable, toRecord } from './report.ts';
import type { Results } from './report.ts';
import { newSample } from './statistics.ts';
import type { Sample } from './statistics.ts';
import { pullWork } from './pull-work.ts';
import { restWorks, works } from './works.ts';
import type { Work } from './works.ts';

/**
 * Gantry beside its peers and the bare runtime, in interleaved rounds; see docs/bench.md.
 * `npm run bench -- [--rounds N] [--only NAME,NAME] [--beside CHECKOUT] [--quick]`
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    beside: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const rounds = options.quick ? 1 : Number(options.rounds);
const wanted = options.only.split(',');
const isWanted = ({ name }: { readonly name: string }): boolean => wanted.some((part) => name.includes(part));

/** A way to do a work: an engine's, or the floor's. */
type Way = { readonly who: string; readonly cpuMs: () => number; readonly turn: () => Promise<number> };

const measure = async (way: Way, turns: number, sample: Sample): Promise<void> => {
  const before = way.cpuMs();
  for (let turn = 0; turn < turns; turn += 1) sample.values.push(await way.turn());
  sample.cpuMs += way.cpuMs() - before;
  sample.turns += turns;
};

/** All ways in turn, round after round: what disturbs the machine disturbs all of them. */
const compare = async (work: Work, engines: readonly Engine[], floor: Way | undefined): Promise<Results> => {
  const able: Engine[] = [];
  const results = new Map<string, Sample>();
  for (const engine of engines) {
    try {
      await work.prepare?.(engine);
      // The first turn fills caches and is not counted.
      await work.turn(engine);
      able.push(engine);
    } catch (error) {
      console.error(`${work.name}: ${engine.name} is left out: ${String(error)}`);
    }
  }
  const ways = able.map<Way>((engine) => ({
    who: engine.name,
    cpuMs: () => engine.cpu.readMs(),
    turn: async () => work.turn(engine),
  }));
  for (const way of floor === undefined ? ways : [...ways, floor]) results.set(way.who, newSample());
  const failed = new Set<Way>();
  for (let round = 0; round < rounds; round += 1)
    for (const way of floor === undefined ? ways : [...ways, floor]) {
      if (failed.has(way)) continue;
      try {
        await measure(way, work.turns, results.get(way.who) ?? newSample());
      } catch (error) {
        failed.add(way);
        console.error(`${work.name}: ${way.who} gives up: ${String(error)}`);
      }
    }
  for (const engine of able) await work.finish?.(engine);
  return { work, samples: results };
};

const folder = mkdtempSync(join(tmpdir(), 'gantry-bench-'));
const archive = await imageArchive('busybox');
const floor = await startFloor(join(folder, 'floor'), archive);
const engines = await startEngines(folder, options.beside);
const pull = wanted.some((part) => 'pull'.startsWith(part.slice(0, 4))) ? await pullWork() : undefined;
const tables: Results[] = [];
const cleanUp = async (): Promise<void> => {
  for (const engine of engines) await engine.close();
  await floor?.close();
  await pull?.close();
  rmSync(folder, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
try {
  for (const { api } of engines) await api.upload('/images/load', await readFile(archive));
  for (const work of [...works, ...(pull === undefined ? [] : [pull.work]), ...restWorks].filter(isWanted)) {
    const bare = work.name.startsWith('life')
      ? floor?.run
      : work.name.startsWith('exec')
        ? floor?.exec
        : undefined;
    const way = bare && {
      who: 'crun',
      cpuMs: () => floor?.cpu.readMs() ?? 0,
      turn: async () => {
        const begin = performance.now();
        await bare();
        return performance.now() - begin;
      },
    };
    tables.push(await compare(work, engines, way));
    console.error(`measured: ${work.name}`);
  }
} finally {
  await cleanUp();
}

printTable(tables);
const results = join(fileURLToPath(new URL('results', import.meta.url)));
mkdirSync(results, { recursive: true });
const file = join(results, `${new Date().toISOString().replaceAll(':', '-')}.json`);
writeFileSync(file, `${JSON.stringify(toRecord(tables, rounds), undefined, 2)}\n`);
console.log(`written to ${file}`);
