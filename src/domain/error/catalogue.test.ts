import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { engineError } from './catalogue.ts';

describe('error catalogue', () => {
  it('fills the sentence in and keeps the params', () => {
    const cause = new Error('why');
    const error = engineError('container.name-in-use', { name: 'web', id: 'abc' }, cause);
    assert.equal(error.message, 'the name web is in use by container abc');
    assert.deepEqual(
      [error.kind, error.code, error.params, error.cause],
      ['exists', 'container.name-in-use', { name: 'web', id: 'abc' }, cause],
    );
  });

  it('leaves a place whose param is missing, and takes params literally', () => {
    assert.equal(engineError('container.not-found').message, 'no such container: {ref}');
    assert.equal(
      engineError('container.not-found', { ref: '$& {ref}' }).message,
      'no such container: $& {ref}',
    );
  });
});
