import { Socket } from 'node:net';

const PROBE_EVERY_MS = 1000;
const KEEP_ALIVE_DELAY_MS = 10_000;
const NOTHING = new Uint8Array(0);

/**
 * A client's FIN says "no more from me", not "gone": it may still read. libuv no longer watches
 * such a socket, so nobody would notice its end until the next write. Writing zero bytes asks the
 * kernel without sending anything: on a Unix socket it fails as soon as the peer has closed, on
 * TCP once a reset has come in, which keep-alive probes provoke within about a minute after the
 * peer's kernel has forgotten the connection (a TCP peer that closes cleanly looks exactly like one
 * that half-closed until then). The failed write destroys the socket, and `close` tells the rest. The result ends it.
 */
export function watchHalfClosed(socket: Socket): () => void {
  const watch = (): void => {
    if (isOver(socket)) return;
    const carrier = carrierOf(socket);
    carrier.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    const timer = setInterval(() => {
      if (isOver(socket)) clearInterval(timer);
      else probe(carrier);
    }, PROBE_EVERY_MS);
    timer.unref();
    probe(carrier);
  };
  socket.once('end', watch);
  return () => socket.removeListener('end', watch);
}

/** Asks the kernel whether the peer is gone. With bytes still to go it reports a dead peer by itself. */
export function probe(socket: Socket): void {
  const carrier = carrierOf(socket);
  if (!carrier.writableEnded && carrier.writableLength === 0) carrier.write(NOTHING);
}

/**
 * TLS swallows the failure of an empty write, and sometimes of a last one, so the socket below is
 * asked, which is `_parent` (not public; without it such a client is noticed later). They are closed
 * together.
 */
function carrierOf(socket: Socket): Socket {
  const parent: unknown = Reflect.get(socket, '_parent');
  return parent instanceof Socket ? parent : socket;
}

const isOver = (socket: Socket): boolean => socket.destroyed || socket.writableFinished;
