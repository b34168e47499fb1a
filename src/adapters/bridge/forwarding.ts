import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Links that somebody makes in order to forward; those without a kind are the machine's own. */
export const FORWARDING_KINDS: readonly string[] = [
  'bridge',
  'tun',
  'wireguard',
  'gre',
  'ipip',
  'vxlan',
  'geneve',
];

const setting = '/proc/sys/net/ipv4/ip_forward';

/**
 * The machine's forwarding. Where it was off, nobody has asked for a router: it is switched on for our bridges, the
 * firewall shuts it between all plain links, and the last bridge switches it off again. That it was ours is kept in a
 * file that goes with the next boot, as the setting does.
 */
export class Forwarding {
  readonly #marker: string;

  constructor(marker: string) {
    this.#marker = marker;
  }

  get isOurs(): boolean {
    return existsSync(this.#marker);
  }

  /** Before the rules are written that depend on it; says whether it will be ours from now on. */
  claim(): boolean {
    if (this.isOurs || isOn()) return false;
    writeFileSync(this.#marker, '', { mode: 0o600 });
    return true;
  }

  switchOn(): void {
    if (!isOn()) writeFileSync(setting, '1');
  }

  /** Off again, unless links of others live by it; `linkKinds`: of all that are left. */
  giveBack(linkKinds: () => readonly string[]): void {
    if (!this.isOurs) return;
    if (!linkKinds().some((kind) => FORWARDING_KINDS.includes(kind))) writeFileSync(setting, '0');
    rmSync(this.#marker, { force: true });
  }
}

const isOn = (): boolean => readFileSync(setting, 'utf8').trim() !== '0';
