import type { DaemonClient } from '#client/daemon-client.ts';
import { CommandError } from '#cli/exit-code.ts';

export type ContainerInfo = {
  readonly podID: string;
  readonly container: { readonly name: string; readonly containerID: string; readonly tty?: boolean };
};

type PodInfo = {
  readonly spec: { readonly containers?: readonly ContainerInfo['container'][] };
};

/** The pod's one container, or the one of it that is named: by its name, or by its name after the pod's. */
export const containerOf = async (
  client: DaemonClient,
  pod: string,
  wanted: string | undefined,
): Promise<ContainerInfo['container']> => {
  const { spec } = await client.json<PodInfo>('GET', '/pod/info', { query: { podName: pod } });
  const containers = spec.containers ?? [];
  const names = containers.map(plainName);
  if (wanted === undefined) {
    const [only, second] = containers;
    if (only !== undefined && second === undefined) return only;
    throw new CommandError(
      `pod ${pod} has ${containers.length} containers, name one with -c: ${names.join(', ')}`,
    );
  }
  const found = containers.find(
    (each) => [wanted, `${pod}-${wanted}`].includes(plainName(each)) || each.containerID === wanted,
  );
  if (found !== undefined) return found;
  throw new CommandError(`pod ${pod} has no container ${wanted}, only ${names.join(', ')}`);
};

export const plainName = ({ name }: { readonly name: string }): string => name.replace(/^\//, '');
