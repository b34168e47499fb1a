import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseMapping } from './port.ts';

it('reads port mappings', () => {
  const tcp = { protocol: 'tcp' };
  assert.deepEqual(parseMapping('80:8080'), { ...tcp, hostPort: '80', containerPort: '8080' });
  assert.deepEqual(parseMapping('udp:53:53'), { protocol: 'udp', hostPort: '53', containerPort: '53' });
  assert.deepEqual(parseMapping('80-82:90-92'), { ...tcp, hostPort: '80-82', containerPort: '90-92' });
  assert.deepEqual(parseMapping(':80'), { ...tcp, hostPort: '', containerPort: '80' });
  for (const bad of ['', '80', '80:', 'sctp:1:2', 'a:b', '80:81:82'])
    assert.throws(() => parseMapping(bad), bad);
});
