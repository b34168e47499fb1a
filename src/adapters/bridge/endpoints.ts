import { randomInt } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { EngineError } from '#domain/error/engine-error.ts';
import { broadcastOf, formatIpv4, parseCidr } from '#domain/network/cidr.ts';
import type { EndpointRequest } from '#engine/ports/network.ts';
import { formatAddAddress, formatAddDefaultRoute } from '#formats/netlink/addresses.ts';
import { formatChangeLink, formatCreateVeth, formatDeleteLink } from '#formats/netlink/links.ts';
import { NetlinkSocket } from '#adapters/libc/netlink.ts';
import { cloneFlags, withinNamespace } from '#adapters/libc/namespaces.ts';
import { deafenLink, withoutIpv6 } from './kernel-settings.ts';
import { aliasOf, findLink, listLinks } from './links.ts';

/** Index of `lo` in every network namespace. */
const loopback = 1;

/**
 * How long a disconnected link stays. Deleting one waits 15-35 ms for the kernel, which blocks every
 * other change of links on the machine; a dying namespace takes its links with it, so most need no
 * deletion at all, and the rest goes together at one stroke.
 */
const lingerMs = 400;

const namePrefix = 'gtv';

export type EndpointsOptions = {
  readonly tag: string;
  /** A descriptor of the thread's own network namespace. */
  readonly home: number;
  /** A socket of that namespace. */
  readonly host: NetlinkSocket;
  readonly warn: (text: string) => void;
};

type Endpoint = { readonly name: string; readonly bridge: string; readonly networkPath?: string };

/** Veth pairs between namespaces and bridges. The alias of the host's end is the lasting record. */
export class Endpoints {
  readonly #tag: string;
  readonly #home: number;
  readonly #host: NetlinkSocket;
  readonly #known = new Map<string, Endpoint>();
  readonly #leaving = new Map<string, Endpoint>();
  readonly #graveyard: number;
  readonly #warn: (text: string) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor({ tag, home, host, warn }: EndpointsOptions) {
    this.#tag = tag;
    this.#home = home;
    this.#host = host;
    this.#warn = warn;
    this.#graveyard = graveyardOf(tag);
    const links = listLinks(host);
    const names = new Map(links.map(({ index, name }) => [index, name]));
    for (const { name, alias, master } of links) {
      const id = this.#idOf(alias);
      const bridge = names.get(master) ?? '';
      if (id === undefined) continue;
      if (id === '') this.#leave({ name, bridge });
      else this.#known.set(id, { name, bridge });
    }
  }

  connect(request: EndpointRequest): void {
    const isReplaced = this.#known.has(request.endpointId);
    if (isReplaced) this.disconnect(request.endpointId);
    // The name inside is taken until the old link is really gone.
    const isNear = (old: Endpoint): boolean => old.networkPath === request.networkPath;
    if (isReplaced || this.#leaving.values().some(isNear)) this.bury();
    const bridge = findLink(this.#host, request.bridge);
    if (bridge === undefined) throw missing('network.bridge-missing', `no bridge ${request.bridge}`);
    const name = randomName();
    using inside = this.#enter(request.networkPath);
    try {
      this.#createPair(name, bridge.index, request);
      deafenLink(name, this.#warn);
      this.#host.request(`connecting ${request.endpointId}`, [
        formatChangeLink({
          name,
          alias: aliasOf(this.#tag, request.endpointId),
          hairpin: true,
          silentIpv6: true,
          deafIpv4: true,
        }),
        formatChangeLink({ name, up: true }),
      ]);
      configureInside(inside, request);
    } catch (error) {
      this.#deleteNow(name);
      throw error;
    }
    const { bridge: bridgeName, networkPath } = request;
    this.#known.set(request.endpointId, { name, bridge: bridgeName, networkPath });
  }

  /** Both ends, down. The thread stands inside meanwhile, where the new link must not come up with IPv6. */
  #createPair(name: string, master: number, request: EndpointRequest): void {
    const { mtu, macAddress, interfaceName, networkPath } = request;
    const namespaceDescriptor = openSync(networkPath, 'r');
    try {
      const peer = { name: interfaceName, macAddress, namespaceDescriptor };
      const messages = [formatCreateVeth({ name, master, mtu, peer })];
      withinNamespace({ path: networkPath, home: this.#home, type: cloneFlags.network }, () =>
        withoutIpv6(this.#warn, () => this.#host.request(`connecting ${request.endpointId}`, messages)),
      );
    } finally {
      closeSync(namespaceDescriptor);
    }
  }

  /** Cuts it off at once; the link itself goes later. */
  disconnect(endpointId: string): void {
    const endpoint = this.#known.get(endpointId);
    if (endpoint === undefined) return;
    this.#known.delete(endpointId);
    this.#leave(endpoint);
  }

  /** To a bridge that was made anew. A link whose namespace has died is none. */
  rejoin(bridge: string, index: number): void {
    for (const { name, bridge: own } of this.#known.values()) {
      if (own !== bridge) continue;
      this.#host.attempt([
        formatChangeLink({ name, master: index }),
        formatChangeLink({ name, hairpin: true }),
        formatChangeLink({ name, up: true }),
      ]);
    }
  }

  isolate(networkPath: string): void {
    using inside = this.#enter(networkPath);
    inside.request('bringing lo up', [formatChangeLink({ index: loopback, up: true })]);
  }

  /** Removes links of this daemon that belong to none of `ids`, also those a killed daemon left half made. */
  reconcile(ids: ReadonlySet<string>): string[] {
    const done: string[] = [];
    const links = listLinks(this.#host);
    const bridges = new Set(
      links.filter(({ alias }) => alias === aliasOf(this.#tag)).map(({ index }) => index),
    );
    for (const { name, alias, master } of links) {
      const id = this.#idOf(alias);
      const isHalfMade = alias === '' && bridges.has(master) && name.startsWith(namePrefix);
      if (isHalfMade) this.#leave({ name, bridge: '' });
      else if (id !== undefined && id !== '' && !ids.has(id)) this.disconnect(id);
      else continue;
      done.push(`removed link ${name} of ${isHalfMade ? 'no endpoint' : `unknown endpoint ${id}`}`);
    }
    this.bury();
    return done;
  }

  /** Deletes the links of all disconnected endpoints with one wait. */
  bury(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#leaving.size === 0) return;
    this.#leaving.clear();
    // ENODEV: their namespaces died first.
    this.#host.attempt([formatDeleteLink({ group: this.#graveyard })]);
  }

  #leave(endpoint: Endpoint): void {
    // By name, which is never used twice; ENODEV means that the namespace died first.
    this.#host.attempt([
      formatChangeLink({ name: endpoint.name, alias: aliasOf(this.#tag, ''), group: this.#graveyard }),
      formatChangeLink({ name: endpoint.name, blocked: true }),
    ]);
    this.#leaving.set(endpoint.name, endpoint);
    this.#timer ??= setTimeout(() => this.bury(), lingerMs);
  }

  #deleteNow(name: string): void {
    const link = findLink(this.#host, name);
    if (link !== undefined) this.#host.attempt([formatDeleteLink({ index: link.index })]);
  }

  /** A netlink socket made inside; the thread is back when this returns. */
  #enter(path: string): NetlinkSocket {
    try {
      return withinNamespace(
        { path, home: this.#home, type: cloneFlags.network },
        () => new NetlinkSocket('route'),
      );
    } catch (error) {
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EINVAL')) {
        throw missing('network.namespace-missing', `no network namespace at ${path}`);
      }
      throw error;
    }
  }

  /** Endpoint id in an alias of ours; '' = disconnected; undefined = not ours or no endpoint. */
  #idOf(alias: string): string | undefined {
    const prefix = aliasOf(this.#tag, '');
    return alias.startsWith(prefix) ? alias.slice(prefix.length) : undefined;
  }
}

const configureInside = (inside: NetlinkSocket, request: EndpointRequest): void => {
  const link = findLink(inside, request.interfaceName);
  const address = parseCidr(request.address);
  if (link === undefined || address === undefined) {
    throw new EngineError(
      'invalid',
      'network.address',
      `cannot give ${request.interfaceName} "${request.address}"`,
    );
  }
  const { index } = link;
  inside.request(`configuring ${request.interfaceName} of ${request.endpointId}`, [
    formatChangeLink({ index: loopback, up: true }),
    formatAddAddress({
      ...address,
      index,
      address: formatIpv4(address.address),
      broadcast: formatIpv4(broadcastOf(address)),
    }),
    formatChangeLink({ index, silentIpv6: true }),
    formatChangeLink({ index, up: true }),
  ]);
  if (request.gateway === '') return;
  const [answer] = inside.attempt([formatAddDefaultRoute({ index, gateway: request.gateway })]);
  // EEXIST: an earlier network of the same sandbox gives the default route.
  if (answer !== undefined && answer.errno !== 0 && answer.errno !== 17) {
    throw new EngineError(
      'internal',
      'network.route',
      `no route through ${request.gateway}: ${answer.reason || answer.errno}`,
    );
  }
};

/** Never the same twice: a name stays taken until the kernel's clean-up thread has run. */
const randomName = (): string => {
  const digits = '0123456789abcdefghijklmnopqrstuvwxyz';
  return namePrefix + Array.from({ length: 11 }, () => digits[randomInt(36)]).join('');
};

/** A link group of this daemon alone, as far as 24 bits of a hash tell tags apart. */
const graveyardOf = (tag: string): number => {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(tag)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return 0x47000000 + (hash & 0xffffff);
};

const missing = (code: string, message: string): EngineError => new EngineError('not-found', code, message);
