import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { makeSocketPair, setBlocking } from '#adapters/libc/unix-sockets.ts';
import type { RelayData } from './packet-relay-thread.ts';
import { endWriting, writeAll } from './write-all.ts';
import type { PacketEvents, PacketSocket } from './packet-socket.ts';

/** Length of a packet, before it, on the stream between the thread and us. */
const headerBytes = 2;

/**
 * A packet socket without Node's inner handles: a thread reads and writes it and talks to us over a stream.
 * For versions of Node that `openPacketSocket` does not know; costs a thread for each container.
 */
export const openRelayedSocket = (descriptor: number, events: PacketEvents): PacketSocket => {
  const [ours, theirs] = makeSocketPair();
  setBlocking(descriptor);
  const workerData: RelayData = { packets: descriptor, stream: theirs };
  // The thread closes descriptors that were opened here: no tracking, which would warn of each.
  const options = { workerData, trackUnmanagedFds: false };
  new Worker(new URL('packet-relay-thread.ts', import.meta.url), options).unref();
  const socket = new Socket({ fd: ours, allowHalfOpen: true });
  const frames = new FrameSplitter(events.onPacket);
  // The thread ended with the monitor: `close` follows.
  socket.on('error', () => {});
  socket.on('end', () => socket.destroy());
  // It may close while packets wait here for their receiver: the end comes after them.
  let isClosed = false;
  let isOver = false;
  const endWhenDelivered = (): void => {
    if (!isClosed || isOver || frames.holdsPacket) return;
    isOver = true;
    events.onEnd();
  };
  socket.on('close', () => {
    isClosed = true;
    endWhenDelivered();
  });
  const deliver = (bytes: Buffer): void => {
    if (!frames.take(bytes)) socket.pause();
  };
  socket.on('data', deliver);
  return {
    write: (bytes) => writeAll(socket, bytes),
    end: () => endWriting(socket),
    resume: () => {
      if (frames.take(Buffer.alloc(0))) socket.resume();
      endWhenDelivered();
    },
    destroy: () => {
      frames.drop();
      socket.destroy();
    },
  };
};

/** Cuts a stream of frames into packets, and stops where its receiver says so. */
export class FrameSplitter {
  #waiting: Buffer = Buffer.alloc(0);
  readonly #onPacket: (packet: Buffer) => boolean;

  constructor(onPacket: (packet: Buffer) => boolean) {
    this.#onPacket = onPacket;
  }

  /** Whether a whole packet waits for the next call. */
  get holdsPacket(): boolean {
    const { length } = this.#waiting;
    return length >= headerBytes && length >= headerBytes + this.#waiting.readUInt16LE();
  }

  /** Nobody wants what waits. */
  drop(): void {
    this.#waiting = Buffer.alloc(0);
  }

  /** False when the receiver wants a pause; whole packets may wait then until the next call. */
  take(bytes: Buffer): boolean {
    this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    for (;;) {
      if (this.#waiting.length < headerBytes) return true;
      const end = headerBytes + this.#waiting.readUInt16LE();
      if (this.#waiting.length < end) return true;
      const packet = Buffer.from(this.#waiting.subarray(headerBytes, end));
      this.#waiting = this.#waiting.subarray(end);
      if (!this.#onPacket(packet)) return false;
    }
  }
}
