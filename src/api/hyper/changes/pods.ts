import type { Static } from 'typebox';
import { Type } from '#api/dialect/type.ts';
import { amend } from '#api/dialect/schema.ts';
import type { Change } from '#api/dialect/change.ts';
import { defaulted, refused, reshape, status } from '#api/dialect/change.ts';
import { ListAnswer, PodInfo, PodStarted, PodStopped } from '#api/hyper/schema/pod.ts';
import {
  ListQuery,
  PodCreateQuery,
  PodKillQuery,
  PodRunQuery,
  PodStartQuery,
} from '#api/hyper/schema/pod-query.ts';
import { UserPod } from '#api/hyper/schema/user-pod.ts';
import { withSlashes } from '#api/hyper/present/list.ts';

const LIFE_WHY =
  'a pod had no sandbox before its first start, was over when its containers were, and its id in the spec was only a name';

const createdOlder = defaulted({
  id: 'pod-create-without-vm',
  in: '0.8',
  on: PodCreateQuery,
  why: LIFE_WHY,
  source: 'hyperd-api 4.4, 4.7',
  up: (query) => ({ ...query, isOlder: true }),
  examples: [{ older: {}, newer: { isOlder: true } }],
});

const runOlder = defaulted({
  id: 'pod-run-ends-with-containers',
  in: '0.8',
  on: PodRunQuery,
  why: LIFE_WHY,
  source: 'hyperd-api 4.4, 4.7',
  up: (query) => ({ ...query, isOlder: true }),
  examples: [{ older: {}, newer: { isOlder: true } }],
});

const startOlder = defaulted({
  id: 'pod-start-is-strict',
  in: '0.8',
  on: PodStartQuery,
  why: 'a pod that ran, or a VM that nobody knew, was an error',
  source: 'hyperd-api 2.1',
  up: (query) => ({ ...query, isOlder: true }),
  examples: [{ older: { podId: 'a' }, newer: { podId: 'a', isOlder: true } }],
});

const killOlder = defaulted({
  id: 'pod-kill-is-strict',
  in: '0.8',
  on: PodKillQuery,
  why: 'a pod that did not run was an error',
  source: 'hyperd-api 2.1',
  up: (query) => ({ ...query, isOlder: true }),
  examples: [{ older: { podName: 'a' }, newer: { podName: 'a', isOlder: true } }],
});

const startRaw = defaulted({
  id: 'pod-start-is-raw',
  in: '0.6',
  on: PodStartQuery,
  why: 'output was never framed, terminal or not',
  source: 'hyperd-api 0.5',
  up: (query) => ({ ...query, isRaw: true }),
  examples: [{ older: {}, newer: { isRaw: true } }],
});

const Action = { Cause: Type.String(), Code: Type.Integer(), ID: Type.String() };

const started = reshape({
  id: 'pod-start-echoes-vm',
  in: '0.8',
  on: PodStarted,
  older: Type.Object(Action),
  why: 'the answer was that of an action, its ID the VM that was asked for',
  source: 'hyperd-api 2.1',
  down: ({ vmId }) => ({ Cause: '', Code: 0, ID: vmId ?? '' }),
  examples: [{ newer: { vmId: 'vm-a' }, older: { Cause: '', Code: 0, ID: 'vm-a' } }],
});

/** VM shut down; pod stopped, VM kept. */
const CODES = { shutDown: 2, kept: 4 };

const stopped = reshape({
  id: 'pod-stop-has-code',
  in: '0.8',
  on: PodStopped,
  older: amend(PodStopped, { Code: Type.Integer() }),
  why: 'clients took anything but these two codes for a failure; newer ones anything but 0',
  source: 'hyperd-api 2.1',
  down: ({ keptVm, ...rest }) => ({ ...rest, Code: keptVm === true ? CODES.kept : CODES.shutDown }),
  examples: [
    {
      newer: { Cause: '', Code: 0, ID: 'a', keptVm: true },
      older: { Cause: '', Code: 4, ID: 'a' },
      only: 'down',
    },
    { newer: { Cause: '', Code: 0, ID: 'a' }, older: { Cause: '', Code: 2, ID: 'a' }, only: 'down' },
  ],
});

type Info = Static<typeof PodInfo>;

const withBareAddresses = (info: Info): Info => {
  const { podIP } = info.status;
  if (podIP === undefined) return info;
  return { ...info, status: { ...info.status, podIP: podIP.map((text) => text.replace(/\/.*$/, '')) } };
};

const bareAddresses = reshape({
  id: 'pod-ip-is-bare',
  in: '0.8',
  on: PodInfo,
  older: amend(PodInfo, { status: PodInfo.properties.status }),
  why: 'addresses had no prefix length',
  source: 'hyperd-api 3.3',
  down: withBareAddresses,
  examples: [
    {
      newer: { spec: {}, status: { podIP: ['10.0.0.2/24'] } },
      older: { spec: {}, status: { podIP: ['10.0.0.2'] } },
      only: 'down',
    },
  ],
});

type Listed = Static<typeof ListAnswer>;

const withOutcome = (line: string, outcomes: Readonly<Record<string, string>>): string => {
  const [id = '', name = '', vm = '', word = ''] = line.split(':');
  return [id, name, vm, outcomes[id] ?? word].join(':');
};

/** Members stay in their order. */
const olderLines = ({ outcomes = {}, ...listed }: Listed): Listed => {
  const { podData } = listed;
  const lines = podData?.map((line) => withOutcome(line, outcomes));
  return withSlashes(lines === undefined ? listed : { ...listed, podData: lines });
};

const listOlder = reshape({
  id: 'list-with-slashes',
  in: '0.8',
  on: ListAnswer,
  older: amend(ListAnswer, {
    podData: ListAnswer.properties.podData,
    cData: ListAnswer.properties.cData,
  }),
  why: 'names of containers had a slash before them; pods at rest had succeeded or failed',
  source: 'hyperd-api 2.1, 4.1',
  down: olderLines,
  examples: [
    {
      newer: { item: 'container', cData: ['1:a:p:running'] },
      older: { item: 'container', cData: ['1:/a:p:running'] },
      only: 'down',
    },
    {
      newer: { item: 'pod', podData: ['p:p::failed'], outcomes: { p: 'succeeded' } },
      older: { item: 'pod', podData: ['p:p::succeeded'] },
      only: 'down',
    },
  ],
});

const listStrict = defaulted({
  id: 'list-of-unknown-is-refused',
  in: '0.8',
  on: ListQuery,
  why: 'a list of a pod or VM that nobody knew was an error',
  source: 'hyperd-api 2.1',
  up: (query) => ({ ...query, isOlder: true }),
  examples: [{ older: { all: false }, newer: { all: false, isOlder: true } }],
});

const { item: _item, ...OTHER_MEMBERS } = ListAnswer.properties;

const listItem = reshape({
  id: 'list-item-had-a-capital',
  in: '0.6',
  on: ListAnswer,
  older: Type.Object({ Item: Type.String(), ...OTHER_MEMBERS }),
  why: 'it was called Item',
  source: 'hyperd-api 2.1',
  down: ({ item, ...rest }) => ({ Item: item, ...rest }),
  examples: [{ newer: { item: 'pod', podData: [] }, older: { Item: 'pod', podData: [] }, only: 'down' }],
});

const listStatus = status({
  id: 'list-was-ok',
  in: '0.6',
  routes: ['list', 'pod-create'],
  map: { 201: 200 },
  why: 'lists and creates were answered 200',
  source: 'hyperd-api 2.1',
  examples: [{ newer: 201, older: 200 }],
});

const infoStatus = status({
  id: 'pod-info-was-created',
  in: '0.6',
  routes: ['pod-info'],
  map: { 200: 201 },
  why: 'pod info was answered 201',
  source: 'hyperd-api 2.1',
  examples: [{ newer: 200, older: 201 }],
});

const EMPTY = 'Please correct your POD file, the container section can not be null!';

const someContainers = refused({
  id: 'pod-without-containers',
  in: '0.6',
  on: UserPod,
  why: 'a pod had to have containers',
  source: 'hyperd-api 3.1',
  when: ({ containers }) => (containers === undefined || containers.length === 0 ? EMPTY : undefined),
  examples: [
    { older: {}, text: EMPTY },
    { older: { containers: [{ image: 'a' }] }, text: undefined },
  ],
});

const isEmptyText = ({ podArgs }: Static<typeof PodRunQuery>): string | undefined =>
  podArgs !== undefined && (podArgs.containers ?? []).length === 0 ? EMPTY : undefined;

const EMPTY_EXAMPLES = [
  { older: { podArgs: {} }, text: EMPTY },
  { older: { podArgs: { containers: [{ image: 'a' }] } }, text: undefined },
] as const;

const someContainersInText = refused({
  id: 'pod-text-without-containers',
  in: '0.6',
  on: PodCreateQuery,
  why: 'a pod had to have containers',
  source: 'hyperd-api 3.1',
  when: isEmptyText,
  examples: EMPTY_EXAMPLES,
});

const someContainersToRun = refused({
  id: 'pod-run-without-containers',
  in: '0.6',
  on: PodRunQuery,
  why: 'a pod had to have containers',
  source: 'hyperd-api 3.1',
  when: isEmptyText,
  examples: EMPTY_EXAMPLES,
});

export const POD_CHANGES: readonly Change[] = [
  createdOlder,
  runOlder,
  startOlder,
  killOlder,
  startRaw,
  started,
  stopped,
  bareAddresses,
  listOlder,
  listStrict,
  listItem,
  listStatus,
  infoStatus,
  someContainers,
  someContainersInText,
  someContainersToRun,
];
