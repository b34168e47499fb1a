import { connect } from '#cli/connect.ts';
import { forEach } from './for-each.ts';

export type StopRequest = {
  readonly containers: readonly string[];
  readonly options: { readonly time?: string };
  readonly host: string | undefined;
};

export const stop = async ({ containers, options, host }: StopRequest): Promise<void> => {
  const client = await connect(host);
  await forEach(containers, async (container) =>
    client.json('POST', `/containers/${container}/stop`, { query: { t: options.time } }),
  );
};
