import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';
import { duplicate, makeSocketPair, receiveWaiting } from '#adapters/libc/unix-sockets.ts';
import { openRelayedSocket } from './relayed-socket.ts';
import { endWriting, writeAll } from './write-all.ts';

/** conmon reads at most this much of one packet; the rest of a longer one would be lost. */
const packetBytes = 8192;
/** More than it sends in one. */
const packetRoom = 64 * 1024;

export type PacketSocket = {
  /**
   * Splits into packets and sends them one after the other; resolves when the kernel has taken all, or the
   * other side no longer reads.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** No more writes, once those before are done. */
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
 * file that touches that handle; where a Node version has changed it, a thread does the same, slower.
 */
export const openPacketSocket = (descriptor: number, events: PacketEvents): PacketSocket => {
  const handle = adoptDescriptor(descriptor);
  if (handle === undefined) return openRelayedSocket(descriptor, events);
  const socket = makeSocket(handle, events);
  // Node drops a socket at its first error, with all that waits to be read; the second door still leads there.
  const spare = duplicate(descriptor);
  // Reset by a dying monitor: the end follows by `close`.
  socket.on('error', () => {});
  socket.on('close', (hadError) => {
    if (hadError) readRest(spare, events);
    closeSync(spare);
    events.onEnd();
  });
  // A half-closed stream never closes by itself.
  socket.on('end', () => socket.destroy());
  socket.resume();
  let last: Promise<void> = Promise.resolve();
  return {
    write: (bytes) => (last = last.then(() => writePackets(socket, bytes))),
    end: () => (last = last.then(() => endWriting(socket))),
    resume: () => void socket.resume(),
    destroy: () => void socket.destroy(),
  };
};

/** What the other side said before it went, which is no more than one socket's buffer holds. */
const readRest = (descriptor: number, { onPacket }: PacketEvents): void => {
  const buffer = Buffer.allocUnsafe(packetRoom);
  for (;;) {
    const length = receiveWaiting(descriptor, buffer);
    if (length === undefined || length === 0) return;
    onPacket(Buffer.from(buffer.subarray(0, length)));
  }
};

/** One at a time: Node would join waiting writes into one packet. */
const writePackets = async (socket: Socket, bytes: Uint8Array): Promise<void> => {
  for (let start = 0; start < bytes.length; start += packetBytes) {
    await writeAll(socket, bytes.subarray(start, start + packetBytes));
  }
};

const makeSocket = (handle: object, { onPacket }: PacketEvents): Socket => {
  const onread: OnReadOpts = {
    buffer: Buffer.allocUnsafe(packetRoom),
    callback: (length, part) => onPacket(Buffer.from(part.subarray(0, length))),
  };
  const options: SocketConstructorOpts = { allowHalfOpen: true, onread };
  return new Socket(Object.assign(options, { handle }));
};

type PipeHandle = { open(descriptor: number): unknown };
type PipeConstructor = new (type: number) => PipeHandle;

let pipeConstructor: PipeConstructor | undefined;

/** Undefined, and the descriptor untouched, where Node has no such handle any more. */
const adoptDescriptor = (descriptor: number): object | undefined => {
  pipeConstructor ??= findPipeConstructor();
  if (pipeConstructor === undefined) return undefined;
  const handle = new pipeConstructor(0);
  handle.open(descriptor);
  return handle;
};

/** Any socket of the Pipe kind shows its handle's constructor. */
const findPipeConstructor = (): PipeConstructor | undefined => {
  const [ours, theirs] = makeSocketPair();
  closeSync(theirs);
  const sample = new Socket({ fd: ours });
  sample.on('error', () => {});
  const handle: unknown = Reflect.get(sample, '_handle');
  sample.destroy();
  if (typeof handle !== 'object' || handle === null || !('open' in handle)) return undefined;
  return handle.constructor as PipeConstructor;
};
