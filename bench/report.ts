import { cpus, loadavg, release } from 'node:os';
import { median, quantile, show } from './statistics.ts';
import type { Sample } from './statistics.ts';
import type { Work } from './works.ts';

export type Results = { readonly work: Work; readonly samples: ReadonlyMap<string, Sample> };

const cpuPerTurn = ({ cpuMs, turns }: Sample): number => cpuMs / turns;

/** One line for each work and engine, with what it is of Gantry's. */
export const printTable = (tables: readonly Results[]): void => {
  const widths = [31, 9, 10, 10, 10, 12];
  const print = (cells: readonly string[]): void =>
    console.log(
      cells
        .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join(' '),
    );
  print(['work', 'who', 'median', 'p90', 'CPU ms', 'of Gantry']);
  for (const { work, samples } of tables) {
    const ours = samples.get('gantry');
    for (const [who, sample] of samples) {
      const middle = median(sample.values);
      const ratio = ours === undefined ? Number.NaN : middle / median(ours.values);
      print([
        `${work.name}, ${work.unit}`,
        who,
        show(middle),
        show(quantile(sample.values, 0.9)),
        show(cpuPerTurn(sample)),
        who === 'gantry' ? '' : `${show(ratio)} x`,
      ]);
    }
  }
};

/** For the file: every value, and what the machine was. */
export const toRecord = (tables: readonly Results[], rounds: number): unknown => ({
  date: new Date().toISOString(),
  rounds,
  machine: { kernel: release(), cores: cpus().length, load: loadavg() },
  works: tables.map(({ work, samples }) => ({
    name: work.name,
    unit: work.unit,
    engines: Object.fromEntries(
      [...samples].map(([who, sample]) => [
        who,
        {
          median: median(sample.values),
          p90: quantile(sample.values, 0.9),
          cpuMs: cpuPerTurn(sample),
          values: sample.values,
        },
      ]),
    ),
  })),
});
