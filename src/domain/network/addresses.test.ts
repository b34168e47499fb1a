import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { allocateAddress, allocateSubnet } from './allocate.ts';
import {
  broadcastOf,
  containsAddress,
  countAddresses,
  formatCidr,
  formatIpv4,
  networkOf,
  nthAddress,
  overlaps,
  parseCidr,
  parseIpv4,
} from './cidr.ts';
import type { Cidr } from './cidr.ts';
import { macOfAddress, parseMac } from './mac.ts';

const address = fc.integer({ min: 0, max: 0xffffffff });
const cidr = fc.record({ address, prefixLength: fc.integer({ min: 0, max: 32 }) }, { noNullPrototype: true });
const must = (text: string): Cidr => parseCidr(text) ?? assert.fail(text);

describe('IPv4 addresses and subnets', () => {
  it('reads what it writes', () => {
    fc.assert(fc.property(address, (value) => parseIpv4(formatIpv4(value)) === value));
    fc.assert(
      fc.property(cidr, (value) => {
        assert.deepEqual(parseCidr(formatCidr(value)), value);
      }),
    );
  });

  it('refuses everything else', () => {
    for (const text of [
      '',
      '1.2.3',
      '1.2.3.4.5',
      '1.2.3.256',
      '01.2.3.4',
      '1.2.3.4 ',
      '1.2.3.-4',
      '::1',
      '1..2.3',
    ]) {
      assert.equal(parseIpv4(text), undefined, text);
    }
    for (const text of ['1.2.3.4', '1.2.3.4/33', '1.2.3.4/', '1.2.3.4/08', '1.2.3.4/8/8', '/8']) {
      assert.equal(parseCidr(text), undefined, text);
    }
  });

  it('a subnet holds its first and last address and not their neighbours outside', () => {
    fc.assert(
      fc.property(cidr, (subnet) => {
        const first = networkOf(subnet).address;
        const last = broadcastOf(subnet);
        assert.equal(last - first + 1, countAddresses(subnet));
        assert.ok(containsAddress(subnet, first) && containsAddress(subnet, last));
        assert.ok(containsAddress(subnet, subnet.address));
        assert.ok(!containsAddress(subnet, first - 1) && !containsAddress(subnet, last + 1));
      }),
    );
  });

  it('subnets overlap both ways or not at all, and exactly when one holds the other', () => {
    fc.assert(
      fc.property(cidr, cidr, (one, other) => {
        const expected =
          containsAddress(one, networkOf(other).address) || containsAddress(other, networkOf(one).address);
        assert.equal(overlaps(one, other), expected);
        assert.equal(overlaps(other, one), expected);
      }),
    );
  });

  it('counts addresses from either end', () => {
    const subnet = must('172.17.5.9/16');
    assert.equal(formatIpv4(nthAddress(subnet, 1) ?? 0), '172.17.0.1');
    assert.equal(formatIpv4(nthAddress(subnet, -1) ?? 0), '172.17.255.255');
    assert.equal(nthAddress(subnet, 65_536), undefined);
    assert.equal(nthAddress(subnet, -65_537), undefined);
  });
});

describe('allocation', () => {
  it('gives every address of a subnet once, then none', () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 24, max: 32 }), (base, prefixLength) => {
        const subnet = { address: base, prefixLength };
        const used = new Set<number>();
        let last: number | undefined;
        for (let next = allocateAddress(subnet, { used }); next !== undefined;) {
          assert.ok(containsAddress(subnet, next) && !used.has(next));
          used.add(next);
          last = next;
          next = allocateAddress(subnet, { used, last });
        }
        const reserved = prefixLength >= 31 ? 0 : 2;
        assert.equal(used.size, countAddresses(subnet) - reserved);
      }),
    );
  });

  it('does not use a released address again while another is free', () => {
    const subnet = must('10.0.0.0/29');
    const used = new Set([parseIpv4('10.0.0.1') ?? 0]);
    const second = allocateAddress(subnet, { used, last: parseIpv4('10.0.0.2') });
    assert.equal(formatIpv4(second ?? 0), '10.0.0.3');
    const wrapped = allocateAddress(subnet, { used, last: parseIpv4('10.0.0.6') });
    assert.equal(formatIpv4(wrapped ?? 0), '10.0.0.2');
  });

  it('finds the first free subnet of a pool', () => {
    const pool = [{ base: must('172.17.0.0/15'), prefixLength: 16 }];
    const taken = [must('172.16.0.0/16')];
    const isFree = (subnet: Cidr): boolean => !taken.some((other) => overlaps(subnet, other));
    assert.equal(formatCidr(allocateSubnet(pool, isFree) ?? must('0.0.0.0/0')), '172.17.0.0/16');
    taken.push(must('172.17.3.0/24'));
    assert.equal(allocateSubnet(pool, isFree), undefined);
  });
});

describe('MAC addresses', () => {
  it('carry the IPv4 address', () => {
    assert.equal(macOfAddress(parseIpv4('172.17.0.2') ?? 0), '02:42:ac:11:00:02');
    fc.assert(fc.property(address, (value) => parseMac(macOfAddress(value)) === macOfAddress(value)));
  });

  it('are read with colons or dashes and refused otherwise', () => {
    assert.equal(parseMac('02-42-AC-11-00-02'), '02:42:ac:11:00:02');
    for (const text of ['', '02:42', '02:42:ac:11:00:0g', '02:42-ac:11:00:02', '01:00:5e:00:00:01']) {
      assert.equal(parseMac(text), undefined, text);
    }
  });
});
