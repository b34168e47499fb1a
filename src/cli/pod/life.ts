import { forEach } from '#cli/commands/for-each.ts';
import { connectPods } from './connect.ts';

export type PodsRequest = { readonly pods: readonly string[]; readonly host: string | undefined };

export const start = async ({ pods, host }: PodsRequest): Promise<void> => {
  const client = await connectPods(host);
  await forEach(pods, async (podId) => client.json('POST', '/pod/start', { query: { podId } }));
};

export const stop = async ({ pods, host }: PodsRequest): Promise<void> => {
  const client = await connectPods(host);
  await forEach(pods, async (podId) => client.json('POST', '/pod/stop', { query: { podId, stopVm: 'yes' } }));
};

export const rm = async ({ pods, host }: PodsRequest): Promise<void> => {
  const client = await connectPods(host);
  await forEach(pods, async (podId) => client.json('DELETE', '/pod', { query: { podId } }));
};
