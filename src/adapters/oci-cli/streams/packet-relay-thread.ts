import { closeSync, readSync, writeSync } from 'node:fs';
import { threadData } from '#adapters/libc/thread-calls.ts';
import { receiveWaiting, shutDownWriting, waitForInput } from '#adapters/libc/unix-sockets.ts';

/** Descriptors this thread owns: the packet socket, and its end of a stream pair. Both block. */
export type RelayData = { readonly packets: number; readonly stream: number };

const packetBytes = 8192;
/** Length of a packet, before it, on the stream. */
const frameHeaderBytes = 2;

/** Packets become frames on the stream; bytes of the stream become packets. Ends when both sides have. */
const relay = ({ packets, stream }: RelayData): void => {
  const frame = Buffer.alloc(frameHeaderBytes + packetBytes + 1);
  let open = [packets, stream];
  for (;;) {
    const ready = waitForInput(open);
    if (ready.includes(packets)) {
      const length = receiveWaiting(packets, frame.subarray(frameHeaderBytes));
      if (length === 0) return;
      frame.writeUInt16LE(length ?? 0);
      if (length !== undefined) writeAll(stream, frame.subarray(0, frameHeaderBytes + length));
    }
    if (ready.includes(stream)) {
      const length = readSync(stream, frame, 0, packetBytes, null);
      if (!pass(packets, frame.subarray(0, length))) open = [packets];
    }
  }
};

/** Input for the other side, none = its end. False when no more can follow; what that side said can still be read. */
const pass = (packets: number, input: Uint8Array): boolean => {
  try {
    if (input.length > 0) writeAll(packets, input);
    else shutDownWriting(packets);
    return input.length > 0;
  } catch {
    return false;
  }
};

const writeAll = (descriptor: number, bytes: Uint8Array): void => {
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
};

const data = threadData() as RelayData;
try {
  relay(data);
} catch {
  // Either side is gone (EPIPE, ECONNRESET): that is the end.
} finally {
  closeSync(data.packets);
  closeSync(data.stream);
}
