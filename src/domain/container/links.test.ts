import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linkEnvironment, linkHostsLine, parseLink, withLinkAddress } from './links.ts';

const child = {
  alias: 'my-db',
  path: '/web/my-db',
  address: '172.17.0.2',
  name: 'db',
  hostname: 'abc',
  exposedPorts: ['81/udp', '5432/tcp', '81/tcp', '80/tcp'],
  env: ['A=1=2', 'HOME=/x', 'PATH=/bin', 'EMPTY=', 'NONE'],
};

describe('links', () => {
  it('are a name with or without an alias, also as inspect shows them', () => {
    assert.deepEqual(parseLink('db:sql'), { ref: 'db', alias: 'sql' });
    assert.deepEqual(parseLink('db'), { ref: 'db', alias: 'db' });
    assert.deepEqual(parseLink('/db:/web/sql'), { ref: '/db', alias: 'sql' });
    for (const bad of ['', ':', 'a:', ':b', 'a:b:c'])
      assert.throws(() => parseLink(bad), { code: 'link.format' });
  });

  it('tell the parent of address, ports, name and environment, in order', () => {
    const port = (number: number, protocol: string): string[] => {
      const name = `MY_DB_PORT_${number}_${protocol.toUpperCase()}`;
      return [
        `${name}=${protocol}://172.17.0.2:${number}`,
        `${name}_ADDR=172.17.0.2`,
        `${name}_PORT=${number}`,
        `${name}_PROTO=${protocol}`,
      ];
    };
    assert.deepEqual(linkEnvironment(child), [
      'MY_DB_PORT=tcp://172.17.0.2:80',
      ...port(80, 'tcp'),
      ...port(81, 'tcp'),
      ...port(81, 'udp'),
      ...port(5432, 'tcp'),
      'MY_DB_PORT_80_TCP_START=tcp://172.17.0.2:80',
      'MY_DB_PORT_80_TCP_PORT_START=80',
      'MY_DB_PORT_80_TCP_END=tcp://172.17.0.2:81',
      'MY_DB_PORT_80_TCP_PORT_END=81',
      'MY_DB_NAME=/web/my-db',
      'MY_DB_ENV_A=1=2',
      'MY_DB_ENV_EMPTY=',
    ]);
    assert.deepEqual(linkEnvironment({ ...child, exposedPorts: [], env: [] }), ['MY_DB_NAME=/web/my-db']);
  });

  it('are lines of the hosts file, which change alone', () => {
    assert.equal(linkHostsLine(child), '172.17.0.2\tmy-db abc db\n');
    assert.equal(linkHostsLine({ ...child, alias: 'db' }), '172.17.0.2\tdb abc\n');
    const hosts = `127.0.0.1\tlocalhost\n${linkHostsLine(child)}10.0.0.1\tmine`;
    const moved = '127.0.0.1\tlocalhost\n172.17.0.9\tmy-db abc db\n10.0.0.1\tmine';
    assert.equal(withLinkAddress(hosts, 'my-db', '172.17.0.9'), moved);
    assert.equal(withLinkAddress(hosts, 'my-db', undefined), '127.0.0.1\tlocalhost\n10.0.0.1\tmine');
  });
});
