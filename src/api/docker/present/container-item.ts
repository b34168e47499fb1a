import type { Static } from 'typebox';
import type { Container } from '#domain/container/container.ts';
import type { Instant } from '#domain/value/instant.ts';
import type { ContainerItem, PortAnswer } from '#api/docker/schema/container.ts';
import { presentStatus } from './container-inspect.ts';
import { presentMounts } from './mounts.ts';
import { presentEndpoints } from './networks.ts';
import { statusText } from './status-text.ts';
import { presentSeconds } from './time.ts';

export type ItemInput = {
  readonly container: Container;
  /** Names by which links point to it. */
  readonly linkNames: readonly string[];
  /** The image as the list names it. */
  readonly image: string;
  /** One tag of its image or the image's short id. */
  readonly anyTag: string;
  readonly size?: { readonly writableBytes: number; readonly rootBytes: number };
  readonly now: Instant;
};

/** One line of the container list, everything any version showed (docker-shapes.md 1, docker-modern.md 3.2). */
export const presentItem = (input: ItemInput): Static<typeof ContainerItem> => {
  const { container, size } = input;
  const argv = [container.path, ...container.args];
  return {
    Id: container.id,
    Names: [`/${container.name}`, ...input.linkNames.map((name) => `/${name.replace(/^\//, '')}`)],
    Image: input.image,
    ImageID: container.imageId,
    Command: argv.map((part) => (part.includes(' ') ? `'${part}'` : part)).join(' '),
    Created: presentSeconds(container.createdAt),
    Ports: presentPorts(container),
    ...(size === undefined ? {} : { SizeRw: size.writableBytes, SizeRootFs: size.rootBytes }),
    Labels: { ...container.config.labels },
    State: presentStatus(container.state),
    Status: statusText(container.state, input.now),
    HostConfig: {
      NetworkMode: container.host.networkMode,
      ...(Object.keys(container.host.annotations).length === 0
        ? {}
        : { Annotations: { ...container.host.annotations } }),
    },
    NetworkSettings: { Networks: presentEndpoints(container) },
    Mounts: presentMounts(container.mounts),
    argv,
    typedImage: container.config.image,
    anyTag: input.anyTag,
    exitCode: container.state.exitCode,
  };
};

/** One entry per binding, one for each port that is only exposed; none while nothing runs. */
const presentPorts = ({ config, published, state }: Container): Static<typeof PortAnswer>[] => {
  if (state.pid === 0) return [];
  const bound = new Set(published.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`));
  const exposed = config.exposedPorts.filter((port) => !bound.has(port)).map(exposedPort);
  const open = published.map(({ hostIp, containerPort, hostPort, protocol }) => ({
    IP: hostIp,
    PrivatePort: containerPort,
    PublicPort: hostPort,
    Type: protocol,
  }));
  return [...exposed, ...open].toSorted(
    (a, b) => a.PrivatePort - b.PrivatePort || a.Type.localeCompare(b.Type),
  );
};

const exposedPort = (port: string): Static<typeof PortAnswer> => {
  const [number = '0', protocol = 'tcp'] = port.split('/');
  return { PrivatePort: Number(number), Type: protocol };
};
