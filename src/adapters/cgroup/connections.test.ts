import assert from 'node:assert/strict';
import { it } from 'node:test';
import { stateOf } from './connections.ts';

void it('the state of a connection is in its line of the kernel’s table', () => {
  const end = '00000000:00000000 00:00000000 00000000     0        0 98812 1 0000000000000000 100 0 0 10 0';
  for (const [line, state] of [
    ['  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt', undefined],
    [`   0: 0100007F:1F90 00000000:0000 0A ${end}`, 'listen'],
    [`  12: 0200000A:9C40 0100000A:0050 01 ${end}`, 'established'],
    [
      `   1: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 06 ${end}`,
      'timeWait',
    ],
    [`   2: 0100007F:1F90 00000000:0000 0B ${end}`, 'closing'],
    [`   2: 0100007F:1F90 00000000:0000 0C ${end}`, undefined],
    ['', undefined],
  ] as const)
    assert.equal(stateOf(line), state, line);
});
