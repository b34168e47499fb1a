import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, pod } from '#test/support/pods/spec.ts';
import type { PodContainerSpec, PodSpec } from './spec.ts';
import { permissionsOf, verifyPodSpec } from './verify-spec.ts';

const face = { bridge: '', address: '', name: '', macAddress: '', mtu: 0, gateway: '' };
const file = { name: 'note', encoding: 'raw', content: '', uri: '' } as const;
const volume = { name: 'data', kind: 'empty', source: '' } as const;
const service = { address: '10.0.0.1', port: 80, protocol: 'tcp', hosts: [] } as const;
const mapping = { containerPort: '80', hostPort: '', protocol: 'tcp' } as const;
const mount = { path: '/data', volume: 'data', readOnly: false };
const put = { path: '/note', file: 'note', permissions: '', user: '', group: '' };

const withContainer = (change: Partial<PodContainerSpec>): Partial<PodSpec> => ({
  containers: [container({ name: 'web', ...change })],
});

describe('a specification is refused', () => {
  const cases: readonly [code: string, what: string, spec: Partial<PodSpec>][] = [
    ['pod.id-invalid', 'a colon in the id', { id: 'a:b' }],
    ['pod.id-invalid', 'a slash in the id', { id: 'a/b' }],
    ['pod.name-invalid', 'a colon in the name', { name: 'a:b' }],
    ['pod.name-invalid', 'two lines in the name', { name: 'a\nb' }],
    ['pod.id-invalid', 'an id without end', { id: 'a'.repeat(129) }],
    ['pod.hostname', 'capitals', { hostname: 'Web' }],
    ['pod.hostname', 'a dash at the end', { hostname: 'web-' }],
    ['pod.hostname', 'an empty part', { hostname: 'a..b' }],
    ['pod.hostname', 'too long', { hostname: 'a'.repeat(64) }],
    ['pod.isolation', 'vm', { isolation: 'vm' }],
    ['pod.resources', 'negative processors', { resources: { cpus: -1, memoryBytes: 0 } }],
    ['pod.resources', 'memory that is no number', { resources: { cpus: 0, memoryBytes: Number.NaN } }],
    [
      'pod.gateway',
      'two ways out',
      {
        interfaces: [
          { ...face, gateway: '10.0.0.1' },
          { ...face, gateway: '10.0.0.2' },
        ],
      },
    ],
    ['pod.interface', 'a bridge without address', { interfaces: [{ ...face, bridge: 'br0' }] }],
    ['pod.interface', 'an address that is none', { interfaces: [{ ...face, address: '10.0.0/24' }] }],
    ['pod.interface', 'a name that is none', { interfaces: [{ ...face, name: 'an interface' }] }],
    ['pod.interface', 'a MAC that is none', { interfaces: [{ ...face, macAddress: '02:00' }] }],
    ['pod.interface', 'an MTU that is none', { interfaces: [{ ...face, mtu: 10 }] }],
    ['pod.duplicate', 'volumes twice', { volumes: [volume, volume] }],
    ['pod.duplicate', 'files twice', { files: [file, file] }],
    ['pod.duplicate', 'services twice', { services: [service, service] }],
    ['pod.service', 'a service address that is none', { services: [{ ...service, address: 'web' }] }],
    ['pod.service', 'a service port that is none', { services: [{ ...service, port: 0 }] }],
    [
      'pod.service',
      'a host that is none',
      { services: [{ ...service, hosts: [{ address: 'x', port: 1 }] }] },
    ],
    [
      'pod.duplicate',
      'container names twice',
      { containers: [container({ name: 'web' }), container({ name: '/web' })] },
    ],
    ['container.name-invalid', 'a container name that is none', withContainer({ name: 'a b' })],
    [
      'pod.duplicate',
      'a volume twice in a container',
      { ...withContainer({ volumes: [mount, mount] }), volumes: [volume] },
    ],
    ['pod.duplicate', 'a variable twice', withContainer({ env: ['A=1', 'A=2'] })],
    ['pod.missing-reference', 'a file that is not there', withContainer({ files: [put] })],
    ['pod.missing-reference', 'a volume that is not there', withContainer({ volumes: [mount] })],
    [
      'pod.file-permissions',
      'permissions that are none',
      { ...withContainer({ files: [{ ...put, permissions: '9' }] }), files: [file] },
    ],
    ['pod.volume-unsupported', 'a disk', { volumes: [{ ...volume, kind: 'block' }] }],
    ['pod.volume-source', 'a relative source', { volumes: [{ ...volume, kind: 'host', source: 'here' }] }],
    ['pod.dns', 'a name server by name', { dns: { servers: ['dns.example'], options: [], search: [] } }],
    ['pod.port', 'a port that is none', { portMappings: [{ ...mapping, containerPort: '80x' }] }],
    ['pod.port', 'a descending range', { portMappings: [{ ...mapping, containerPort: '90-80' }] }],
    ['pod.port', 'a port beyond all', { portMappings: [{ ...mapping, hostPort: '65536' }] }],
    ['pod.port', 'port 0', { portMappings: [{ ...mapping, containerPort: '0' }] }],
    [
      'pod.port-ranges',
      'ranges that do not match',
      { portMappings: [{ ...mapping, containerPort: '80-82', hostPort: '80-81' }] },
    ],
    [
      'pod.port-ranges',
      'a range on one port',
      { portMappings: [{ ...mapping, containerPort: '80-82', hostPort: '80' }] },
    ],
    ['pod.white-list', 'a network that is none', { whiteLists: { internal: ['10.0.0.1'], external: [] } }],
  ];
  for (const [code, what, spec] of cases)
    it(`${what}: ${code}`, () => assert.throws(() => verifyPodSpec(pod(spec)), { code }));

  it('by the first fault in the order that clients know', () => {
    const all: Partial<PodSpec> = {
      hostname: 'NO',
      volumes: [volume, volume],
      dns: { servers: ['x'], options: [], search: [] },
    };
    assert.throws(() => verifyPodSpec(pod(all)), { code: 'pod.hostname' });
    assert.throws(() => verifyPodSpec(pod({ ...all, hostname: '' })), { code: 'pod.duplicate' });
    assert.throws(() => verifyPodSpec(pod({ ...all, hostname: '', volumes: [] })), { code: 'pod.dns' });
  });
});

describe('a specification is taken', () => {
  it('with everything in it', () => {
    verifyPodSpec(
      pod({
        id: 'web.1_a-b',
        hostname: 'web.example',
        interfaces: [
          { ...face, bridge: 'br0', address: '10.0.0.2/24', gateway: '10.0.0.1', mtu: 1400 },
          face,
        ],
        volumes: [volume],
        files: [file],
        services: [
          { ...service, hosts: [{ address: '10.0.0.2', port: 8080 }] },
          { ...service, protocol: 'udp' },
        ],
        portMappings: [mapping, { ...mapping, containerPort: '80-82', hostPort: '8080-8082' }],
        dns: { servers: ['192.0.2.1', '2001:db8::1'], options: [], search: [] },
        containers: [
          container({
            volumes: [mount],
            files: [put, { ...put, file: '', detail: file }],
            env: ['A=1', 'B=A=1'],
          }),
        ],
      }),
    );
  });

  it('without a container', () => verifyPodSpec(pod({ containers: [] })));
});

it('permissions are the octal number that is written', () => {
  assert.deepEqual(['', '0', '0644', '04755', 'x', '644'].map(permissionsOf), [
    0o755,
    0o755,
    0o644,
    0o4755,
    undefined,
    undefined,
  ]);
});
