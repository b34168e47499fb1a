import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isReachableServer } from './host-resolver.ts';

it('servers that a container cannot reach are known in every spelling', () => {
  for (const server of ['192.0.2.1', '10.0.0.53', '128.0.0.1', '8.8.8.8'])
    assert.ok(isReachableServer(server), server);
  const hidden = ['127.0.0.1', '127.0.1.1', '127.0.0.53', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1'];
  const foreign = ['::ffff:127.0.0.1', '::ffff:7f00:1', 'fe80::1%eth0', '2001:db8::1', 'name.test', ''];
  for (const server of [...hidden, ...foreign]) assert.ok(!isReachableServer(server), server);
});
