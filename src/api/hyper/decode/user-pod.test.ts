import assert from 'node:assert/strict';
import { it } from 'node:test';
import { decodePod } from './user-pod.ts';

const LABEL = 'io.gantry.isolation';

void it('isolation is asked for by a member, or by a label that survives old clients', () => {
  for (const [pod, isolation] of [
    [{}, ''],
    [{ isolation: 'vm' }, 'vm'],
    [{ labels: { [LABEL]: 'vm' } }, 'vm'],
    [{ labels: { [LABEL]: '' } }, ''],
    [{ isolation: 'namespace', labels: { [LABEL]: 'vm' } }, 'namespace'],
  ] as const)
    assert.equal(decodePod(pod).isolation, isolation, JSON.stringify(pod));
  const unknown = { code: 'pod.isolation-unknown', message: /isolation.*cell/u };
  assert.throws(() => decodePod({ isolation: 'cell' }), unknown);
  assert.throws(() => decodePod({ labels: { [LABEL]: 'cell' } }), unknown);
});

void it('the bridge of pods goes by its old name', () => {
  const { interfaces } = decodePod({
    interfaces: [{ bridge: 'hyper0', ip: '10.0.0.2/24' }, { bridge: 'br1' }, {}],
  });
  assert.deepEqual(
    interfaces.map(({ bridge }) => bridge),
    ['default', 'br1', ''],
  );
});
