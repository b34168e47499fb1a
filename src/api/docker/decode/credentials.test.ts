import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeAuthHeader } from './credentials.ts';

const NOBODY = {
  username: '',
  password: '',
  email: '',
  serverAddress: '',
  identityToken: '',
  registryToken: '',
};
const encoded = (body: unknown): string => btoa(JSON.stringify(body));

test('both alphabets are read, with and without padding', () => {
  const header = encoded({ username: 'u>?>', password: 'p' });
  const wanted = { ...NOBODY, username: 'u>?>', password: 'p' };
  assert.deepEqual(decodeAuthHeader(header), wanted);
  assert.deepEqual(
    decodeAuthHeader(header.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')),
    wanted,
  );
});

test('user and password may stand in one member', () => {
  assert.deepEqual(decodeAuthHeader(encoded({ username: '', auth: btoa('u:p:q') })), {
    ...NOBODY,
    username: 'u',
    password: 'p:q',
  });
});

test('what cannot be read counts as nothing sent', () => {
  for (const header of [undefined, '', '%%%', btoa('no json'), btoa('null')]) {
    assert.equal(decodeAuthHeader(header), undefined);
  }
});
