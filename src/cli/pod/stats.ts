import type { DaemonClient } from '#client/daemon-client.ts';
import { formatTable } from '#cli/output/table.ts';
import { connectPods } from './connect.ts';
import type { PodsRequest } from './life.ts';

type Interface = { readonly name: string; readonly rx_bytes: number; readonly tx_bytes: number };

type PodStats = {
  readonly cpu: { readonly usage: { readonly total: number } };
  readonly memory: { readonly usage: number; readonly working_set: number };
  readonly network: { readonly interfaces: readonly Interface[] | null };
};

/** One line per pod, as it is now; all that run when none is named. */
export const stats = async ({ pods, host }: PodsRequest): Promise<void> => {
  const client = await connectPods(host);
  const rows: string[][] = [];
  for (const podId of pods.length > 0 ? pods : await running(client))
    rows.push(rowOf(podId, await client.json<PodStats>('GET', '/pod/stats', { query: { podId } })));
  process.stdout.write(formatTable(['POD', 'CPU TIME', 'MEMORY', 'WORKING SET', 'NET I/O'], rows));
};

const running = async (client: DaemonClient): Promise<string[]> => {
  const { podData } = await client.json<{ podData: readonly string[] }>('GET', '/list', {
    query: { item: 'pod' },
  });
  return podData.flatMap((line) => {
    const [id = '', , , status] = line.split(':');
    return status === 'running' ? [id] : [];
  });
};

const rowOf = (pod: string, { cpu, memory, network }: PodStats): string[] => {
  const interfaces = network.interfaces ?? [];
  const [received, sent] = [
    interfaces.reduce((sum, { rx_bytes: bytes }) => sum + bytes, 0),
    interfaces.reduce((sum, { tx_bytes: bytes }) => sum + bytes, 0),
  ];
  return [
    pod,
    `${(cpu.usage.total / 1e9).toFixed(2)} s`,
    megabytes(memory.usage),
    megabytes(memory.working_set),
    `${megabytes(received)} / ${megabytes(sent)}`,
  ];
};

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
