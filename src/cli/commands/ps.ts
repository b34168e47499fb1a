import { connect } from '#cli/connect.ts';
import { CommandError } from '#cli/exit-code.ts';
import { formatAge } from '#cli/output/age.ts';
import { formatTable } from '#cli/output/table.ts';

type Item = {
  readonly Id: string;
  readonly Image: string;
  readonly Command: string;
  readonly Created: number;
  readonly Status: string;
  readonly Names: readonly string[];
  readonly Ports: readonly {
    readonly IP?: string;
    readonly PrivatePort: number;
    readonly PublicPort?: number;
    readonly Type: string;
  }[];
};

export type PsRequest = {
  readonly options: { readonly all?: boolean; readonly quiet?: boolean; readonly filter: readonly string[] };
  readonly host: string | undefined;
};

export const ps = async ({ options, host }: PsRequest): Promise<void> => {
  const client = await connect(host);
  const items = await client.json<Item[]>('GET', '/containers/json', {
    query: { all: options.all === true, filters: JSON.stringify(filtersOf(options.filter)) },
  });
  process.stdout.write(
    options.quiet === true ? items.map(({ Id }) => `${Id.slice(0, 12)}\n`).join('') : table(items),
  );
};

const filtersOf = (pairs: readonly string[]): Record<string, string[]> => {
  const filters: Record<string, string[]> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals === -1) throw new CommandError(`bad filter ${pair}: use key=value`);
    const key = pair.slice(0, equals);
    filters[key] = [...(filters[key] ?? []), pair.slice(equals + 1)];
  }
  return filters;
};

const table = (items: readonly Item[]): string =>
  formatTable(
    ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'],
    items.map((item) => [
      item.Id.slice(0, 12),
      item.Image,
      JSON.stringify(item.Command.length > 20 ? `${item.Command.slice(0, 19)}…` : item.Command),
      `${formatAge(Date.now() / 1000 - item.Created)} ago`,
      item.Status,
      item.Ports.map(formatPort).join(', '),
      item.Names.map((name) => name.replace(/^\//, '')).join(','),
    ]),
  );

const formatPort = ({ IP, PrivatePort, PublicPort, Type }: Item['Ports'][number]): string =>
  PublicPort === undefined ? `${PrivatePort}/${Type}` : `${IP ?? ''}:${PublicPort}->${PrivatePort}/${Type}`;
