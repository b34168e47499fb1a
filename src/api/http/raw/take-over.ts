import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Takes connections from Node's HTTP parser.
 *
 * A request with an `Upgrade` header reaches the server's `upgrade` event with the parser already
 * off the socket. Older clients send the same requests without that header and then raw bytes,
 * often in the same packet, which the parser would read as the next request. Node has no public
 * way to stop it there, but its parser decides about an upgrade when the head is complete, in
 * `onIncoming`, from the flag `upgrade` of the message: setting it for the requests we want makes
 * them upgrades like any other. Everything behind the head is then in the event's third argument
 * or still in the socket, the request's body included: the parser reads no body of an upgrade.
 *
 * `parser.onIncoming` is internal to Node (checked on 24.9 to 24.21). Should it vanish, requests
 * with an `Upgrade` header still work, and the tests beside this file fail.
 */
export function markTakeOvers(socket: Socket, wants: (message: IncomingMessage) => boolean): void {
  const parser: unknown = Reflect.get(socket, 'parser');
  if (!isParser(parser)) return;
  const { onIncoming } = parser;
  // Node sets `onIncoming` anew for each connection, so a recycled parser does not keep this one.
  parser.onIncoming = function markAndGoOn(message: Upgradable, keepAlive: boolean): unknown {
    if (wants(message)) message.upgrade = true;
    return Reflect.apply(onIncoming, this, [message, keepAlive]);
  };
}

type Upgradable = IncomingMessage & { upgrade: boolean };

type Parser = { onIncoming: (this: unknown, message: Upgradable, keepAlive: boolean) => unknown };

const isParser = (value: unknown): value is Parser =>
  typeof value === 'object' &&
  value !== null &&
  'onIncoming' in value &&
  typeof value.onIncoming === 'function';
