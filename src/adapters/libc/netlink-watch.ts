import { parseMessages } from '#formats/netlink/message.ts';
import type { Message } from '#formats/netlink/message.ts';
import { check, libc, SystemCallError } from './library.ts';
import { netlinkProtocols } from './netlink.ts';
import {
  bindSocket,
  closeSocket,
  openSocket,
  receiveDatagram,
  setSocketOption,
  socketNumbers,
} from './network-sockets.ts';

/**
 * The signal that tells of news. Ignored by whoever does not listen to it, so that none is killed by one that comes
 * early or late.
 */
export const NEWS_SIGNAL = 'SIGURG';
const newsSignal = 23;

/** rtnetlink(7) and nfnetlink groups. */
export const netlinkGroups = { route: { ipv4Addresses: 5 }, netfilter: { nftables: 7 } } as const;

const membership = { level: 270, name: 1 } as const;
/** fcntl(2). */
const commands = { setFlags: 4, setOwner: 8, setSignal: 10 } as const;
const asynchronous = 0o20000;

const fcntlCall = libc.func('int fcntl(int fd, int command, int value)');

/** struct sockaddr_nl: the kernel chooses the port. */
const anyNetlinkAddress = (): Buffer => {
  const buffer = Buffer.alloc(12);
  buffer.writeUInt16LE(socketNumbers.netlink, 0);
  return buffer;
};

const control = (descriptor: number, command: number, value: number): void => {
  check('fcntl', fcntlCall(descriptor, command, value) as number);
};

/**
 * What the kernel says of changes by others, in the namespace of the calling thread. Nobody waits and nobody asks in
 * turns: the process gets a signal when there is something to take.
 */
export class NetlinkWatch {
  readonly #descriptor: number;
  readonly #buffer = Buffer.allocUnsafe(1 << 16);

  constructor(protocol: keyof typeof netlinkProtocols, group: number) {
    this.#descriptor = openSocket(socketNumbers.netlink, socketNumbers.raw, netlinkProtocols[protocol]);
    // Who has no address hears nothing.
    bindSocket(this.#descriptor, anyNetlinkAddress());
    setSocketOption(this.#descriptor, { ...membership, value: group });
    control(this.#descriptor, commands.setOwner, process.pid);
    control(this.#descriptor, commands.setSignal, newsSignal);
    control(this.#descriptor, commands.setFlags, asynchronous | socketNumbers.nonBlocking);
  }

  /** Everything since the last time; undefined when there was more than the kernel kept. */
  take(): Message[] | undefined {
    const messages: Message[] = [];
    let isWhole = true;
    for (;;) {
      try {
        const length = receiveDatagram(this.#descriptor, this.#buffer);
        if (length === undefined) return isWhole ? messages : undefined;
        messages.push(...parseMessages(Buffer.from(this.#buffer.subarray(0, length))));
      } catch (error) {
        if (!(error instanceof SystemCallError) || error.code !== 'ENOBUFS') throw error;
        isWhole = false;
      }
    }
  }

  close(): void {
    closeSocket(this.#descriptor);
  }
}
