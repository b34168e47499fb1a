import { relay } from '#cli/terminal/relay.ts';
import { followSize, rawMode } from '#cli/terminal/raw-mode.ts';
import { connectPods } from './connect.ts';
import { containerOf } from './containers.ts';

export type ExecRequest = {
  readonly pod: string;
  readonly command: readonly string[];
  readonly options: { readonly container?: string; readonly interactive?: boolean; readonly tty?: boolean };
  readonly host: string | undefined;
};

export const exec = async ({ pod, command, options, host }: ExecRequest): Promise<void> => {
  const client = await connectPods(host);
  const { containerID: container } = await containerOf(client, pod, options.container);
  const tty = options.tty === true;
  const id = await client.json<string>('POST', '/exec/create', {
    query: { container, command: JSON.stringify(command), tty: tty ? 'yes' : 'no' },
  });
  const { stream } = await client.hijack('/exec/start', { query: { container, exec: id } });
  const interactive = options.interactive === true || tty;
  using held = new DisposableStack();
  held.use(rawMode(tty));
  held.use(
    followSize((rows, columns) => {
      if (tty)
        void client
          .json('POST', '/tty/resize', { query: { container, exec: id, h: rows, w: columns } })
          .catch(() => undefined);
    }),
  );
  const input = interactive ? process.stdin : undefined;
  await relay(stream, { tty, input, stdout: process.stdout, stderr: process.stderr });
  process.exitCode = await client.json<number>('GET', '/exitcode', { query: { container, exec: id } });
};
