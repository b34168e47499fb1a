import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '#domain/container/container.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { decodeCreate, decodeStartHost } from './container-body.ts';
import { decodeHostConfig } from './host-config.ts';

const created = (body: Parameters<typeof decodeCreate>[0]) => decodeCreate(body, {});

/** Only the host configuration of the record matters here. */
const containerWith = (host: Container['host']): Container => ({ host }) as Container;

test('host members beside the configuration count', () => {
  const { host } = created({
    Image: 'a',
    Memory: 8e6,
    CpuShares: 3,
    Dns: ['8.8.8.8'],
    VolumesFrom: ['a,b:ro'],
    Privileged: true,
  });
  assert.equal(host.resources.memoryBytes, 8e6);
  assert.equal(host.resources.cpuShares, 3);
  assert.deepEqual(host.dns, ['8.8.8.8']);
  assert.deepEqual(host.volumesFrom, ['a', 'b:ro']);
  assert.equal(host.privileged, true);
});

test('what HostConfig says wins over what stands beside it', () => {
  const { host } = created({ Image: 'a', Memory: 8e6, CpuShares: 3, HostConfig: { Memory: 9e6 } });
  assert.equal(host.resources.memoryBytes, 9e6);
  assert.equal(host.resources.cpuShares, 3);
});

test('PortSpecs expose and bind', () => {
  const { config, host } = created({ Image: 'a', PortSpecs: ['80', '8080:81', '127.0.0.1:53:53/udp'] });
  assert.deepEqual(config.exposedPorts, ['80/tcp', '81/tcp', '53/udp']);
  assert.deepEqual(host.portBindings, {
    '80/tcp': [{ hostIp: '', hostPort: '' }],
    '81/tcp': [{ hostIp: '', hostPort: '8080' }],
    '53/udp': [{ hostIp: '127.0.0.1', hostPort: '53' }],
  });
});

test('a body without any configuration is refused', () => {
  for (const body of [{}, { HostConfig: { Memory: 8e6 } }]) {
    assert.throws(
      () => created(body),
      (error) => isEngineError(error, 'invalid') && error.code === 'config.empty',
    );
  }
});

test('an endpoint may be null', () => {
  assert.deepEqual(
    Object.keys(created({ Image: 'a', NetworkingConfig: { EndpointsConfig: { default: null } } }).endpoints),
    ['default'],
  );
});

test('options of another kind of mount are refused', () => {
  const body = { Image: 'a', HostConfig: { Mounts: [{ Type: 'tmpfs', Target: '/t', BindOptions: {} }] } };
  assert.throws(() => created(body), /field BindOptions must not be specified/);
});

test('what create gave survives the host configuration of start', () => {
  const stored = created({ Image: 'a', Memory: 8e6, Dns: ['8.8.8.8'], PortSpecs: ['80'] }).host;
  const host = decodeStartHost({ Binds: ['/a:/b'], Memory: 0 }, containerWith(stored));
  assert.equal(host?.resources.memoryBytes, 8e6);
  assert.deepEqual(host?.dns, ['8.8.8.8']);
  assert.deepEqual(host?.portBindings, stored.portBindings);
  assert.deepEqual(host?.binds, ['/a:/b']);
});

test('start takes the host configuration bare or as a member, and nothing as nothing', () => {
  const container = containerWith(decodeHostConfig({}));
  assert.deepEqual(decodeStartHost({ HostConfig: { Binds: ['/a:/b'] } }, container)?.binds, ['/a:/b']);
  assert.equal(decodeStartHost({}, container), undefined);
  assert.equal(decodeStartHost(undefined, container), undefined);
});
