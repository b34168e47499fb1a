import { formatTable } from '#cli/output/table.ts';
import { connectPods } from './connect.ts';

export type LsRequest = { readonly options: { readonly quiet?: boolean }; readonly host: string | undefined };

export const ls = async ({ options, host }: LsRequest): Promise<void> => {
  const client = await connectPods(host);
  const [pods, containers] = await Promise.all([
    client.json<{ podData: readonly string[] }>('GET', '/list', { query: { item: 'pod' } }),
    client.json<{ cData: readonly string[] }>('GET', '/list', { query: { item: 'container' } }),
  ]);
  const rows = pods.podData.map((line) => line.split(':'));
  if (options.quiet === true) {
    process.stdout.write(rows.map(([id = '']) => `${id}\n`).join(''));
    return;
  }
  const members = containers.cData.map((line) => line.split(':'));
  process.stdout.write(
    formatTable(
      ['POD', 'STATUS', 'SANDBOX', 'CONTAINERS'],
      rows.map(([id = '', , sandbox = '', status = '']) => [
        id,
        status,
        sandbox,
        members
          .filter(([, , pod]) => pod === id)
          .map(([, name = '']) => name.replace(/^\//, ''))
          .join(','),
      ]),
    ),
  );
};
