import { isIPv4 } from 'node:net';
import type { PublishedPort } from '#domain/container/config.ts';

export const anyIpv4 = '0.0.0.0';
export const anyIpv6 = '::';

/** A host port given to an owner (a container's id, say) and the container's address behind it. */
export type Claim = PublishedPort & { readonly owner: string; readonly address: string };

/** Who has which host port in this daemon. A claim on any address meets those on single ones. */
export class PortClaims {
  readonly #byPort = new Map<string, Claim[]>();

  add(claim: Claim): void {
    this.#byPort.set(keyOf(claim), [...this.#at(claim), claim]);
  }

  remove(claim: Claim): void {
    const rest = this.#at(claim).filter((other) => other !== claim);
    if (rest.length === 0) this.#byPort.delete(keyOf(claim));
    else this.#byPort.set(keyOf(claim), rest);
  }

  /** Is exactly this claim held already. */
  has(claim: Claim): boolean {
    return this.#at(claim).some(
      (other) =>
        other.owner === claim.owner &&
        other.hostIp === claim.hostIp &&
        other.address === claim.address &&
        other.containerPort === claim.containerPort,
    );
  }

  conflicting(claim: Claim): Claim | undefined {
    return this.#at(claim).find((other) => doAddressesMeet(claim.hostIp, other.hostIp));
  }

  list(): Claim[] {
    return [...this.#byPort.values()].flat();
  }

  #at(claim: Claim): readonly Claim[] {
    return this.#byPort.get(keyOf(claim)) ?? [];
  }
}

const keyOf = ({ protocol, hostPort }: Claim): string => `${protocol} ${hostPort}`;

const doAddressesMeet = (one: string, other: string): boolean =>
  isIPv4(one) === isIPv4(other) &&
  (one === other || [anyIpv4, anyIpv6].includes(one) || [anyIpv4, anyIpv6].includes(other));
