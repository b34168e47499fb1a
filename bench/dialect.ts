/** What versions cost: microseconds per item beside JSON itself. `node bench/dialect.ts` */
import { Type } from 'typebox';
import { defaulted, reshape, type Change } from '#api/dialect/change.ts';
import { DownCompiler } from '#api/dialect/reply/down.ts';
import { History } from '#api/dialect/history.ts';
import { since, until } from '#api/dialect/lifetime.ts';
import { compileParameters } from '#api/dialect/request/parameters.ts';
import { compileBodyText } from '#api/dialect/route-at.ts';
import { StringOrList, amend, internal } from '#api/dialect/schema.ts';
import { formatVersion, knownVersion } from '#api/dialect/version.ts';

const Port = Type.Object(
  {
    IP: Type.Optional(Type.String(since('1.6'))),
    PrivatePort: Type.Integer(),
    PublicPort: Type.Optional(Type.Integer()),
    Type: Type.String(),
  },
  { $id: 'Port' },
);

const Item = Type.Object(
  {
    Id: Type.String(),
    Names: Type.Array(Type.String(), since('1.6')),
    Image: Type.String(),
    ImageID: Type.String(since('1.21')),
    Command: Type.String(),
    Created: Type.Integer(),
    Ports: Type.Array(Port),
    SizeRw: Type.Optional(Type.Integer(since('1.2'))),
    Labels: Type.Record(Type.String(), Type.String(), since('1.18')),
    State: Type.String(since('1.23')),
    Status: Type.String(),
    HostConfig: Type.Object(
      {
        NetworkMode: Type.String(),
        Annotations: Type.Optional(Type.Record(Type.String(), Type.String(), since('1.46'))),
      },
      since('1.20'),
    ),
    NetworkSettings: Type.Object(
      {
        Networks: Type.Record(
          Type.String(),
          Type.Object({ NetworkID: Type.String(), IPAddress: Type.String() }),
        ),
      },
      since('1.22'),
    ),
    Mounts: Type.Array(Type.Unknown(), since('1.23')),
  },
  { $id: 'Item' },
);

const Limits = {
  Memory: Type.Optional(Type.Integer()),
  MemorySwap: Type.Optional(Type.Integer()),
  CpuShares: Type.Optional(Type.Integer()),
  Binds: Type.Optional(Type.Array(Type.String())),
  PortBindings: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Array(
        Type.Object({ HostIp: Type.Optional(Type.String()), HostPort: Type.Optional(Type.String()) }),
      ),
    ),
  ),
  RestartPolicy: Type.Optional(
    Type.Object({ Name: Type.Optional(Type.String()), MaximumRetryCount: Type.Optional(Type.Integer()) }),
  ),
  NetworkMode: Type.Optional(Type.String()),
  CgroupnsMode: Type.Optional(Type.String(since('1.41'))),
  ...Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`Option${index}`, Type.Optional(Type.String())]),
  ),
};

const Create = Type.Object(
  {
    Hostname: Type.Optional(Type.String()),
    User: Type.Optional(Type.String()),
    Tty: Type.Optional(Type.Boolean()),
    OpenStdin: Type.Optional(Type.Boolean()),
    AttachStdout: Type.Optional(Type.Boolean()),
    Env: Type.Optional(Type.Array(Type.String())),
    Cmd: Type.Optional(StringOrList()),
    Entrypoint: Type.Optional(StringOrList()),
    Image: Type.Optional(Type.String()),
    Labels: Type.Optional(Type.Record(Type.String(), Type.String())),
    ExposedPorts: Type.Optional(Type.Record(Type.String(), Type.Object({}))),
    HostConfig: Type.Optional(Type.Object(Limits, { $id: 'Limits' })),
    Quiet: Type.Optional(Type.Boolean({ ...internal })),
  },
  { $id: 'Create' },
);

const Query = Type.Object({
  all: Type.Boolean(),
  limit: Type.Optional(Type.Integer()),
  size: Type.Boolean(),
  before: Type.Optional(Type.String(until('1.44'))),
});

const note = { why: '', source: '', examples: [{ newer: {}, older: {} }] } as const;
const changes: readonly Change[] = [
  reshape({
    ...note,
    id: 'quoted',
    in: '1.19',
    on: Item,
    older: amend(Item, {}),
    down: (item) => ({ ...item, Command: `"${item.Command}"` }),
  }),
  reshape({
    ...note,
    id: 'plain',
    in: '1.10',
    on: Item,
    older: amend(Item, {}),
    down: (item) => ({ ...item, Command: item.Command.slice(1, -1) }),
  }),
  reshape({
    ...note,
    id: 'ports',
    in: '1.5',
    on: Item,
    older: amend(Item, { Ports: Type.String() }),
    down: (item) => ({
      ...item,
      Ports: item.Ports.map(({ PublicPort, PrivatePort }) => `${PublicPort}->${PrivatePort}`).join(', '),
    }),
  }),
  defaulted({ ...note, id: 'quiet', in: '1.30', on: Create, up: (body) => ({ ...body, Quiet: true }) }),
];

const history = new History(changes, [Item, Create]);

const item = (index: number) => ({
  Id: `${index}`.padStart(64, 'a'),
  Names: ['/web'],
  Image: 'busybox:latest',
  ImageID: `sha256:${'b'.repeat(64)}`,
  Command: "sh -c 'sleep 9'",
  Created: 1447000000 + index,
  Ports: [{ IP: '0.0.0.0', PrivatePort: 80, PublicPort: 49153, Type: 'tcp' }],
  Labels: { a: 'b', 'com.example.name': 'web' },
  State: 'running',
  Status: 'Up 2 seconds',
  HostConfig: { NetworkMode: 'default' },
  NetworkSettings: { Networks: { bridge: { NetworkID: 'c'.repeat(64), IPAddress: '172.17.0.2' } } },
  Mounts: [],
});

const body = JSON.stringify({
  Hostname: 'h',
  User: '',
  Tty: false,
  OpenStdin: false,
  AttachStdout: true,
  Env: ['A=1', 'B=2', 'C=3'],
  Cmd: ['sh', '-c', 'sleep 9'],
  Entrypoint: null,
  Image: 'busybox',
  Labels: { a: 'b', c: 'd' },
  ExposedPorts: { '80/tcp': {} },
  HostConfig: {
    Memory: 0,
    MemorySwap: 0,
    CpuShares: 0,
    Binds: ['/a:/b'],
    PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] },
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    NetworkMode: 'default',
    Unknown: 1,
  },
});

/** Best of some rounds: what the code costs when the machine lets it run. */
const microseconds = (perRound: number, run: () => unknown): string => {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 60; round += 1) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return `${((best * 1000) / perRound).toFixed(2)} us`;
};

const items = Array.from({ length: 500 }, (_, index) => item(index));
console.log(`JSON.stringify of a list of 500, per item   ${microseconds(500, () => JSON.stringify(items))}`);
for (const version of ['1.51', '1.44', '1.24', '1.21', '1.18', '1.12', '1.6', '1.0']) {
  const step = new DownCompiler(history, knownVersion(version)).compile(Type.Array(Item));
  const down = microseconds(500, () => step?.run(items));
  const both = microseconds(500, () => JSON.stringify(step === undefined ? items : step.run(items)));
  console.log(
    `  down to ${version.padEnd(5)} ${step === undefined ? 'nothing to do' : down.padEnd(13)}   with JSON ${both}`,
  );
}

console.log(
  `\nJSON.parse of a create body of ${body.length} bytes      ${microseconds(1000, () => repeat(1000, () => JSON.parse(body)))}`,
);
for (const version of ['1.51', '1.40', '1.20']) {
  const decode = compileBodyText(history, Create, knownVersion(version));
  console.log(
    `  decoded at ${version}, JSON.parse included      ${microseconds(1000, () => repeat(1000, () => decode(body)))}`,
  );
}

const query = new URLSearchParams('all=1&limit=5&size=0&x=y');
const source = {
  one: (name: string) => query.get(name) ?? undefined,
  all: (name: string) => query.getAll(name),
};
const readQuery = compileParameters(history, Query, knownVersion('1.40'));
console.log(
  `\nquery of four parameters                    ${microseconds(1000, () => repeat(1000, () => readQuery(source)))}`,
);

const compileAll = (): void => {
  for (let version = 1000; version <= 1051; version += 1) {
    new DownCompiler(history, version).compile(Type.Array(Item));
    compileBodyText(history, Create, version);
  }
};
console.log(
  `compiling list and create, each of ${formatVersion(1000)}…${formatVersion(1051)}   ${microseconds(104, compileAll)}`,
);

function repeat(times: number, run: () => unknown): void {
  for (let index = 0; index < times; index += 1) run();
}
