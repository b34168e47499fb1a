import { FORWARDING_KINDS } from './forwarding.ts';

/** Names inside the daemon's nftables table. */
export const setNames = {
  /** Names of our bridges. */
  bridges: 'bridges',
  /** Each bridge paired with itself: frames that stay on it. */
  inside: 'inside',
  /** Subnets behind our bridges. */
  subnets: 'subnets',
  /** protocol . port -> container address . port, for ports published on any address. */
  anyPorts: 'any_ports',
  /** host address . protocol . port -> container address . port */
  hostPorts: 'host_ports',
} as const;

/**
 * The table in nft's language. Loading it again keeps the elements of sets and maps and replaces
 * the rules in the same transaction, so a new release brings its rules without a gap.
 */
export const formatRuleset = (
  table: string,
  { shutsStrangers }: { readonly shutsStrangers: boolean },
): string => `
table inet ${table} {
  set bridges { type ifname; }
  set inside { type ifname . ifname; }
  set subnets { type ipv4_addr; flags interval; }
  map any_ports { type inet_proto . inet_service : ipv4_addr . inet_service; }
  map host_ports { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
  chain guard { type filter hook prerouting priority raw; policy accept; }
  chain prerouting { type nat hook prerouting priority dstnat; policy accept; }
  chain output { type nat hook output priority -100; policy accept; }
  chain postrouting { type nat hook postrouting priority srcnat; policy accept; }
  chain forward { type filter hook forward priority filter; policy accept; }
  chain publish { }
}
flush table inet ${table}
table inet ${table} {
  chain guard {
    # The bridges route 127.0.0.0/8 so that ports reach the host's loopback; a container must not use that.
    iifname @bridges ip daddr 127.0.0.0/8 drop
  }
  chain publish {
    dnat ip to ip daddr . meta l4proto . th dport map @host_ports
    dnat ip to meta l4proto . th dport map @any_ports
  }
  chain prerouting {
    # A port published on 127.0.0.1 is for this machine alone.
    iifname != "lo" ip daddr 127.0.0.0/8 return
    meta nfproto ipv4 meta l4proto { tcp, udp, sctp } fib daddr type local jump publish
  }
  chain output {
    meta nfproto ipv4 meta l4proto { tcp, udp, sctp } fib daddr type local jump publish
  }
  chain postrouting {
    # By address, not by interface: with bridge-nf-call-iptables these are bridged frames.
    ct status dnat ip saddr @subnets ip daddr @subnets masquerade
    ip saddr 127.0.0.0/8 oifname @bridges masquerade
    ip saddr @subnets oifname != @bridges masquerade
  }
  chain forward {
    ct state established,related accept
    oifname @bridges ct status dnat accept
    iifname . oifname @inside accept
    # From another network or from outside, past the published ports.
    oifname @bridges drop${shutsStrangers ? STRANGERS : ''}
  }
}
`;

/** Forwarding was switched on for our bridges alone. */
const kinds = `{ ${FORWARDING_KINDS.map((kind) => JSON.stringify(kind)).join(', ')} }`;
const STRANGERS = `
    meta iifkind != ${kinds} meta oifkind != ${kinds} drop`;
