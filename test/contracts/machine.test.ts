import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { it } from 'node:test';
import { createMachine } from '#adapters/machine/create-machine.ts';
import { enterOwnNetwork } from '#test/support/network/own-network.ts';

enterOwnNetwork();

it('whether the machine forwards is read when it is asked', () => {
  const { facts } = createMachine();
  for (const [value, forwards] of [
    ['1', true],
    ['0', false],
    ['1', true],
  ] as const) {
    writeFileSync('/proc/sys/net/ipv4/ip_forward', value);
    assert.equal(facts.ipForward, forwards);
  }
});
