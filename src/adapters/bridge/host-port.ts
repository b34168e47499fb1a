import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import {
  bindSocket,
  closeSocket,
  ipv4SocketAddress,
  listenOnSocket,
  openSocket,
  socketNumbers,
} from '#adapters/libc/network-sockets.ts';

export type Target = { readonly address: string; readonly port: number };

export type HostPort = {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** A literal address: `0.0.0.0`, `::`, `127.0.0.1`... */
  readonly address: string;
  readonly port: number;
};

/** Holds a host port so that nobody else takes it, until closed. */
export type HeldPort = { close(): void };

/**
 * Takes a host port as any server would; rejects with EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT... IPv4
 * packets are rewritten by the kernel before they reach the socket; what does reach it (IPv6, or IPv4
 * while somebody has emptied the firewall, or a client older than the rule) is passed on by hand.
 */
export const holdPort = async (wanted: HostPort, target: Target): Promise<HeldPort> => {
  if (wanted.protocol === 'tcp') return holdTcp(wanted, target);
  if (wanted.protocol === 'udp') return holdUdp(wanted, target);
  return holdSctp(wanted);
};

const holdTcp = async ({ address, port }: HostPort, target: Target): Promise<HeldPort> => {
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ host: target.address, port: target.port, allowHalfOpen: true });
    clients.add(client);
    join(client, upstream);
    join(upstream, client);
    client.on('close', () => clients.delete(client));
  });
  // SO_REUSEADDR is set by Node, so connections of an earlier holder that linger do not matter.
  server.listen({ host: address, port, ipv6Only: isIPv6(address), exclusive: true });
  await once(server, 'listening');
  return {
    close: () => {
      server.close();
      for (const client of clients) client.destroy();
    },
  };
};

/** One direction: bytes, the end, and the end of all on failure. */
const join = (from: Socket, to: Socket): void => {
  from.setNoDelay(true);
  from.pipe(to);
  // The failure itself concerns only the two peers, who see the closed connection.
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroySoon());
};

/** An exchange of datagrams is over when neither side has spoken for this long. */
const udpIdleMs = 60_000;

const holdUdp = async ({ address, port }: HostPort, target: Target): Promise<HeldPort> => {
  const isV6 = isIPv6(address);
  const server = createSocket({ type: isV6 ? 'udp6' : 'udp4', ipv6Only: isV6 });
  const exchanges = new Map<string, { socket: DatagramSocket; timer: NodeJS.Timeout }>();
  const end = (key: string): void => {
    const exchange = exchanges.get(key);
    if (exchange === undefined) return;
    clearTimeout(exchange.timer);
    exchange.socket.close();
    exchanges.delete(key);
  };
  const begin = (key: string, peer: RemoteInfo): DatagramSocket => {
    const socket = createSocket('udp4');
    socket.on('message', (answer) => {
      exchanges.get(key)?.timer.refresh();
      server.send(answer, peer.port, peer.address);
    });
    // The container refuses (ECONNREFUSED): as with a lost datagram, the client must try again.
    socket.on('error', () => end(key));
    exchanges.set(key, { socket, timer: setTimeout(() => end(key), udpIdleMs) });
    socket.connect(target.port, target.address);
    return socket;
  };
  server.on('message', (data, peer) => {
    const key = `${peer.address} ${peer.port}`;
    const present = exchanges.get(key);
    present?.timer.refresh();
    if (present !== undefined) return present.socket.send(data, ignoreLoss);
    const socket = begin(key, peer);
    socket.once('connect', () => socket.send(data, ignoreLoss));
    return undefined;
  });
  server.bind({ address, port, exclusive: true });
  await once(server, 'listening');
  // After binding, errors are those of single datagrams (unreachable peers).
  server.on('error', ignoreLoss);
  return {
    close: () => {
      server.close();
      for (const key of exchanges.keys()) end(key);
    },
  };
};

/** Datagrams may be lost. */
const ignoreLoss = (): void => {};

const sctpProtocol = 132;

/** Held only, never read. */
const holdSctp = ({ address, port }: HostPort): HeldPort => {
  if (isIPv6(address)) throw Object.assign(new Error('no SCTP over IPv6'), { code: 'EAFNOSUPPORT' });
  const descriptor = openSocket(socketNumbers.inet, socketNumbers.stream, sctpProtocol);
  try {
    bindSocket(descriptor, ipv4SocketAddress(address, port));
    listenOnSocket(descriptor, 1);
  } catch (error) {
    closeSocket(descriptor);
    throw error;
  }
  return { close: () => closeSocket(descriptor) };
};
