import { connectPods } from './connect.ts';
import type { PodsRequest } from './life.ts';

export const inspect = async ({ pods, host }: PodsRequest): Promise<void> => {
  const client = await connectPods(host);
  const found: unknown[] = [];
  for (const podName of pods) found.push(await client.json('GET', '/pod/info', { query: { podName } }));
  process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
};
