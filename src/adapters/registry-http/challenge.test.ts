import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChallenge } from '#adapters/registry-http/challenge.ts';
import { insecureRegistries } from '#adapters/registry-http/insecure.ts';

test('a bearer challenge is read with its quoted values', () => {
  assert.deepEqual(
    parseChallenge(
      'Bearer realm="https://auth.example/token",service="reg \\"x\\"",scope="repository:a/b:pull,push",error=insufficient_scope',
    ),
    {
      scheme: 'bearer',
      realm: 'https://auth.example/token',
      service: 'reg "x"',
      scope: 'repository:a/b:pull,push',
      error: 'insufficient_scope',
    },
  );
});

test('bearer is preferred to basic wherever it stands', () => {
  const basicFirst = parseChallenge('Basic realm="a", Bearer realm="https://b"');
  assert.ok(basicFirst?.scheme === 'bearer');
  assert.equal(basicFirst.realm, 'https://b');
  const bearerFirst = parseChallenge('Bearer realm="https://b", Basic realm="a"');
  assert.ok(bearerFirst?.scheme === 'bearer');
  assert.equal(bearerFirst.realm, 'https://b');
});

test('what we cannot answer is no challenge', () => {
  assert.equal(parseChallenge(undefined), undefined);
  assert.equal(parseChallenge('Digest realm="a"'), undefined);
  assert.equal(parseChallenge('Bearer service="x"'), undefined);
  assert.deepEqual(parseChallenge('basic'), { scheme: 'basic' });
});

test('insecure registries are named exactly or lie in a network', async () => {
  const list = insecureRegistries(['reg.example:5000', '10.0.0.0/8', 'fd00::/8']);
  const cases: [string, boolean][] = [
    ['reg.example:5000', true],
    ['reg.example', false],
    ['REG.example:5000', true],
    ['10.1.2.3:80', true],
    ['11.1.2.3', false],
    ['127.0.0.1:5000', true],
    ['[::1]:5000', true],
    ['[fd00::2]:1', true],
    ['[fe80::2]:1', false],
    ['localhost:5000', true],
  ];
  for (const [host, expected] of cases) assert.equal(await list.includes(host), expected, host);
});
