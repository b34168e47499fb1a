import { connect } from '#cli/connect.ts';
import { formatAge } from '#cli/output/age.ts';
import { formatTable } from '#cli/output/table.ts';
import { formatSize } from '#formats/progress/size.ts';

type Item = {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly Created: number;
  readonly Size: number;
};

export type ImagesRequest = {
  readonly options: { readonly all?: boolean; readonly quiet?: boolean };
  readonly host: string | undefined;
};

const ID_DIGITS = 12;

export const images = async ({ options, host }: ImagesRequest): Promise<void> => {
  const client = await connect(host);
  const items = await client.json<Item[]>('GET', '/images/json', { query: { all: options.all === true } });
  process.stdout.write(
    options.quiet === true ? items.map(({ Id }) => `${shortId(Id)}\n`).join('') : table(items),
  );
};

const shortId = (id: string): string => id.replace('sha256:', '').slice(0, ID_DIGITS);

const table = (items: readonly Item[]): string =>
  formatTable(
    ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'],
    items.flatMap((item) => {
      const names = item.RepoTags.length === 0 ? ['<none>:<none>'] : item.RepoTags;
      return names.map((name) => {
        const colon = name.lastIndexOf(':');
        const age = `${formatAge(Date.now() / 1000 - item.Created)} ago`;
        return [
          name.slice(0, colon),
          name.slice(colon + 1),
          shortId(item.Id),
          age,
          formatSize(item.Size, ''),
        ];
      });
    }),
  );
