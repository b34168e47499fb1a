import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CATALOGUE } from '#domain/error/catalogue.ts';
import { isPodLive, POD_LIFECYCLE } from './lifecycle.ts';
import type { PodStatus } from './pod.ts';
import { isSameMapping, mappingOwner, parsePortRange, portsOfMapping } from './port-mappings.ts';
import { withoutServices, withServices } from './services.ts';
import type { PodService, PortMapping } from './spec.ts';

const mapping = (containerPort: string, hostPort: string): PortMapping => ({
  containerPort,
  hostPort,
  protocol: 'tcp',
});

describe('ports of a pod', () => {
  it('are numbers or ascending ranges', () => {
    assert.deepEqual(parsePortRange('80'), { first: 80, last: 80 });
    assert.deepEqual(parsePortRange(' 80-90 '), { first: 80, last: 90 });
    for (const text of ['', '-', '80-', '-80', '90-80', '65536', '1-65536', '8 0', '0x50'])
      assert.equal(parsePortRange(text), undefined, text);
  });

  it('go one to one, to any free one, or one to the first free of a range', () => {
    const one = { containerPort: 80, hostFirst: 8080, hostLast: 8080 };
    assert.deepEqual(portsOfMapping(mapping('80', '8080')), [one]);
    assert.deepEqual(portsOfMapping(mapping('80-81', '8080-8081')), [
      one,
      { containerPort: 81, hostFirst: 8081, hostLast: 8081 },
    ]);
    assert.deepEqual(portsOfMapping(mapping('80', '8080-8090')), [{ ...one, hostLast: 8090 }]);
    for (const hostPort of ['', '0'])
      assert.deepEqual(portsOfMapping(mapping('80', hostPort)), [{ ...one, hostFirst: 0, hostLast: 0 }]);
  });

  it('are deleted by what is inside, and owned by what is asked for', () => {
    assert.ok(isSameMapping(mapping('80', '1'), mapping('80', '2')));
    assert.ok(!isSameMapping(mapping('80', '1'), { ...mapping('80', '1'), protocol: 'udp' }));
    assert.equal(mappingOwner('s', mapping('80', '')), 's/tcp/80/');
  });
});

describe('services of a pod', () => {
  const service = (port: number): PodService => ({ address: '10.0.0.1', port, protocol: 'tcp', hosts: [] });

  it('are the same by address, port and protocol', () => {
    const two = withServices([service(1)], [service(2)]);
    assert.deepEqual(two, [service(1), service(2)]);
    assert.throws(() => withServices(two, [service(2)]), { code: 'pod.service-exists' });
    assert.throws(() => withServices([], [service(2), service(2)]), { code: 'pod.duplicate' });
    const hosts = [{ address: '10.0.0.2', port: 3 }];
    assert.deepEqual(withoutServices(two, [{ ...service(1), hosts }, service(9)]), [service(2)]);
  });
});

describe('the life of a pod', () => {
  const rows = Object.entries(POD_LIFECYCLE) as [PodStatus, (typeof POD_LIFECYCLE)[PodStatus]][];

  it('has an answer to every command in every state, and every refusal its words', () => {
    for (const [, row] of rows)
      for (const verdict of Object.values(row)) assert.ok('to' in verdict || verdict.refuse in CATALOGUE);
  });

  it('can be brought to an end from wherever it is known', () => {
    for (const [status, row] of rows) assert.equal('to' in row.remove, status !== 'creating', status);
    for (const [status, row] of rows) if (isPodLive(status)) assert.ok('to' in row.stop, status);
  });

  it('starts from rest or where it runs, and nowhere else', () => {
    const startable = rows.filter(([, row]) => 'to' in row.start).map(([status]) => status);
    assert.deepEqual(startable.toSorted(), ['created', 'running', 'stopped']);
  });
});
