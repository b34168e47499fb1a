import { connect } from '#cli/connect.ts';
import { forEach } from './for-each.ts';

export type RmRequest = {
  readonly containers: readonly string[];
  readonly options: { readonly force?: boolean; readonly volumes?: boolean };
  readonly host: string | undefined;
};

export const rm = async ({ containers, options, host }: RmRequest): Promise<void> => {
  const client = await connect(host);
  await forEach(containers, async (container) =>
    client.json('DELETE', `/containers/${container}`, {
      query: { force: options.force === true ? 1 : undefined, v: options.volumes === true ? 1 : undefined },
    }),
  );
};
