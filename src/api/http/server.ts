import { createServer as createPlainServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { serveTaken } from './raw/serve-taken.ts';
import { markTakeOvers } from './raw/take-over.ts';
import { isWebSocketRequest } from './raw/websocket.ts';

import { Connection } from './serve/connection.ts';
import { refuseConnect, refuseMalformed } from './serve/refuse.ts';
import { serveOrdinary } from './serve/serve-ordinary.ts';
import type { Serving } from './serve/serving.ts';
import { parseTarget } from './serve/target.ts';
import { Turns } from './serve/turns.ts';

/** All as PEM. */
export type TlsOptions = {
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
  /** Who signs the clients' certificates. */
  readonly ca?: string | Uint8Array;
  /** Turns clients away that have no certificate of `ca`. */
  readonly verifyClients?: boolean;
};

export type HttpServer = {
  readonly server: Server;
  readonly close: (graceMs: number) => Promise<void>;
};

/** Default: a minute for a head, a look at every connection each second, 4096 connections. */
export type Limits = {
  readonly headersTimeout?: number;
  readonly connectionsCheckingInterval?: number;
  readonly checkEveryMs?: number;
  /** Beyond it, those that ask nothing are closed, oldest first. */
  readonly mostConnections?: number;
};

const CHECK_EVERY_MS = 1000;
const MOST_CONNECTIONS = 4096;

const SETTINGS = {
  maxHeaderSize: 1024 * 1024, // whole configurations travel in URLs
  requestTimeout: 0, // a build's context may take its time
  headersTimeout: 60_000,
  keepAliveTimeout: 75_000, // longer than clients keep idle connections, so that they close first
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
  requireHostHeader: false, // on a Unix socket there is no host to name
};

/** Our connections over Node's server, which is not listening yet. */
export function createHttpServer(
  serving: Serving,
  tls: TlsOptions | undefined,
  { checkEveryMs = CHECK_EVERY_MS, mostConnections = MOST_CONNECTIONS, ...timeouts }: Limits = {},
): HttpServer {
  const connections = new Map<Duplex, Connection>();
  const sockets = new Set<Socket>();
  const turns = new Turns();
  const wantsTakeOver = (message: IncomingMessage): boolean =>
    isWebSocketRequest(message) ||
    serving.mayHijack(message.method ?? 'GET', parseTarget(message.url ?? '/').path);
  const settings = { ...SETTINGS, ...timeouts, shouldUpgradeCallback: wantsTakeOver };
  const server =
    tls === undefined
      ? createPlainServer(settings)
      : createTlsServer({ ...settings, ...tlsSettings(tls), allowHalfOpen: true });
  // Node closes a connection at the client's FIN unless told otherwise (no public option yet).
  Reflect.set(server, 'httpAllowHalfOpen', true);
  const opening = tls === undefined ? 'connection' : 'secureConnection';
  server.on('connection', (socket: Socket) => keep(sockets, socket));
  server.on(opening, (socket: Socket) => {
    const isKnown = connections.has(socket);
    if (!isKnown && connections.size >= mostConnections && !closeOneIdle(connections)) {
      socket.destroy();
      return;
    }
    markTakeOvers(socket, wantsTakeOver);
    connections.set(socket, new Connection(socket, turns));
    if (!isKnown) socket.once('close', () => connections.delete(socket));
  });
  // To the parser again, as if it had just been opened (a documented use of the event).
  const giveBack = (socket: Socket, rest: Uint8Array): void => {
    if (rest.length > 0) socket.unshift(rest);
    server.emit(opening, socket);
    socket.resume();
  };
  route(server, serving, { connections, giveBack });
  const checks = setInterval(() => {
    for (const connection of connections.values()) connection.check();
  }, checkEveryMs);
  checks.unref();
  server.once('close', () => clearInterval(checks));
  return { server, close: (graceMs) => closeServer(server, connections, sockets, graceMs) };
}

type Routing = {
  readonly connections: ReadonlyMap<Duplex, Connection>;
  /** Of a connection that was taken, and that goes on with ordinary requests, `rest` first. */
  readonly giveBack: (socket: Socket, rest: Uint8Array) => void;
};

function route(server: Server, serving: Serving, { connections, giveBack }: Routing): void {
  const serve = (message: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void => {
    const connection = connections.get(message.socket);
    if (connection === undefined) return;
    serveOrdinary(serving, connection, { message, response, expectsContinue }).catch(cut(connection));
  };
  server.on('request', (message, response) => serve(message, response, false));
  server.on('checkContinue', (message, response) => serve(message, response, true));
  server.on('upgrade', (message, socket, head) => {
    const connection = connections.get(socket);
    if (connection === undefined) return;
    serveTaken(serving, connection, message, {
      head: connection.takeOver(head),
      giveBack: (rest) => giveBack(connection.socket, rest),
    }).catch(cut(connection));
  });
  server.on('connect', (_message, socket) => refuseConnect(socket));
  server.on('clientError', (error, socket) => {
    const connection = connections.get(socket);
    if (connection === undefined) {
      socket.destroy(); // the TLS handshake failed: there is nothing to write through
      return;
    }
    refuseMalformed(error, socket);
    connection.abandon();
  });
  server.on('error', () => undefined); // one failed accept is no reason to fall over
}

/** Makes room for a new client: its descriptors are also those of containers that start. False when all are busy. */
function closeOneIdle(connections: Map<Duplex, Connection>): boolean {
  for (const [socket, connection] of connections) {
    if (connection.isBusy) continue;
    socket.destroy();
    return connections.delete(socket);
  }
  return false;
}

/** A hook of the listener failed: that client suffers, nobody else. */
const cut = (connection: Connection) => (): void => {
  connection.socket.destroy();
};

const tlsSettings = ({ cert, key, ca, verifyClients = false }: TlsOptions) => ({
  cert: toBuffer(cert),
  key: toBuffer(key),
  ...(ca === undefined ? {} : { ca: toBuffer(ca) }),
  requestCert: verifyClients,
  rejectUnauthorized: verifyClients,
});

const toBuffer = (pem: string | Uint8Array): Buffer => Buffer.from(pem);

function keep<T extends Duplex>(set: Set<T>, socket: T): void {
  if (set.has(socket)) return;
  set.add(socket);
  socket.once('close', () => set.delete(socket));
}

async function closeServer(
  server: Server,
  connections: ReadonlyMap<Duplex, Connection>,
  sockets: ReadonlySet<Socket>,
  graceMs: number,
): Promise<void> {
  const closed = new Promise((resolve) => {
    server.close(resolve);
  });
  for (const connection of connections.values()) connection.close();
  const timer = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, graceMs);
  await closed;
  // The server is closed before its last sockets have told so.
  await Promise.all([...sockets, ...connections.keys()].map(whenClosed));
  clearTimeout(timer);
}

const whenClosed = (socket: Duplex): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
