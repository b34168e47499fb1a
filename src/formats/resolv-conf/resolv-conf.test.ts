import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { filterServers, formatResolvConf, parseResolvConf } from './resolv-conf.ts';

describe('resolv.conf', () => {
  it('is read with comments, tabs and repeated lines', () => {
    const text =
      '# c\n; d\nnameserver\t192.0.2.1\n nameserver fe80::1%eth0 # remark\ndomain a.test\nsearch b.test c.test\noptions ndots:2\noptions edns0 trust-ad\nsortlist x\n';
    assert.deepEqual(parseResolvConf(text), {
      servers: ['192.0.2.1', 'fe80::1%eth0'],
      search: ['b.test', 'c.test'],
      options: ['ndots:2', 'edns0', 'trust-ad'],
    });
  });

  it('takes a lone dot as no search and an empty file as nothing', () => {
    assert.deepEqual(parseResolvConf('search .\n').search, []);
    assert.deepEqual(parseResolvConf(''), { servers: [], search: [], options: [] });
    assert.deepEqual(parseResolvConf('nameserver\n').servers, []);
  });

  it('reads what it writes', () => {
    const word = fc.stringMatching(/^[a-z0-9][a-z0-9.:-]{0,20}$/);
    const list = fc.array(word, { maxLength: 4 });
    const conf = fc.record({ servers: list, search: list, options: list }, { noNullPrototype: true });
    fc.assert(
      fc.property(conf, (value) => {
        assert.deepEqual(parseResolvConf(formatResolvConf(value)), value);
      }),
    );
  });

  it('loses single servers, and nothing else', () => {
    const text =
      '# nameserver 192.0.2.1\n nameserver\t192.0.2.1\nnameserver 192.0.2.2 # kept\nnameserver\n\nsearch a';
    assert.equal(
      filterServers(text, (server) => server !== '192.0.2.1'),
      '# nameserver 192.0.2.1\nnameserver 192.0.2.2 # kept\nnameserver\n\nsearch a',
    );
    assert.equal(
      filterServers('nameserver 192.0.2.1', () => false),
      '',
    );
  });
});
