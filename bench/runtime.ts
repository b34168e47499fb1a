import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { runCommand } from '#adapters/oci-cli/command/runtime-command.ts';
import { Spawner } from '#adapters/oci-cli/process/spawner.ts';
import { leavePlace, makePlace, newId, RuntimeWorld } from '#test/support/runtime/runtime-world.ts';

/**
 * What the runtime costs: a whole life and an exec, beside `crun run` alone. The ways are interleaved, so
 * that a noisy machine is the same for all: read ratios, not milliseconds.
 * `node bench/runtime.ts [--runs 60]`
 */
const { values } = parseArgs({ options: { runs: { type: 'string', default: '60' } } });
const runs = Number(values.runs);
/** Clock ticks of /proc/stat are too coarse per run: CPU is taken over all runs of a way, children included. */
const tickMs = 10;

type Way = {
  readonly name: string;
  readonly work: () => Promise<void>;
  readonly wall: number[];
  cpu: number;
};

const way = (name: string, work: () => Promise<void>): Way => ({ name, work, wall: [], cpu: 0 });

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

const machineCpuMs = (): number => {
  const [user = 0, nice = 0, system = 0] =
    readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/).slice(1).map(Number) ?? [];
  return (user + nice + system) * tickMs;
};

const place = makePlace();
const fast = await RuntimeWorld.open(place);
await fast.runtime.recover([]);
const host = await fast.start(['sleep', '100000']);

const cycle = async (): Promise<void> => {
  const id = await fast.start(['true']);
  await fast.exitOf(id);
  await fast.runtime.delete(id);
};

const exec = async (): Promise<void> => {
  const { exit } = await fast.exec(host, ['true']);
  await exit;
};

// Bare crun, started the same cheap way, with all its own work and nothing of ours around it.
const bareBundle = join(place.root, 'bare');
mkdirSync(bareBundle);
const hidden = execFileSync('findmnt', ['-n', '-o', 'TARGET', '-t', 'cgroup2'], { encoding: 'utf8' })
  .trim()
  .split('\n');
const isHybrid = readFileSync('/proc/self/mounts', 'utf8').includes(' cgroup rw');
const spawner = await Spawner.start({
  execRoot: place.options.execRoot,
  hidden: isHybrid ? hidden.filter((path) => path !== '') : [],
  readOnly: ['/usr/bin/crun'],
  cgroups: [],
});
const bareSpec = fast.spec(['true'], { cgroupsPath: `${place.options.cgroupParent}/bare` });
writeFileSync(join(bareBundle, 'config.json'), JSON.stringify(bareSpec));
const bare = async (): Promise<void> => {
  const root = join(place.options.execRoot, 'crun');
  await runCommand(spawner, '/usr/bin/crun', ['--root', root, 'run', '--bundle', bareBundle, newId()]);
};

const ways = [way('crun run, bare', bare), way('create, start, exit, delete', cycle), way('exec', exec)];
for (const { work } of ways) for (let turn = 0; turn < 5; turn += 1) await work();

const batch = 10;
for (let done = 0; done < runs; done += batch) {
  for (const entry of ways) {
    const cpuBefore = machineCpuMs();
    for (let turn = 0; turn < batch; turn += 1) {
      const begin = performance.now();
      await entry.work();
      entry.wall.push(performance.now() - begin);
    }
    entry.cpu += machineCpuMs() - cpuBefore;
  }
}

console.log(`${'way'.padEnd(30)} median ms   min ms   CPU ms of the machine, per run`);
for (const { name, wall, cpu } of ways) {
  const cells = [median(wall), Math.min(...wall), cpu / wall.length].map((value) =>
    value.toFixed(1).padStart(8),
  );
  console.log(`${name.padEnd(30)} ${cells.join('   ')}`);
}

const begin = performance.now();
await Promise.all(Array.from({ length: 50 }, cycle));
console.log(`50 at once: ${(50_000 / (performance.now() - begin)).toFixed(0)} whole lives a second`);

await fast.runtime.delete(host);
await spawner.close();
await fast.close();
await leavePlace(place);
