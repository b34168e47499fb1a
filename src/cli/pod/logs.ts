import { readFrames } from '#formats/stdcopy/read-frames.ts';
import { connectPods } from './connect.ts';
import { containerOf } from './containers.ts';

export type LogsRequest = {
  readonly pod: string;
  readonly options: {
    readonly container?: string;
    readonly follow?: boolean;
    readonly timestamps?: boolean;
    readonly tail: string;
    readonly since?: string;
  };
  readonly host: string | undefined;
};

export const logs = async ({ pod, options, host }: LogsRequest): Promise<void> => {
  const client = await connectPods(host);
  const { containerID: container, tty = false } = await containerOf(client, pod, options.container);
  const { follow = false, timestamps = false, tail, since } = options;
  const response = await client.open('GET', '/container/logs', {
    query: { container, stdout: true, stderr: true, follow, timestamps, tail, since },
  });
  if (tty) {
    for await (const bytes of response as AsyncIterable<Uint8Array>) process.stdout.write(bytes);
    return;
  }
  for await (const piece of readFrames(response))
    (piece.stream === 'stderr' ? process.stderr : process.stdout).write(piece.bytes);
};
