import type { LedgerEntry } from './ledger.ts';

/** Rows of docker-shapes.md 20, docker-routes.md R57-R62 and docker-modern.md 1 that concern networks. */
export const NETWORK_LEDGER: readonly LedgerEntry[] = [
  {
    in: '1.21',
    line: 'networks',
    by: ['route:network-list', 'route:network-inspect', 'route:network-create', 'route:network-remove'],
  },
  { in: '1.21', line: 'connect and disconnect', by: ['route:network-connect', 'route:network-disconnect'] },
  { in: '1.22', line: 'filters name, id, type by pattern', by: ['change:network-names-were-exact'] },
  { in: '1.22', line: 'Internal, EnableIPv6', by: ['NetworkAnswer.Internal', 'NetworkAnswer.EnableIPv6'] },
  {
    in: '1.22',
    line: 'errors about predefined networks are like all others',
    by: ['change:network-predefined-is-json', 'change:network-predefined-words'],
  },
  { in: '1.23', line: 'Labels', by: ['NetworkAnswer.Labels'] },
  { in: '1.25', line: 'prune', by: ['route:network-prune'] },
  { in: '1.25', line: 'Created, Attachable', by: ['NetworkAnswer.Created', 'NetworkAnswer.Attachable'] },
  { in: '1.28', line: 'the list no longer fills Containers', by: ['change:network-list-had-members'] },
  { in: '1.29', line: 'Ingress', by: ['NetworkAnswer.Ingress'] },
  {
    in: '1.30',
    line: 'ConfigFrom, ConfigOnly',
    by: ['NetworkAnswer.ConfigFrom', 'NetworkAnswer.ConfigOnly'],
  },
  { in: '1.42', line: 'no pools: null, not an empty list', by: ['change:network-pools-were-a-list'] },
  { in: '1.47', line: 'EnableIPv4', by: ['NetworkAnswer.EnableIPv4'] },
];
