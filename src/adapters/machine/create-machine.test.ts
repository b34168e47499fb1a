import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capabilityNames, parseCapabilities } from './capabilities.ts';
import { createMachine } from './create-machine.ts';
import { parseOsRelease, toArchitecture } from './operating-system.ts';

test('os-release gives the pretty name and version, quoted or not', () => {
  const text = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID=12\n# x\n';
  assert.deepEqual(parseOsRelease(text), { name: 'Debian GNU/Linux 12 (bookworm)', version: '12' });
  assert.deepEqual(parseOsRelease(''), { name: 'Linux', version: '' });
});

test('the effective set names its capabilities', () => {
  assert.deepEqual(parseCapabilities('CapPrm:\tffff\nCapEff:\t0000000000000021\n'), [
    'CAP_CHOWN',
    'CAP_KILL',
  ]);
  assert.deepEqual(parseCapabilities('CapEff:\t000001ffffffffff\n'), [...capabilityNames]);
  assert.equal(parseCapabilities('CapEff:\t000001fffeffffff\n').includes('CAP_SYS_RESOURCE'), false);
});

test('hardware names become those of images', () => {
  assert.equal(toArchitecture('x86_64'), 'amd64');
  assert.equal(toArchitecture('aarch64'), 'arm64');
  assert.equal(toArchitecture('sparc64'), 'sparc64');
});

test('the facts of this machine are filled in', () => {
  const { facts, usage } = createMachine();
  assert.ok(facts.memoryBytes > 0 && facts.cpus > 0);
  assert.ok(facts.kernelVersion !== '' && facts.hostname !== '');
  assert.ok(facts.cgroup.version === 1 || facts.cgroup.version === 2);
  assert.ok(usage().fileDescriptors > 3);
});
