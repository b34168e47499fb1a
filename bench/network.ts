import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBridgeDriver } from '#adapters/bridge/create-bridge-driver.ts';
import { unmount } from '#adapters/libc/mounts.ts';
import { createSandboxes } from '#adapters/namespaces/create-sandboxes.ts';

/**
 * Sandboxes, endpoints and published ports as a container's life needs them, one after the other and
 * many at once. Prints median and minimum in milliseconds. Needs root; leaves nothing behind.
 */
const rounds = Number(process.argv[2] ?? 100);
const tag = `b${randomBytes(4).toString('hex')}`;
const bridge = { name: `gt${tag}`, address: '10.188.0.1/16', mtu: 1500 };
const execRoot = mkdtempSync(join(tmpdir(), 'gantry-bench-'));
const sandboxes = createSandboxes({ execRoot });
const driver = createBridgeDriver({ tag, execRoot, dataRoot: execRoot, onWarning: console.error });

const times = new Map<string, number[]>();
const timed = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
  const start = performance.now();
  const result = await work();
  times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
  return result;
};

const live = async (index: number): Promise<void> => {
  const id = `c${index}`;
  const address = `10.188.${index >> 8}.${(index & 255) + 2}`;
  const { networkPath = '' } = await timed('sandbox create', async () =>
    sandboxes.create({ id, hostname: id, domainname: '', network: true, ipc: true, uts: true }),
  );
  await timed('connect', async () =>
    driver.connect({
      endpointId: id,
      bridge: bridge.name,
      networkPath,
      interfaceName: 'eth0',
      address: `${address}/16`,
      gateway: '10.188.0.1',
      macAddress: `02:42:0a:bc:${(index >> 8).toString(16)}:${((index & 255) + 2).toString(16)}`,
      mtu: 1500,
    }),
  );
  const port = { containerPort: 80, protocol: 'tcp', hostIp: '', hostPortFirst: 0, hostPortLast: 0 } as const;
  await timed('publish (both families)', async () => driver.publish(id, address, [port]));
  await timed('unpublish', async () => driver.unpublish(id));
  await timed('disconnect', async () => driver.disconnect(id));
  await timed('sandbox remove', async () => sandboxes.remove(id));
};

const print = (title: string): void => {
  console.log(title);
  for (const [name, values] of times) {
    const sorted = values.toSorted((one, other) => one - other);
    const [median = 0, p90 = 0] = [sorted[sorted.length >> 1], sorted[Math.floor(sorted.length * 0.9)]];
    console.log(
      `  ${name.padEnd(26)} ${median.toFixed(2)} (${(sorted[0] ?? 0).toFixed(2)}), p90 ${p90.toFixed(2)}`,
    );
  }
  times.clear();
};

try {
  await timed('ensureBridge, first', async () => driver.ensureBridge(bridge));
  await timed('ensureBridge, again', async () => driver.ensureBridge(bridge));
  for (let index = 0; index < rounds; index += 1) await live(index);
  print(`one after the other, ${rounds} times`);
  await timed('all', async () =>
    Promise.all(Array.from({ length: rounds }, async (_, index) => live(rounds + index))),
  );
  print(`${rounds} at once`);
} finally {
  await driver.reconcile({ endpoints: [], owners: [] });
  await driver.removeBridge(bridge.name);
  for (const id of await sandboxes.list()) await sandboxes.remove(id);
  await Promise.all([driver.close(), sandboxes.close()]);
  unmount(execRoot);
  rmSync(execRoot, { recursive: true });
}
