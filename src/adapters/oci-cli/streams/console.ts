import { EngineError } from '#domain/error/engine-error.ts';
import type { RuntimeConsole } from '#engine/ports/container-runtime.ts';
import { connectSeqpacket } from '#adapters/libc/unix-sockets.ts';
import type { Tracked } from '#adapters/oci-cli/record.ts';
import { isAlive } from '#adapters/oci-cli/process/process-identity.ts';
import { ChunkQueue } from './chunk-queue.ts';
import { openPacketSocket } from './packet-socket.ts';

/** How often a process whose output waits for its reader is looked at. */
const lookMs = 100;

/** First byte of each packet that conmon sends. */
const standardError = 3;

/**
 * The connection to a container's stdio through its monitor. There is to be one per container: the monitor
 * closes stdin when any client leaves (unless stdin stays open), and waits for the slowest.
 */
export const openConsole = (tracked: Tracked): RuntimeConsole => {
  const { bundle, record } = tracked;
  const descriptor = connect(bundle.attachSocket, record.id);
  const queue = new ChunkQueue(() => goOn());
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const goOn = (): void => {
    clearInterval(timer);
    timer = undefined;
    socket.resume();
  };
  // The monitor waits for us, and would not see the end of its process meanwhile. What an ended one has left is little.
  const look = (): void => {
    if (tracked.record.process === undefined || isAlive(tracked.record.process)) return;
    isOver = true;
    goOn();
  };
  const waits = (): boolean => {
    if (isOver) return true;
    timer ??= setInterval(look, lookMs).unref();
    return false;
  };
  const socket = openPacketSocket(descriptor, {
    onPacket: (packet) => {
      const stream = packet[0] === standardError ? 'stderr' : 'stdout';
      return packet.length <= 1 || queue.push({ stream, bytes: packet.subarray(1) }) || waits();
    },
    onEnd: () => {
      clearInterval(timer);
      queue.end();
    },
  });
  return {
    output: queue,
    write: (bytes) => socket.write(bytes),
    closeInput: () => socket.end(),
    close: () => {
      clearInterval(timer);
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
