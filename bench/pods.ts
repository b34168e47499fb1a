/**
 * Pods beside one container, in one interleaved run: create to running of a container, of a pod of one and of a pod of
 * five, and fifty pods of two at once; by the engine itself, then by clients of a daemon (`pod-requests.ts`). Milliseconds.
 * Usage: node bench/pods.ts [runs]
 */
import type { CreateContainer } from '#engine/engine.ts';
import { PodEngine } from '#test/support/pods/pod-engine.ts';
import { container, pod } from '#test/support/pods/spec.ts';
import { measureRequests } from './pod-requests.ts';
import { median, quantile, show } from './statistics.ts';

const RUNS = Number(process.argv[2] ?? 15);
const CROWD = 50;

const samples = { container: [] as number[], 'pod of 1': [] as number[], 'pod of 5': [] as number[] };

await using engine = await PodEngine.start();

const timed = async (into: number[], work: () => Promise<unknown>): Promise<void> => {
  const start = performance.now();
  await work();
  into.push(performance.now() - start);
};

const raise = async (id: string, count: number): Promise<void> => {
  const containers = Array.from({ length: count }, () => container());
  await engine.pods.create(pod({ id, containers }), { boot: true });
  await engine.pods.start(id, {});
};

/** A container on its own that is otherwise as those of a pod. */
const alone = async (): Promise<CreateContainer> => {
  await raise('model', 1);
  const [model] = (await engine.pods.inspect('model')).containers;
  await engine.pods.remove('model', { timeoutSeconds: 0 });
  if (model === undefined) throw new Error('a pod of one has a container');
  return {
    name: 'alone',
    config: { ...model.config, hostname: '' },
    host: { ...model.host, networkMode: 'default', ipcMode: '' },
    endpoints: {},
    platform: '',
  };
};

const request = await alone();
for (let run = 0; run < RUNS; run += 1) {
  await timed(samples.container, async () => {
    const { id } = await engine.containers.create(request);
    await engine.containers.start(id, {});
  });
  await engine.containers.remove('alone', { force: true, volumes: true, link: false });
  for (const [name, count] of [
    ['pod of 1', 1],
    ['pod of 5', 5],
  ] as const) {
    await timed(samples[name], async () => raise('timed', count));
    await engine.pods.remove('timed', { timeoutSeconds: 0 });
  }
}

const crowd: number[] = [];
await timed(crowd, async () =>
  Promise.all(Array.from({ length: CROWD }, async (_, index) => raise(`crowd-${index}`, 2))),
);

const one = median(samples.container);
for (const [name, values] of Object.entries(samples)) {
  const ratio = `${show(median(values) / one)} x`;
  console.log(
    `${name.padEnd(12)} median ${show(median(values))}  p95 ${show(quantile(values, 0.95))}  ${ratio}`,
  );
}
console.log(`${CROWD} pods of 2 at once  ${show(crowd[0] ?? Number.NaN)}`);
await measureRequests(RUNS);
