import { readFileSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
import type { PublishedPort } from '#domain/container/config.ts';
import { byFreedom } from '#domain/container/ports.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { PortRequest } from '#engine/ports/network.ts';
import type { Firewall, PortRule } from './firewall.ts';
import { holdPort } from './host-port.ts';
import type { HeldPort } from './host-port.ts';
import { anyIpv4, anyIpv6, PortClaims } from './port-claims.ts';
import type { Claim } from './port-claims.ts';

export type PublishedPortsOptions = {
  readonly firewall: Firewall;
  /** Inclusive range for ports of 0. */
  readonly ephemeral: readonly [number, number];
  readonly forgetFlows: (rules: readonly PortRule[]) => void;
  readonly warn: (text: string) => void;
};

/** Host ports of this daemon: who has which, the sockets that hold them, and the firewall's elements. */
export class PublishedPorts {
  readonly #options: PublishedPortsOptions;
  readonly #claims = new PortClaims();
  readonly #held = new Map<Claim, HeldPort>();
  #lastEphemeral: number;

  constructor(options: PublishedPortsOptions) {
    this.#options = options;
    this.#lastEphemeral = options.ephemeral[1];
  }

  async publish(owner: string, address: string, ports: readonly PortRequest[]): Promise<PublishedPort[]> {
    const taken = new Map<PortRequest, Claim[]>();
    const all = (): Claim[] => ports.flatMap((port) => taken.get(port) ?? []);
    try {
      for (const port of ports.toSorted(byFreedom))
        taken.set(port, await this.#take({ owner, address }, port));
      this.#options.firewall.addPorts(all().filter(isIpv4Claim));
    } catch (error) {
      this.#release(all());
      throw error;
    }
    return all().map(toPublished);
  }

  /** A port that another process took while no daemon ran stays the container's: with a warning. */
  async republish(owner: string, address: string, ports: readonly PublishedPort[]): Promise<void> {
    const claims = ports
      .map((port): Claim => ({ owner, address, ...port }))
      .filter((claim) => !this.#claims.has(claim));
    const rival = claims.find((claim) => this.#claims.conflicting(claim) !== undefined);
    if (rival !== undefined) throw inUse('port.allocated', rival);
    for (const claim of claims) this.#claims.add(claim);
    for (const claim of claims) {
      try {
        this.#held.set(claim, await hold(claim));
      } catch (error) {
        const { hostIp, hostPort, protocol } = claim;
        this.#options.warn(
          `port ${hostIp}:${hostPort}/${protocol} of ${owner} could not be held again: ${codeOf(error)}`,
        );
      }
    }
    this.#options.firewall.addPorts(claims.filter(isIpv4Claim));
  }

  unpublish(owner: string): void {
    this.#withdraw((other) => other === owner);
  }

  /** Withdraws what belongs to none of the owners, also elements left by an earlier daemon. */
  reconcile(owners: ReadonlySet<string>): string[] {
    return this.#withdraw((owner) => !owners.has(owner)).map(
      ({ hostIp, hostPort, protocol, owner }) =>
        `withdrew port ${hostIp}:${hostPort}/${protocol} of unknown owner ${owner}`,
    );
  }

  #withdraw(isGone: (owner: string) => boolean): PortRule[] {
    const rules = this.#options.firewall.removePorts(({ owner }) => isGone(owner));
    this.#release(this.#claims.list().filter(({ owner }) => isGone(owner)));
    this.#options.forgetFlows(rules);
    return rules;
  }

  #release(claims: readonly Claim[]): void {
    for (const claim of claims) {
      this.#held.get(claim)?.close();
      this.#held.delete(claim);
      this.#claims.remove(claim);
    }
  }

  /** The first free candidate; throws the last one's conflict. */
  async #take(target: Pick<Claim, 'owner' | 'address'>, request: PortRequest): Promise<Claim[]> {
    const addresses = hostAddresses(request.hostIp);
    let conflict: unknown;
    for (const hostPort of this.#candidates(request)) {
      const { protocol, containerPort } = request;
      const claims = addresses.map((hostIp): Claim => ({
        ...target,
        protocol,
        containerPort,
        hostIp,
        hostPort,
      }));
      try {
        return await this.#claim(claims, request.hostIp === '');
      } catch (error) {
        if (!(error instanceof EngineError) || error.kind !== 'conflict') throw error;
        conflict = error;
      }
    }
    throw conflict;
  }

  async #claim(claims: readonly Claim[], mayLackIpv6: boolean): Promise<Claim[]> {
    const rival = claims.find((claim) => this.#claims.conflicting(claim) !== undefined);
    if (rival !== undefined) throw inUse('port.allocated', rival);
    // Claimed before the first wait, so that a second caller meets the claim and not the socket.
    for (const claim of claims) this.#claims.add(claim);
    const done: Claim[] = [];
    try {
      for (const claim of claims) {
        const held = await hold(claim).catch((error: unknown) => {
          if (mayLackIpv6 && claim.hostIp === anyIpv6 && isFamilyMissing(error)) return undefined;
          throw explain(error, claim);
        });
        if (held === undefined) {
          this.#claims.remove(claim);
          continue;
        }
        this.#held.set(claim, held);
        done.push(claim);
      }
    } catch (error) {
      this.#release(claims);
      throw error;
    }
    return done;
  }

  *#candidates({ hostPortFirst, hostPortLast }: PortRequest): Generator<number> {
    if (hostPortFirst !== 0) {
      for (let port = hostPortFirst; port <= hostPortLast; port += 1) yield port;
      return;
    }
    // Onwards from the last one, so that a port just given back is not given to somebody else at once.
    const [first, last] = this.#options.ephemeral;
    for (let tries = last - first + 1; tries > 0; tries -= 1) {
      this.#lastEphemeral = this.#lastEphemeral >= last ? first : this.#lastEphemeral + 1;
      yield this.#lastEphemeral;
    }
  }
}

const hold = async ({ protocol, hostIp, hostPort, address, containerPort }: Claim): Promise<HeldPort> =>
  holdPort({ protocol, address: hostIp, port: hostPort }, { address, port: containerPort });

const isIpv4Claim = ({ hostIp }: Claim): boolean => isIPv4(hostIp);

const toPublished = ({ containerPort, protocol, hostIp, hostPort }: Claim): PublishedPort => ({
  containerPort,
  protocol,
  hostIp,
  hostPort,
});

/** Binding `::` works even where IPv6 is switched off: what counts is whether any interface has an address. */
const hasIpv6 = (): boolean => {
  try {
    return readFileSync('/proc/net/if_inet6', 'utf8').trim() !== '';
  } catch {
    // The kernel has no IPv6.
    return false;
  }
};

const hostAddresses = (hostIp: string): string[] => {
  if (hostIp === '') return hasIpv6() ? [anyIpv4, anyIpv6] : [anyIpv4];
  const address = hostIp.replace(/^\[(.*)\]$/, '$1');
  if (isIPv4(address) || isIPv6(address)) return [address];
  throw new EngineError('invalid', 'port.address-invalid', `"${hostIp}" is no IP address`, {
    params: { address: hostIp },
  });
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

const isFamilyMissing = (error: unknown): boolean =>
  ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(codeOf(error));

const inUse = (
  code: 'port.allocated' | 'port.in-use',
  { hostIp, hostPort, protocol }: Claim,
  cause?: unknown,
): EngineError =>
  new EngineError('conflict', code, `host port ${hostIp}:${hostPort}/${protocol} is taken`, {
    params: { address: hostIp, port: hostPort, protocol },
    cause,
  });

const explain = (error: unknown, claim: Claim): unknown => {
  const { hostIp, hostPort, protocol } = claim;
  const params = { address: hostIp, port: hostPort, protocol };
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return inUse('port.in-use', claim, error);
    case 'EADDRNOTAVAIL':
      return new EngineError('invalid', 'port.address-unavailable', `this machine has no address ${hostIp}`, {
        params,
        cause: error,
      });
    case 'EPROTONOSUPPORT':
    case 'ESOCKTNOSUPPORT':
    case 'EAFNOSUPPORT':
      return new EngineError(
        'unsupported',
        'port.protocol-unsupported',
        `this kernel has no ${protocol} on ${hostIp}`,
        {
          params,
          cause: error,
        },
      );
    default:
      return error;
  }
};
