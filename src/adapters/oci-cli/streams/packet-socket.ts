import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';
import { makeSocketPair } from '#adapters/libc/unix-sockets.ts';

/** conmon reads at most this much of one packet; the rest of a longer one would be lost. */
const packetBytes = 8192;

export type PacketSocket = {
  /** Splits into packets and sends them one after the other; resolves when the kernel has taken all. */
  write(bytes: Uint8Array): Promise<void>;
  /** No more writes. */
  end(): Promise<void>;
  resume(): void;
  destroy(): void;
};

export type PacketEvents = {
  /** One packet; the memory is the receiver's own. False pauses until `resume`. */
  readonly onPacket: (packet: Buffer) => boolean;
  readonly onEnd: () => void;
};

/**
 * A connected SOCK_SEQPACKET descriptor on Node's event loop. Node opens such descriptors through no
 * public door, but its Pipe handle takes any socket and reads it one packet at a time. This is the one
 * file that touches that handle; `openPacketSocket` throws where a Node version has changed it.
 */
export const openPacketSocket = (descriptor: number, events: PacketEvents): PacketSocket => {
  const socket = makeSocket(adoptDescriptor(descriptor), events);
  // Reset by a dying monitor: the end follows by `close`.
  socket.on('error', () => {});
  socket.on('close', events.onEnd);
  // A half-closed stream never closes by itself.
  socket.on('end', () => socket.destroy());
  socket.resume();
  return {
    write: async (bytes) => {
      // One at a time: Node would join waiting writes into one packet.
      for (let start = 0; start < bytes.length; start += packetBytes) {
        await send(socket, bytes.subarray(start, start + packetBytes));
      }
    },
    end: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.end(resolve);
      return promise;
    },
    resume: () => void socket.resume(),
    destroy: () => void socket.destroy(),
  };
};

const send = (socket: Socket, packet: Uint8Array): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.write(packet, (error) => (error === undefined || error === null ? resolve() : reject(error)));
  return promise;
};

const makeSocket = (handle: object, { onPacket }: PacketEvents): Socket => {
  const onread: OnReadOpts = {
    buffer: Buffer.allocUnsafe(64 * 1024),
    callback: (length, part) => onPacket(Buffer.from(part.subarray(0, length))),
  };
  const options: SocketConstructorOpts = { allowHalfOpen: true, onread };
  return new Socket(Object.assign(options, { handle }));
};

type PipeHandle = { open(descriptor: number): unknown };
type PipeConstructor = new (type: number) => PipeHandle;

let pipeConstructor: PipeConstructor | undefined;

const adoptDescriptor = (descriptor: number): object => {
  pipeConstructor ??= findPipeConstructor();
  const handle = new pipeConstructor(0);
  handle.open(descriptor);
  return handle;
};

/** Any socket of the Pipe kind shows its handle's constructor. */
const findPipeConstructor = (): PipeConstructor => {
  const [ours, theirs] = makeSocketPair();
  closeSync(theirs);
  const sample = new Socket({ fd: ours });
  sample.on('error', () => {});
  const handle: unknown = Reflect.get(sample, '_handle');
  sample.destroy();
  if (typeof handle !== 'object' || handle === null || !('open' in handle)) {
    throw new Error('this version of Node hides its pipe handle');
  }
  return handle.constructor as PipeConstructor;
};
