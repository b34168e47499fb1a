import { formatDeleteFlow, formatGetFlows, parseFlow } from '#formats/netlink/flows.ts';
import type { NetlinkSocket } from '#adapters/libc/netlink.ts';
import type { PortRule } from './firewall.ts';

const udp = 17;

/**
 * Forgets the UDP flows of withdrawn ports. Without that, a client that goes on sending would reach
 * the old address for as long as it does not pause (TCP flows end by themselves).
 */
export const forgetFlows = (socket: NetlinkSocket, rules: readonly PortRule[]): void => {
  const gone = rules.filter(({ protocol }) => protocol === 'udp');
  for (const address of new Set(gone.map((rule) => rule.address))) {
    const bytes = Uint8Array.from(address.split('.'), Number);
    const flows = socket
      .query(`reading flows of ${address}`, formatGetFlows({ address: bytes, protocol: udp }))
      .flatMap(({ body }) => parseFlow(body) ?? [])
      .filter((flow) =>
        gone.some(
          (rule) =>
            flow.protocol === udp &&
            flow.replySource === rule.address &&
            flow.replyPort === rule.containerPort &&
            flow.originalPort === rule.hostPort,
        ),
      );
    // One that has ended meanwhile (ENOENT) is what we want.
    if (flows.length > 0) socket.attempt(flows.map(formatDeleteFlow));
  }
};
