import { EngineError } from '#domain/error/engine-error.ts';
import type { RuntimeConsole } from '#engine/ports/container-runtime.ts';
import { connectSeqpacket } from '#adapters/libc/unix-sockets.ts';
import type { Tracked } from '#adapters/oci-cli/record.ts';
import { ChunkQueue } from './chunk-queue.ts';
import { openPacketSocket } from './packet-socket.ts';

/** First byte of each packet that conmon sends. */
const standardError = 3;

/**
 * The connection to a container's stdio through its monitor. There is to be one per container: the monitor
 * closes stdin when any client leaves (unless stdin stays open), and waits for the slowest.
 */
export const openConsole = (tracked: Tracked): RuntimeConsole => {
  const { bundle, record } = tracked;
  const descriptor = connect(bundle.attachSocket, record.id);
  const queue = new ChunkQueue(() => socket.resume());
  const socket = openPacketSocket(descriptor, {
    onPacket: (packet) => {
      const stream = packet[0] === standardError ? 'stderr' : 'stdout';
      return packet.length <= 1 || queue.push({ stream, bytes: packet.subarray(1) });
    },
    onEnd: () => queue.end(),
  });
  return {
    output: queue,
    write: (bytes) => socket.write(bytes),
    closeInput: () => socket.end(),
    close: () => {
      socket.destroy();
      queue.end();
    },
  };
};

const connect = (path: string, id: string): number => {
  try {
    return connectSeqpacket(path);
  } catch (error) {
    // Nobody listens, or the folder is gone: the monitor has ended.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error;
    throw new EngineError('not-found', 'runtime.console', `the output of container ${id} has ended`, {
      cause: error,
    });
  }
};
