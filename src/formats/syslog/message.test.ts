import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFacility, parseSyslogAddress, syslogMessage } from './message.ts';

const message = {
  facility: 3,
  severity: 6,
  time: new Date(2026, 0, 2, 15, 4, 5, 678).getTime(),
  hostname: 'h',
  tag: 'web/1',
  pid: 7,
  text: 'hello',
};

test('messages are worded by their format', () => {
  assert.equal(syslogMessage('', message), '<30>Jan  2 15:04:05 web/1[7]: hello\n');
  assert.equal(syslogMessage('rfc3164', message), '<30>Jan  2 15:04:05 h web/1[7]: hello\n');
  const iso = new Date(message.time).toISOString();
  assert.equal(
    syslogMessage('rfc5424', message),
    `<30>1 ${iso.replace('.678', '')} h web/1 7 web/1 - hello\n`,
  );
  assert.match(syslogMessage('rfc5424micro', message), /\.678000Z h /u);
});

test('facilities have names and numbers', () => {
  assert.deepEqual(['', 'kern', 'local7', '16'].map(parseFacility), [3, 0, 23, 16]);
  assert.deepEqual(['x', '24', '-1'].map(parseFacility), [undefined, undefined, undefined]);
});

test('addresses are local, a path, or a host with a port', () => {
  assert.deepEqual(parseSyslogAddress(''), { kind: 'local' });
  assert.deepEqual(parseSyslogAddress('unixgram:///dev/log'), { kind: 'unix', path: '/dev/log' });
  assert.deepEqual(parseSyslogAddress('udp://[::1]:99'), { kind: 'udp', host: '::1', port: 99 });
  assert.deepEqual(parseSyslogAddress('tcp://h'), { kind: 'tcp', host: 'h', port: 514 });
  for (const bad of ['h', 'unix://x', 'udp://', 'tcp://h:99999', 'tcp+tls://h', 'http://h'])
    assert.equal(parseSyslogAddress(bad), undefined, bad);
});
