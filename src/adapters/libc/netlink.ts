import { messageTypes, parseAcknowledgement, parseMessages, setSequence } from '#formats/netlink/message.ts';
import type { Acknowledgement, Message } from '#formats/netlink/message.ts';
import { SystemCallError } from './library.ts';
import {
  closeSocket,
  openSocket,
  receiveDatagram,
  sendDatagram,
  setSocketOption,
  socketNumbers,
} from './network-sockets.ts';

/** netlink(7) protocols. */
export const netlinkProtocols = { route: 0, netfilter: 12 } as const;

const solNetlink = 270;
const options = { cappedAcknowledgement: 10, extendedAcknowledgement: 11 } as const;

/**
 * A netlink socket of the namespace in which the calling thread stood when it was made. Every call
 * blocks the thread while the kernel works: the kernel answers within send(2), so replies are read
 * without waiting. Rtnetlink waits for a lock that the death of any namespace holds for 15-35 ms.
 */
export class NetlinkSocket {
  readonly #descriptor: number;
  readonly #name: string;
  readonly #buffer = Buffer.allocUnsafe(1 << 16);
  #sequence = 0;

  constructor(protocol: keyof typeof netlinkProtocols) {
    this.#name = `netlink ${protocol}`;
    this.#descriptor = openSocket(socketNumbers.netlink, socketNumbers.raw, netlinkProtocols[protocol]);
    setSocketOption(this.#descriptor, { level: solNetlink, name: options.cappedAcknowledgement, value: 1 });
    setSocketOption(this.#descriptor, { level: solNetlink, name: options.extendedAcknowledgement, value: 1 });
  }

  /**
   * Sends the messages as one datagram and throws the first failure as a SystemCallError with
   * `purpose` in its text. Rtnetlink does them one by one; nfnetlink does a batch as a whole.
   */
  request(purpose: string, messages: readonly Buffer[]): void {
    for (const { errno, reason } of this.#exchange(messages).acknowledgements) {
      if (errno !== 0) throw this.#failure(purpose, errno, reason);
    }
  }

  /** As `request`, but gives back each message's errno (0 = done; undefined = no answer). */
  attempt(messages: readonly Buffer[]): (Acknowledgement | undefined)[] {
    const first = this.#sequence + 1;
    const { acknowledgements } = this.#exchange(messages);
    return messages.map((_, index) => acknowledgements.find(({ sequence }) => sequence === first + index));
  }

  /** Asks for one thing or for all (NLM_F_DUMP); the answers' bodies with their types. */
  query(purpose: string, message: Buffer): Message[] {
    const { acknowledgements, replies } = this.#exchange([message]);
    for (const { errno, reason } of acknowledgements) {
      if (errno !== 0) throw this.#failure(purpose, errno, reason);
    }
    return replies;
  }

  close(): void {
    closeSocket(this.#descriptor);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #failure(purpose: string, errno: number, reason: string): SystemCallError {
    return new SystemCallError(this.#name, errno, reason === '' ? purpose : `${purpose} (${reason})`);
  }

  #exchange(messages: readonly Buffer[]): { acknowledgements: Acknowledgement[]; replies: Message[] } {
    const first = this.#sequence + 1;
    for (const message of messages) setSequence(message, ++this.#sequence);
    sendDatagram(this.#descriptor, Buffer.concat(messages));
    const acknowledgements: Acknowledgement[] = [];
    const replies: Message[] = [];
    for (;;) {
      const length = receiveDatagram(this.#descriptor, this.#buffer);
      if (length === undefined) return { acknowledgements, replies };
      // Copied: the next datagram of a dump goes into the same buffer.
      const datagram = Buffer.from(this.#buffer.subarray(0, length));
      for (const message of parseMessages(datagram)) {
        if (message.sequence < first) continue;
        if (message.type === messageTypes.error) acknowledgements.push(parseAcknowledgement(message));
        else if (message.type === messageTypes.done) return { acknowledgements, replies };
        else replies.push(message);
      }
    }
  }
}
