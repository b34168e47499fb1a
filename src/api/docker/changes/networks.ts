import type { Change } from '#api/dialect/change.ts';
import { defaulted, errorBody, errorText, reshape } from '#api/dialect/change.ts';
import { amend } from '#api/dialect/schema.ts';
import { Type } from '#api/dialect/type.ts';
import { NetworkAnswer, NetworksQuery } from '#api/docker/schema/network.ts';

const listHadMembers = defaulted({
  id: 'network-list-had-members',
  in: '1.28',
  on: NetworksQuery,
  why: 'the list said who is on each network; today only inspect does',
  source: 'API 1.28 changelog',
  up: (query) => ({ ...query, members: true }),
  examples: [{ older: {}, newer: { members: true } }],
});

const namesWereExact = defaulted({
  id: 'network-names-were-exact',
  in: '1.22',
  on: NetworksQuery,
  why: 'filters were exact names or id prefixes, and one of all was enough',
  source: 'docker-routes.md R57',
  up: (query) => ({ ...query, exact: true }),
  examples: [{ older: {}, newer: { exact: true } }],
});

const Pools = NetworkAnswer.properties.IPAM.properties.Config.anyOf[0];

const poolsWereAList = reshape({
  id: 'network-pools-were-a-list',
  in: '1.42',
  on: NetworkAnswer,
  why: 'without pools Config was an empty list',
  source: 'docker-shapes.md 20; answers of dockerd 20.10',
  older: amend(NetworkAnswer, {
    IPAM: Type.Object({ ...NetworkAnswer.properties.IPAM.properties, Config: Pools }),
  }),
  down: (network) => ({ ...network, IPAM: { ...network.IPAM, Config: network.IPAM.Config ?? [] } }),
  examples: [
    {
      newer: { IPAM: { Driver: 'default', Options: null, Config: null } },
      older: { IPAM: { Driver: 'default', Options: null, Config: [] } },
    },
  ],
});

const CODES = ['network.predefined'];

const predefinedWords = errorText({
  id: 'network-predefined-words',
  in: '1.22',
  codes: CODES,
  why: 'creating had the words of removing',
  source: 'docker-routes.md R57-R62',
  older: ({ name, action }) => ({ message: `${name} is a pre-defined network and cannot be ${action}` }),
  examples: [
    {
      params: { name: 'host', action: 'created' },
      older: { message: 'host is a pre-defined network and cannot be created' },
    },
  ],
});

const predefinedBody = errorBody({
  id: 'network-predefined-is-json',
  in: '1.22',
  codes: CODES,
  why: 'the one error of its time that was a JSON string',
  source: 'docker-routes.md 3.5, R59, R62',
  older: ({ status, message }) => ({ kind: 'json', status, body: message }),
  examples: [{ newer: { status: 403, message: 'no' }, older: { kind: 'json', status: 403, body: 'no' } }],
});

const ambiguous = errorText({
  id: 'network-ambiguous-was-500',
  in: '1.22',
  codes: ['network.ambiguous'],
  why: 'errors without a type of their own were 500',
  source: 'docker-routes.md R57-R62',
  older: ({ ref }) => ({ status: 500, message: `invalid id: ${ref}` }),
  examples: [{ params: { ref: 'a' }, older: { status: 500, message: 'invalid id: a' } }],
});

const emptyName = errorText({
  id: 'network-empty-name-was-500',
  in: '1.22',
  codes: ['network.name-empty'],
  why: 'errors without a type of their own were 500',
  source: 'docker-routes.md R59',
  older: () => ({ status: 500, message: 'invalid name: ' }),
  examples: [{ params: {}, older: { status: 500, message: 'invalid name: ' } }],
});

export const NETWORK_CHANGES: readonly Change[] = [
  listHadMembers,
  namesWereExact,
  poolsWereAList,
  predefinedWords,
  predefinedBody,
  ambiguous,
  emptyName,
];
