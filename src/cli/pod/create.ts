import { ApiError } from '#client/api-error.ts';
import type { DaemonClient } from '#client/daemon-client.ts';
import { CommandError } from '#cli/exit-code.ts';
import { PullProgress } from '#cli/output/pull-progress.ts';
import type { PullFrame } from '#cli/output/pull-progress.ts';
import { connectPods } from './connect.ts';
import { loadManifest } from './manifest.ts';

type Pod = Readonly<Record<string, unknown>>;

export type CreateRequest = { readonly file: string; readonly host: string | undefined };

export const create = async ({ file, host }: CreateRequest): Promise<void> => {
  const pod = await loadManifest(file);
  process.stdout.write(`${await createPod(await connectPods(host), pod)}\n`);
};

/** Creates it, after pulling its images where one is missing. Answers its id. */
export const createPod = async (client: DaemonClient, pod: Pod): Promise<string> => {
  try {
    return await post(client, pod);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
  for (const image of imagesOf(pod)) await pullImage(client, image);
  return post(client, pod);
};

const post = async (client: DaemonClient, pod: Pod): Promise<string> => {
  const { ID } = await client.json<{ ID: string }>('POST', '/pod/create', { body: pod });
  return ID;
};

const imagesOf = ({ containers }: Pod): Set<string> =>
  new Set(
    (Array.isArray(containers) ? (containers as readonly { image?: unknown }[]) : []).flatMap(({ image }) =>
      typeof image === 'string' ? [image] : [],
    ),
  );

const pullImage = async (client: DaemonClient, image: string): Promise<void> => {
  const progress = new PullProgress(process.stderr);
  const frames = client.frames<PullFrame & { readonly error?: string }>('POST', '/image/create', {
    query: { imageName: image },
  });
  for await (const frame of frames) {
    const message = frame.errorDetail?.message ?? frame.error;
    if (message !== undefined) throw new CommandError(message, 125);
    progress.show(frame);
  }
};
