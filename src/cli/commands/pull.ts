import type { DaemonClient } from '#client/daemon-client.ts';
import { ApiError } from '#client/api-error.ts';
import { connect } from '#cli/connect.ts';
import { CommandError } from '#cli/exit-code.ts';
import { PullProgress } from '#cli/output/pull-progress.ts';
import type { PullFrame } from '#cli/output/pull-progress.ts';

export type PullRequest = {
  readonly image: string;
  readonly options: { readonly platform?: string; readonly quiet?: boolean };
  readonly host: string | undefined;
};

export const pull = async ({ image, options, host }: PullRequest): Promise<void> => {
  const client = await connect(host);
  await pullInto(client, image, {
    output: options.quiet === true ? undefined : process.stdout,
    ...(options.platform === undefined ? {} : { platform: options.platform }),
  });
  if (options.quiet === true) process.stdout.write(`${withTag(image)}\n`);
};

type PullOutput = { readonly output: NodeJS.WriteStream | undefined; readonly platform?: string };

/** Pulls and shows how it goes. Throws CommandError with the registry's words. */
export const pullInto = async (
  client: DaemonClient,
  image: string,
  { output, platform }: PullOutput,
): Promise<void> => {
  const progress = output === undefined ? undefined : new PullProgress(output);
  try {
    const frames = client.frames<PullFrame>('POST', '/images/create', {
      query: { fromImage: withTag(image), platform },
    });
    for await (const frame of frames) {
      if (frame.errorDetail !== undefined) throw new CommandError(frame.errorDetail.message, 125);
      progress?.show(frame);
    }
  } catch (error) {
    if (error instanceof ApiError) throw new CommandError(error.message, 125, { cause: error });
    throw error;
  }
};

/** Without a tag the daemon would pull all of them. */
const withTag = (image: string): string => (/(?::[^/]+|@.+)$/.test(image) ? image : `${image}:latest`);
