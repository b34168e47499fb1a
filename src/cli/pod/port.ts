import { CommandError } from '#cli/exit-code.ts';
import { formatTable } from '#cli/output/table.ts';
import { connectPods } from './connect.ts';

type Mapping = { readonly containerPort: string; readonly hostPort: string; readonly protocol: string };

export type PortRequest = {
  readonly action: string;
  readonly pod: string;
  readonly options: { readonly publish: readonly string[] };
  readonly host: string | undefined;
};

/** `ls`, `add` or `delete` the port mappings of a pod. */
export const port = async ({ action, pod, options, host }: PortRequest): Promise<void> => {
  if (!['ls', 'add', 'delete'].includes(action))
    throw new CommandError(`unknown action ${action}: use ls, add or delete`);
  const path = `/pod/${encodeURIComponent(pod)}/portmappings`;
  const mappings = options.publish.map(parseMapping);
  if (action !== 'ls' && mappings.length === 0)
    throw new CommandError('name a port with -p [tcp:|udp:]host:container');
  const client = await connectPods(host);
  if (action !== 'ls') await client.json('PUT', `${path}/${action}`, { body: mappings });
  const { portMappings } = await client.json<{ portMappings: readonly Mapping[] }>('GET', path);
  process.stdout.write(
    formatTable(
      ['PROTOCOL', 'HOST PORT', 'CONTAINER PORT'],
      portMappings.map(({ protocol, hostPort, containerPort }) => [protocol, hostPort, containerPort]),
    ),
  );
};

/** `[tcp:|udp:]host:container`, each a port or a range `first-last`. */
export const parseMapping = (text: string): Mapping => {
  const [, protocol = 'tcp', hostPort = '', containerPort = ''] =
    /^(?:(tcp|udp):)?(\d+(?:-\d+)?)?:?(?<=:)(\d+(?:-\d+)?)$/.exec(text) ?? [];
  if (containerPort === '') throw new CommandError(`bad port ${text}: use [tcp:|udp:]host:container`);
  return { containerPort, hostPort, protocol };
};
