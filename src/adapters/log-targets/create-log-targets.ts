import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { NetConnectOpts, Socket } from 'node:net';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { engineError } from '#domain/error/catalogue.ts';
import type { LogTarget, LogTargets } from '#engine/ports/log-targets.ts';
import { connectDatagram, sendDatagram } from '#adapters/libc/unix-sockets.ts';

/** Where a machine's own syslog listens. */
const JOURNAL_PATH = '/run/systemd/journal/socket';
const LOCAL_PATHS = ['/dev/log', '/var/run/syslog', '/var/run/log'] as const;
const WAITING_LIMIT_BYTES = 1024 * 1024;

/** Opens sockets of log services; see `LogTargets`. */
export const createLogTargets = (): LogTargets => ({
  open: async (address) => {
    switch (address.kind) {
      case 'udp':
        return openUdp(address.host, address.port);
      case 'tcp':
        return openStream({ host: address.host, port: address.port });
      case 'unix':
        return openUnix(address.path);
      default:
        return openLocal();
    }
  },
  openJournal: async () => {
    try {
      return openDatagram(JOURNAL_PATH, connectDatagram(JOURNAL_PATH));
    } catch (error) {
      throw engineError(
        'log.target',
        { driver: 'journald', problem: 'journald is not enabled on this host' },
        error,
      );
    }
  },
});

const unreachable = (problem: string, cause?: unknown): Error =>
  engineError('log.target', { driver: 'syslog', problem }, cause);

const openUdp = (host: string, port: number): LogTarget => {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').unref();
  // Nobody listens there now: the next message may find somebody.
  socket.on('error', () => {});
  return {
    send: async (message) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.send(message, port, host, () => resolve());
      await promise;
    },
    close: () => socket.close(),
  };
};

const openLocal = async (): Promise<LogTarget> => {
  for (const path of LOCAL_PATHS) {
    try {
      return await openUnix(path);
    } catch {
      // The next one, then.
    }
  }
  throw unreachable('Unix syslog delivery error');
};

const openUnix = async (path: string): Promise<LogTarget> => {
  try {
    return openDatagram(path, connectDatagram(path));
  } catch {
    // Not one for datagrams, or not there.
    return openStream({ path });
  }
};

const openDatagram = (path: string, first: number): LogTarget => {
  let descriptor: number | undefined = first;
  const drop = (): void => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  return {
    send: async (message) => {
      try {
        descriptor ??= connectDatagram(path);
        if (!sendDatagram(descriptor, bytesOf(message))) drop();
      } catch {
        drop();
      }
    },
    close: drop,
  };
};

const bytesOf = (message: string | Uint8Array): Uint8Array =>
  typeof message === 'string' ? Buffer.from(message) : message;

const openStream = async (where: NetConnectOpts): Promise<LogTarget> => {
  let socket: Socket | undefined;
  const open = async (): Promise<Socket> => {
    const fresh = connect(where).unref();
    try {
      await once(fresh, 'connect');
    } catch (error) {
      throw unreachable(error instanceof Error ? error.message : String(error), error);
    }
    fresh.on('error', () => {});
    fresh.on('close', () => {
      if (socket === fresh) socket = undefined;
    });
    // What a log service answers is for nobody.
    return fresh.resume();
  };
  socket = await open();
  return {
    send: async (message) => {
      socket ??= await open().catch(() => undefined);
      if (socket !== undefined && socket.writableLength < WAITING_LIMIT_BYTES) socket.write(message);
    },
    close: () => socket?.end(),
  };
};
