import type { NamespaceRules } from '#engine/ports/network.ts';

const TABLE = 'gantry';

/**
 * The rules inside a pod's namespace in nft's language: one table, replaced as a whole in one transaction. The
 * values come from checked addresses and numbers.
 */
export const formatNamespaceRules = (rules: NamespaceRules): string => `
table ip ${TABLE} { }
delete table ip ${TABLE}
table ip ${TABLE} {
${servicesChain(rules)}${admissionChain(rules)}}
`;

const servicesChain = ({ services }: NamespaceRules): string => {
  const lines = services.flatMap(serviceLine);
  if (lines.length === 0) return '';
  return `  chain services {
    type nat hook output priority -100; policy accept;
${lines.map((line) => `    ${line}\n`).join('')}  }
`;
};

/** Each new connection goes to the next host. */
const serviceLine = ({ address, port, protocol, hosts }: NamespaceRules['services'][number]): string[] => {
  if (hosts.length === 0) return [];
  const targets = hosts.map((host, index) => `${index} : ${host.address} . ${host.port}`).join(', ');
  return [
    `ip daddr ${address} ${protocol} dport ${port} dnat to numgen inc mod ${hosts.length} map { ${targets} }`,
  ];
};

const admissionChain = ({ admitted }: NamespaceRules): string => {
  if (admitted === undefined) return '';
  const { internal, external, ports } = admitted;
  const lines = [
    'ct state established,related accept',
    'iifname "lo" accept',
    'icmp type { destination-unreachable, time-exceeded, parameter-problem } accept',
    ...internal.map((network) => `ip saddr ${network} accept`),
    ...external.flatMap((network) =>
      ports.map(
        ({ protocol, first, last }) => `ip saddr ${network} ${protocol} dport ${first}-${last} accept`,
      ),
    ),
    'drop',
  ];
  return `  chain admission {
    type filter hook input priority filter; policy accept;
${lines.map((line) => `    ${line}\n`).join('')}  }
`;
};
