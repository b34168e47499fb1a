import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { formatGetChain, parseChainDrops } from '#formats/netlink/set-elements.ts';
import { SystemCallError } from '#adapters/libc/library.ts';
import type { NetlinkSocket } from '#adapters/libc/netlink.ts';

/**
 * Other engines and firewalls (dockerd, ufw) let the machine forward nothing but their own: policy
 * `drop` of iptables' FORWARD chain. A packet needs every table's consent, so there our bridges need
 * a rule as well. What may pass is still for our own table to say.
 */
export class ForeignFilter {
  readonly #netfilter: NetlinkSocket;
  readonly #warn: (text: string) => void;
  readonly #bridges = new Set<string>();
  readonly #admitted = new Set<string>();

  constructor(netfilter: NetlinkSocket, warn: (text: string) => void) {
    this.#netfilter = netfilter;
    this.#warn = warn;
  }

  /** Cheap when there is nothing to do (one netlink answer): called for each new endpoint. */
  admit(bridge: string): void {
    this.#bridges.add(bridge);
    if (this.#admitted.has(bridge) || !this.#dropsInNft()) return;
    this.#admitted.add(bridge);
    if (this.#handles(bridge).length > 0) return;
    const rules = ['iifname', 'oifname'].map(
      (match) => `insert rule ip filter FORWARD ${match} "${bridge}" counter accept`,
    );
    this.#run('nft', ['-f', '-'], `${rules.join('\n')}\n`);
  }

  /** Somebody has changed that table: the rules for our bridges may have gone, or be needed now. */
  renew(): void {
    const bridges = [...this.#bridges];
    this.#admitted.clear();
    for (const bridge of bridges) this.admit(bridge);
  }

  /** The same for machines on the old iptables; starts processes, so only with a new bridge. */
  admitInLegacy(bridge: string): void {
    if (!hasLegacyFilter()) return;
    const policy = this.#run('iptables-legacy', ['-w', '-S', 'FORWARD']);
    if (policy?.startsWith('-P FORWARD DROP') !== true) return;
    for (const match of ['-i', '-o']) {
      if (policy.includes(`-A FORWARD ${match} ${bridge} -j ACCEPT`)) continue;
      this.#run('iptables-legacy', ['-w', '-I', 'FORWARD', match, bridge, '-j', 'ACCEPT']);
    }
  }

  /** Takes our rules away again. */
  forget(bridge: string): void {
    this.#bridges.delete(bridge);
    this.#admitted.delete(bridge);
    if (this.#policyOfNft() !== undefined) {
      const rules = this.#handles(bridge).map((handle) => `delete rule ip filter FORWARD handle ${handle}\n`);
      if (rules.length > 0) this.#run('nft', ['-f', '-'], rules.join(''));
    }
    if (!hasLegacyFilter()) return;
    const listing = this.#run('iptables-legacy', ['-w', '-S', 'FORWARD']) ?? '';
    for (const match of ['-i', '-o']) {
      if (!listing.includes(`-A FORWARD ${match} ${bridge} -j ACCEPT`)) continue;
      this.#run('iptables-legacy', ['-w', '-D', 'FORWARD', match, bridge, '-j', 'ACCEPT']);
    }
  }

  #dropsInNft(): boolean {
    return this.#policyOfNft() === 'drop';
  }

  /** undefined where iptables-nft has made no such chain. */
  #policyOfNft(): 'drop' | 'accept' | undefined {
    try {
      const [reply] = this.#netfilter.query('reading FORWARD', formatGetChain('filter', 'FORWARD'));
      if (reply === undefined) return undefined;
      return parseChainDrops(reply.body) ? 'drop' : 'accept';
    } catch (error) {
      if (error instanceof SystemCallError && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #handles(bridge: string): string[] {
    const listing = this.#run('nft', ['-a', 'list', 'chain', 'ip', 'filter', 'FORWARD']) ?? '';
    return listing.split('\n').flatMap((line) => {
      const match = /^\s*[io]ifname "([^"]+)" counter packets \d+ bytes \d+ accept # handle (\d+)$/.exec(
        line,
      );
      return match?.[1] === bridge && match[2] !== undefined ? [match[2]] : [];
    });
  }

  #run(command: string, args: readonly string[], input = ''): string | undefined {
    const { status, stdout, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8' });
    if (status === 0) return stdout;
    this.#warn(
      `another engine's firewall may stop our packets: ${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`,
    );
    return undefined;
  }
}

const hasLegacyFilter = (): boolean => {
  try {
    return readFileSync('/proc/net/ip_tables_names', 'utf8').split('\n').includes('filter');
  } catch {
    // The kernel has no iptables of the old kind.
    return false;
  }
};
