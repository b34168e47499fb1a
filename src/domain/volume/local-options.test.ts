import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isEngineError } from '#domain/error/engine-error.ts';
import { flagsOfOptions, sourceOfOptions, verifyLocalOptions } from './local-options.ts';

const refusal = (options: Record<string, string>): unknown => {
  try {
    verifyLocalOptions('v', options);
    return 'fine';
  } catch (error) {
    assert.ok(isEngineError(error, 'invalid'));
    return [error.code, error.params['option'] ?? error.params['size']];
  }
};

describe('options of local volumes', () => {
  it('are type, device, o and size, and each needs its companions', () => {
    assert.equal(refusal({}), 'fine');
    assert.equal(refusal({ type: 'tmpfs', device: 'tmpfs', o: 'size=1m' }), 'fine');
    assert.equal(refusal({ type: 'none', device: '/srv' }), 'fine');
    assert.deepEqual(refusal({ type: 'tmpfs', colour: 'red' }), ['volume.option', 'colour']);
    assert.deepEqual(refusal({ type: 'tmpfs' }), ['volume.option-missing', 'device']);
    assert.deepEqual(refusal({ device: '/srv' }), ['volume.option-missing', 'type']);
    assert.deepEqual(refusal({ o: 'bind' }), ['volume.option-missing', 'device']);
    assert.deepEqual(refusal({ o: 'bind', device: '/srv' }), ['volume.option-missing', 'type']);
  });

  it('cannot limit a directory, nor give a port in a CIFS address', () => {
    assert.equal(refusal({ size: '0' }), 'fine');
    assert.deepEqual(refusal({ size: '10m' }), ['volume.no-quota', undefined]);
    assert.deepEqual(refusal({ size: 'much' }), ['volume.option-size', 'much']);
    assert.equal(refusal({ type: 'cifs', device: '//server/share' }), 'fine');
    assert.deepEqual(refusal({ type: 'cifs', device: '//server:445/share' }), [
      'volume.cifs-port',
      undefined,
    ]);
  });

  it('have flags that every mount of the volume needs', () => {
    assert.deepEqual(flagsOfOptions({ type: 'tmpfs', device: 'tmpfs', o: 'ro,size=1m,noexec' }), [
      'ro',
      'noexec',
    ]);
    assert.deepEqual(flagsOfOptions({}), []);
  });

  it('say what to mount', () => {
    assert.equal(sourceOfOptions({}), undefined);
    assert.equal(sourceOfOptions({ size: '0' }), undefined);
    assert.deepEqual(sourceOfOptions({ type: 'none', device: '/srv', o: 'bind,ro' }), {
      type: 'none',
      device: '/srv',
      options: 'bind,ro',
    });
  });
});
