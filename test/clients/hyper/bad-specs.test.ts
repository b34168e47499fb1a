import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { listed, removePod } from '#test/support/hyper/pod-client.ts';
import { assertRefused, done, tell } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

type Spec = Record<string, unknown>;

const container = (more: Spec = {}): Spec => ({ name: 'bad-c', image: 'busybox', ...more });
const withContainer = (more: Spec): Spec => ({ containers: [container(more)] });
const withInterface = (...interfaces: Spec[]): Spec => ({ interfaces });
const service = (more: Spec = {}): Spec => ({
  serviceIP: '10.254.0.1',
  servicePort: 80,
  protocol: 'tcp',
  hosts: [{ hostIP: '10.254.0.2', hostPort: 8080 }],
  ...more,
});
const withService = (more: Spec): Spec => ({ services: [service(more)] });
const mapping = (containerPort: string, hostPort: string, protocol = 'tcp'): Spec => ({
  portmappings: [{ containerPort, hostPort, protocol }],
});

const create = async (spec: Spec): Promise<string> =>
  tell(daemon, 'POST /pod/create', { body: { id: 'bad', containers: [container()], ...spec } });

const assertNothingLeft = async (): Promise<void> => {
  for (const item of ['pod', 'container', 'vm'] as const)
    assert.deepEqual(
      (await listed(daemon, item)).filter((line) => line.some((word) => word.startsWith('bad'))),
      [],
    );
};

type Rule = readonly [rule: string, spec: Spec, words: RegExp];

const twice = (one: unknown): unknown[] => [one, one];

/** hyperd-api 3.1 and 3.2, in the order of the latter. */
const RULES: readonly Rule[] = [
  [
    'a host name is at most 63 letters long',
    { hostname: 'a'.repeat(64) },
    /^Hostname exceeds the maximum length 63, len: 64$/mu,
  ],
  ['a host name is in lower case', { hostname: 'Web' }, /hostname: Web/u],
  ['a host name does not begin with a dash', { hostname: '-web' }, /hostname: -web/u],
  ['a host name does not end with one', { hostname: 'web-.here' }, /hostname: web-\.here/u],
  ['a host name has something between dots', { hostname: 'web..here' }, /hostname: web\.\.here/u],
  ['a host name has no underscore', { hostname: 'web_1' }, /hostname: web_1/u],
  [
    'one interface has a gateway',
    withInterface({ gateway: '10.0.0.1' }, { gateway: '10.0.0.2' }),
    /interface 1, .*Gateway/u,
  ],
  ['an interface on a bridge has an address', withInterface({ bridge: 'hyper0' }), /must specify the IP/u],
  ['an address is one', withInterface({ ip: '10.0.0.999/24' }), /interfaces: .*ip 10\.0\.0\.999/u],
  ['a bridge is there', withInterface({ bridge: 'br-no', ip: '10.9.9.9/24' }), /interfaces: .*br-no/u],
  ['a MAC address is one', withInterface({ mac: 'zz:00' }), /interfaces: .*mac zz:00/u],
  ['a gateway is an address', withInterface({ gateway: 'way' }), /interfaces: .*gateway way/u],
  ['an interface has a name that the kernel takes', withInterface({ ifname: 'no/name' }), /ifname no\/name/u],
  ['volumes have names of their own', { volumes: twice({ name: 'v' }) }, /^Volumes name/u],
  ['files have names of their own', { files: twice({ name: 'f' }) }, /^Files name/u],
  ['services are unlike each other', { services: twice(service()) }, /^Services IP:Port@Protocol/u],
  ['a service has an address', withService({ serviceIP: 'here' }), /services: .*serviceIP here/u],
  ['a service has a port', withService({ servicePort: 70_000 }), /services: .*servicePort 70000/u],
  ['a service speaks tcp or udp', withService({ protocol: 'sctp' }), /protocol type: sctp/u],
  [
    'what is behind a service has an address',
    withService({ hosts: [{ hostIP: 'x', hostPort: 1 }] }),
    /services: .*hostIP x/u,
  ],
  [
    'what is behind a service has a port',
    withService({ hosts: [{ hostIP: '10.0.0.1' }] }),
    /services: .*hostPort 0/u,
  ],
  [
    'a container mounts a volume once',
    {
      volumes: [{ name: 'v' }],
      ...withContainer({
        volumes: [
          { path: '/a', volume: 'v' },
          { path: '/b', volume: 'v' },
        ],
      }),
    },
    /container 0, volume source/u,
  ],
  [
    'a variable is there once',
    withContainer({
      envs: [
        { env: 'A', value: '1' },
        { env: 'A', value: '2' },
      ],
    }),
    /container 0, environment name/u,
  ],
  [
    'a file of a container is one of the pod',
    withContainer({ files: [{ path: '/a', filename: 'no' }] }),
    /container 0, file no /u,
  ],
  ...['9', '644', 'rw', '0888', '888'].map((perm): Rule => [
    `a perm is octal: ${perm}`,
    { files: [{ name: 'f' }], ...withContainer({ files: [{ path: '/a', filename: 'f', perm }] }) },
    new RegExp(`container 0, the permission ${perm} `, 'u'),
  ]),
  [
    'a volume of a container is one of the pod',
    withContainer({ volumes: [{ path: '/a', volume: 'no' }] }),
    /container 0, volume no /u,
  ],
  [
    'a cache of a container is a known word',
    withContainer({ cache: 'fast' }),
    /volume 0, does not support cache fast/u,
  ],
  [
    'a volume has a known format',
    { volumes: [{ name: 'v', source: '/x', format: 'zip' }] },
    /volume 0, volume does not support driver zip/u,
  ],
  [
    'also where a container defines it',
    withContainer({ volumes: [{ path: '/a', detail: { name: 'v', source: '/x', format: 'zip' } }] }),
    /volume 0, volume does not support driver zip/u,
  ],
  [
    'a volume has a known format, empty or not',
    { volumes: [{ name: 'v', format: 'zip' }] },
    /volume 0, volume does not support driver zip/u,
  ],
  [
    'a cache of a volume is a known word',
    { volumes: [{ name: 'v', cache: 'fast' }] },
    /volume 0, volume does not support cache fast/u,
  ],
  ['a name server is an address', { dns: ['192.0.2.1', 'dns.example'] }, /dns dns\.example/u],
  ['a container port is a number', mapping('http', '80'), /"http": invalid syntax/u],
  ['a container port is at most 65535', mapping('65536', '80'), /"65536": value out of range/u],
  ['a host port is a number', mapping('80', '8o'), /"8o": invalid syntax/u],
  ['a host port is at most 65535', mapping('80', '70000'), /"70000": value out of range/u],
  ['ranges ascend', mapping('90-80', '90-80'), /max 80 is smaller than min 90/u],
  ['ranges are as long as each other', mapping('80-82', '90-91'), /mismatch: 90-91 vs 80-82/u],
  ['a range does not go to one port', mapping('80-82', '90'), /mismatch: 90 vs 80-82/u],
  ['a mapping is of tcp or udp', mapping('80', '80', 'sctp'), /protocol sctp/u],
  [
    'a port of a container is one',
    withContainer({ ports: [{ containerPort: 70_000 }] }),
    /"70000": value out of range/u,
  ],
  [
    'a port of a container is of tcp or udp',
    withContainer({ ports: [{ containerPort: 80, protocol: 'icmp' }] }),
    /protocol icmp/u,
  ],
  [
    'a white list has networks',
    { portmappingWhiteLists: { internalNetworks: ['10.0.0.0/8'], externalNetworks: ['all'] } },
    /white lists: all /u,
  ],
  [
    'a bind has something to bind',
    { volumes: [{ name: 'v', source: '/no/where', format: 'vfs' }] },
    /volumes: .*\/no\/where/u,
  ],
  ['an id has no colon', { id: 'bad:1' }, /id bad:1/u],
  ['an id has no slash', { id: 'bad/1' }, /id bad\/1/u],
  ['a name of a container has no colon', withContainer({ name: 'bad:c' }), /bad:c/u],
  ['a name of a container is two letters long', withContainer({ name: 'b' }), /\bb\b/u],
  ['names of containers differ', { containers: [container(), container()] }, /containers: bad-c /u],
  ['a container has an image', { containers: [{ name: 'bad-c' }] }, /image of container bad-c/u],
];

describe('a pod is refused whose', () => {
  for (const [rule, spec, words] of RULES)
    it(rule, async () => {
      assertRefused(await create(spec), 500, words);
      await assertNothingLeft();
      // Its names are free at once.
      assert.equal(await create({ id: 'bad-next' }), done(201, 'bad-next'));
      await removePod(daemon, 'bad-next');
    });
});

/** One way to break each rule of hyperd-api 3.2, in its order; no two of them touch the same members. */
const ORDER: readonly (readonly [
  rule: string,
  break_: (spec: Spec, one: Spec) => void,
  status: number,
  words: RegExp,
])[] = [
  ['host name', (spec) => (spec['hostname'] = 'NO'), 500, /Hostname/u],
  ['gateways', (spec) => (spec['interfaces'] = twice({ gateway: '10.0.0.1' })), 500, /Gateway/u],
  [
    'volumes twice',
    (spec) => (spec['volumes'] = twice({ name: 'v', source: '/x', format: 'zip', cache: 'fast' })),
    500,
    /^Volumes name/u,
  ],
  ['files twice', (spec) => (spec['files'] = twice({ name: 'f' })), 500, /^Files name/u],
  ['services twice', (spec) => (spec['services'] = twice(service())), 500, /^Services IP/u],
  [
    'volumes of a container twice',
    (_, one) => (one['volumes'] = twice({ path: '/a', volume: 'no' })),
    500,
    /volume source/u,
  ],
  ['variables twice', (_, one) => (one['envs'] = twice({ env: 'A', value: '' })), 500, /environment name/u],
  [
    'files that are not there',
    (_, one) => (one['files'] = [{ path: '/a', filename: 'no', perm: 'x' }]),
    500,
    /container 0, file no /u,
  ],
  ['modes', (_, one) => (one['files'] = [{ path: '/a', filename: 'g', perm: 'x' }]), 500, /permission/u],
  [
    'volumes that are not there',
    (_, one) => (one['volumes'] = [{ path: '/a', volume: 'no' }]),
    500,
    /container 0, volume no /u,
  ],
  ['a container’s cache', (_, one) => (one['cache'] = 'fast'), 500, /does not support cache/u],
  [
    'formats',
    (spec) => (spec['volumes'] = [{ name: 'v', source: '/x', format: 'zip', cache: 'fast' }]),
    500,
    /driver zip/u,
  ],
  [
    'caches',
    (spec) => (spec['volumes'] = [{ name: 'v', cache: 'fast' }]),
    500,
    /volume does not support cache/u,
  ],
  ['name servers', (spec) => (spec['dns'] = ['no']), 500, /dns no/u],
  [
    'ports',
    (spec) => (spec['portmappings'] = [{ containerPort: '80', hostPort: '80', protocol: 'no' }]),
    500,
    /protocol no/u,
  ],
  ['the id', (spec) => (spec['id'] = 'taken'), 500, /taken has already/u],
  ['images', (_, one) => (one['image'] = 'missing'), 404, /No such image: missing/u],
];

describe('of several broken rules the first is told, which is that of', () => {
  before(async () => {
    assert.equal(await create({ id: 'taken', containers: [] }), done(201, 'taken'));
  });
  after(async () => removePod(daemon, 'taken'));

  for (const [index, [rule, , status, words]] of ORDER.entries())
    it(rule, async () => {
      const one = container();
      const spec: Spec = { id: 'bad', containers: [one], files: [{ name: 'g' }] };
      // Later ones first: where two share a member the earlier one counts.
      for (const [, breakIt] of ORDER.slice(index).toReversed()) breakIt(spec, one);
      if (rule !== 'files twice' && ORDER.findIndex(([name]) => name === 'files twice') < index)
        spec['files'] = [{ name: 'g' }];
      assertRefused(await tell(daemon, 'POST /pod/create', { body: spec }), status, words);
    });
});
