import { connect } from '#cli/connect.ts';
import { readFrames } from '#formats/stdcopy/read-frames.ts';

export type LogsRequest = {
  readonly container: string;
  readonly options: {
    readonly follow?: boolean;
    readonly timestamps?: boolean;
    readonly tail: string;
    readonly since?: string;
  };
  readonly host: string | undefined;
};

export const logs = async ({ container, options, host }: LogsRequest): Promise<void> => {
  const client = await connect(host);
  const { Config } = await client.json<{ Config: { Tty: boolean } }>('GET', `/containers/${container}/json`);
  const response = await client.open('GET', `/containers/${container}/logs`, {
    query: {
      stdout: 1,
      stderr: 1,
      follow: options.follow === true ? 1 : undefined,
      timestamps: options.timestamps === true ? 1 : undefined,
      tail: options.tail,
      since: options.since,
    },
  });
  if (Config.Tty) {
    for await (const bytes of response as AsyncIterable<Uint8Array>) process.stdout.write(bytes);
    return;
  }
  for await (const piece of readFrames(response)) {
    (piece.stream === 'stderr' ? process.stderr : process.stdout).write(piece.bytes);
  }
};
