/**
 * What old versions cost on the whole way: lists of 200 containers at each of some versions, beside the newest.
 * Interleaved, medians of CPU-warm requests over one kept connection. Usage: node bench/versions.ts [rounds]
 */
import { Agent, request } from 'node:http';
import { TestDaemon } from '#test/support/daemon.ts';
import { median } from './statistics.ts';

const NEWEST = '1.51';
const VERSIONS = ['1.0', '1.6', '1.12', '1.18', '1.21', '1.24', '1.41', NEWEST];
const COUNT = 200;
const PER_ROUND = 5;
const ROUNDS = Number(process.argv[2] ?? 20);

await using daemon = await TestDaemon.start();
for (let made = 0; made < COUNT; made += 1)
  await daemon.client.json('POST', '/containers/create', {
    body: { Image: 'busybox', Cmd: ['true'], Labels: { number: String(made) } },
  });

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const list = async (version: string): Promise<number> => {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const path = `/v${version}/containers/json?all=1`;
  request({ socketPath: daemon.socket, path, agent, headers: { Host: 'bench' } }, (response) => {
    let bytes = 0;
    response.on('data', (chunk: Buffer) => (bytes += chunk.length));
    response.on('end', () => resolve(bytes));
  })
    .on('error', reject)
    .end();
  return promise;
};

const times = new Map<string, number[]>(VERSIONS.map((version) => [version, []]));
const sizes = new Map<string, number>();
const turnsOf = async (version: string): Promise<number[]> => {
  const found: number[] = [];
  for (let turn = 0; turn < PER_ROUND; turn += 1) {
    const start = performance.now();
    sizes.set(version, await list(version));
    found.push(performance.now() - start);
  }
  return found;
};

for (let round = -2; round < ROUNDS; round += 1)
  for (const version of VERSIONS) {
    const found = await turnsOf(version);
    // The first rounds compile.
    if (round >= 0) times.get(version)?.push(...found);
  }
agent.destroy();

const newest = median(times.get(NEWEST) ?? []);
for (const version of VERSIONS) {
  const each = median(times.get(version) ?? []);
  const kilobytes = ((sizes.get(version) ?? 0) / 1000).toFixed(0);
  console.log(
    `list of ${COUNT} at ${version.padEnd(5)} ${each.toFixed(2)} ms  ${(each / newest).toFixed(2)} x ${NEWEST}  ${kilobytes} kB`,
  );
}
