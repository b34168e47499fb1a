import { createReadStream } from 'node:fs';
import { connect } from '#cli/connect.ts';
import { CommandError } from '#cli/exit-code.ts';
import type { DaemonClient } from '#client/daemon-client.ts';

type LoadFrame = { readonly stream?: string; readonly errorDetail?: { readonly message: string } };

export type LoadRequest = {
  readonly options: { readonly input?: string };
  readonly host: string | undefined;
};

export const load = async ({ options, host }: LoadRequest): Promise<void> => {
  const client = await connect(host);
  await loadInto(
    client,
    options.input === undefined ? process.stdin : createReadStream(options.input),
    (text) => process.stdout.write(text),
  );
};

/** Uploads an archive and tells what was in it. Throws CommandError when it is none. */
export const loadInto = async (
  client: DaemonClient,
  archive: AsyncIterable<Uint8Array>,
  tell: (text: string) => void,
): Promise<void> => {
  const frames = client.frames<LoadFrame>('POST', '/images/load', {
    upload: archive,
    query: { quiet: 1 },
    headers: { 'Content-Type': 'application/x-tar' },
  });
  for await (const frame of frames) {
    if (frame.errorDetail !== undefined) throw new CommandError(frame.errorDetail.message);
    if (frame.stream !== undefined) tell(frame.stream);
  }
};
