import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_CAPABILITIES, DEFAULT_CAPABILITIES, planCapabilities } from './capabilities.ts';

const none = { capAdd: [], capDrop: [], privileged: false };

test('a container gets the default fourteen when nothing is said', () => {
  const plan = planCapabilities(none, ALL_CAPABILITIES);
  assert.equal(plan.granted.length, 14);
  assert.deepEqual(new Set(plan.granted), new Set(DEFAULT_CAPABILITIES));
});

test('names are taken in any case, with or without the prefix', () => {
  const plan = planCapabilities(
    { ...none, capAdd: ['net_admin', 'CAP_SYS_PTRACE'], capDrop: ['Mknod'] },
    ALL_CAPABILITIES,
  );
  assert.ok(plan.granted.includes('CAP_NET_ADMIN'));
  assert.ok(plan.granted.includes('CAP_SYS_PTRACE'));
  assert.ok(!plan.granted.includes('CAP_MKNOD'));
});

test('drop ALL and add one leaves one', () => {
  const plan = planCapabilities({ ...none, capAdd: ['CHOWN'], capDrop: ['all'] }, ALL_CAPABILITIES);
  assert.deepEqual(plan.granted, ['CAP_CHOWN']);
});

test('what the daemon lacks is withheld and named', () => {
  const held = ALL_CAPABILITIES.filter((name) => name !== 'CAP_SYS_RESOURCE');
  const plan = planCapabilities({ ...none, privileged: true }, held);
  assert.deepEqual(plan.withheld, ['CAP_SYS_RESOURCE']);
  assert.equal(plan.granted.length, ALL_CAPABILITIES.length - 1);
});

test('a name that no kernel knows is reported as written', () => {
  assert.deepEqual(planCapabilities({ ...none, capAdd: ['Flying'] }, ALL_CAPABILITIES).unknown, ['Flying']);
});
