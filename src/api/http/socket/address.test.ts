import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isEngineError } from '#domain/error/engine-error.ts';

import { isLoopback, parseAddress } from './address.ts';

describe('an address to listen on', () => {
  it('is a Unix path, a TCP host and port, or a descriptor', () => {
    assert.deepEqual(parseAddress('unix:///var/run/a b.sock'), { kind: 'unix', path: '/var/run/a b.sock' });
    assert.deepEqual(parseAddress('tcp://0.0.0.0:2375'), { kind: 'tcp', host: '0.0.0.0', port: 2375 });
    assert.deepEqual(parseAddress('tcp://[::1]:80/'), { kind: 'tcp', host: '::1', port: 80 });
    assert.deepEqual(parseAddress('tcp://:0'), { kind: 'tcp', host: '127.0.0.1', port: 0 });
    assert.deepEqual(parseAddress('tcp://some.host:65535'), { kind: 'tcp', host: 'some.host', port: 65_535 });
    assert.deepEqual(parseAddress('fd://3'), { kind: 'fd', fd: 3 });
  });

  const bad = [
    '',
    '/run/a.sock',
    'unix://',
    'unix://a.sock',
    'tcp://host',
    'tcp://host:',
    'tcp://h:65536',
    'tcp://::1:80',
  ];
  for (const url of [
    ...bad,
    'tcp://a:1/x',
    'tcp://[::1:80',
    'fd://',
    'fd://x',
    'fd://-1',
    'http://a:1',
    ' unix:///a',
  ]) {
    it(`is not ${JSON.stringify(url)}`, () => {
      assert.throws(
        () => parseAddress(url),
        (error) => isEngineError(error, 'invalid'),
      );
    });
  }

  it('is local when only this machine can reach it', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) assert.ok(isLoopback(host), host);
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', 'localhost.example']) {
      assert.ok(!isLoopback(host), host);
    }
  });
});
