import type { PortMapping } from '#domain/pod/spec.ts';
import type { Pod, PublishedMapping } from '#domain/pod/pod.ts';

/**
 * The mappings of a pod, newest first. Where the choice of the host's port was the daemon's, the one it took while the
 * pod runs: there is no other place to read it.
 */
export const presentPorts = ({ spec, published }: Pod): PortMapping[] =>
  spec.portMappings.map((mapping) => {
    const found = published.find((one) => isOf(one, mapping));
    const { containerPort, protocol } = mapping;
    return { containerPort, hostPort: chosen(found) ?? mapping.hostPort, protocol };
  });

const isOf = ({ mapping }: PublishedMapping, asked: PortMapping): boolean =>
  mapping.containerPort === asked.containerPort &&
  mapping.hostPort === asked.hostPort &&
  mapping.protocol === asked.protocol;

/** As text, if one number or range says it. Ports are there once for each family of addresses. */
const chosen = (found: PublishedMapping | undefined): string | undefined => {
  const byPort = new Map((found?.ports ?? []).map((one) => [one.containerPort, one.hostPort]));
  const ports = [...byPort.values()];
  const [first] = ports;
  if (first === undefined || ports.some((port, index) => port !== first + index)) return undefined;
  return ports.length === 1 ? String(first) : `${first}-${first + ports.length - 1}`;
};
