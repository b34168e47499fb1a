import type { DaemonClient } from '#client/daemon-client.ts';
import { relay } from '#cli/terminal/relay.ts';
import { followSize, rawMode } from '#cli/terminal/raw-mode.ts';
import { connectPods } from './connect.ts';
import { containerOf } from './containers.ts';
import { createPod } from './create.ts';
import { loadManifest } from './manifest.ts';

export type RunRequest = {
  readonly file: string;
  readonly options: { readonly attach?: string | true; readonly rm?: boolean };
  readonly host: string | undefined;
};

/** Creates and starts; attached, the command ends with the container, and with its exit code. */
export const run = async ({ file, options, host }: RunRequest): Promise<void> => {
  const pod = await loadManifest(file);
  const client = await connectPods(host);
  const id = await createPod(client, pod);
  if (options.attach === undefined) {
    await client.json('POST', '/pod/start', { query: { podId: id } });
    process.stdout.write(`${id}\n`);
    return;
  }
  try {
    process.exitCode = await attached(client, id, options.attach === true ? undefined : options.attach);
  } finally {
    if (options.rm === true) await client.json('DELETE', '/pod', { query: { podId: id } });
  }
};

const attached = async (client: DaemonClient, pod: string, wanted: string | undefined): Promise<number> => {
  const { containerID, tty = false } = await containerOf(client, pod, wanted);
  // Before the start: nothing it says is missed.
  const { stream } = await client.hijack('/attach', { query: { container: containerID } });
  await client.json('POST', '/pod/start', { query: { podId: pod } });
  using held = new DisposableStack();
  held.use(rawMode(tty));
  held.use(
    followSize((rows, columns) => {
      if (tty)
        void client
          .json('POST', '/tty/resize', { query: { container: containerID, h: rows, w: columns } })
          .catch(() => undefined);
    }),
  );
  await relay(stream, { tty, input: process.stdin, stdout: process.stdout, stderr: process.stderr });
  return await client.json<number>('GET', '/exitcode', { query: { container: containerID } });
};
