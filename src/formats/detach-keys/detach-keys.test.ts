import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DetachFilter } from './detach-filter.ts';
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from './parse-detach-keys.ts';

const filter = (
  keys: Uint8Array,
  ...inputs: readonly (readonly number[])[]
): { bytes: number[]; isDetached: boolean } => {
  const under = new DetachFilter(keys);
  const bytes: number[] = [];
  for (const input of inputs) {
    const result = under.push(Uint8Array.from(input));
    bytes.push(...result.bytes);
    if (result.isDetached) return { bytes, isDetached: true };
  }
  return { bytes, isDetached: false };
};

test('keys are letters, signs and their control forms', () => {
  assert.deepEqual([...(parseDetachKeys('ctrl-p,ctrl-q') ?? [])], [0x10, 0x11]);
  assert.deepEqual([...(parseDetachKeys('a,ctrl-[,ctrl-_') ?? [])], [0x61, 27, 31]);
  assert.equal(parseDetachKeys(''), DEFAULT_DETACH_KEYS);
});

test('what names no key is refused', () => {
  for (const text of ['ctrl-', 'ctrl-pp', 'control-p', 'a,,b', 'é', 'ctrl-P'])
    assert.equal(parseDetachKeys(text), undefined, text);
});

test('the sequence detaches, in one read or in two', () => {
  assert.deepEqual(filter(DEFAULT_DETACH_KEYS, [97, 0x10, 0x11, 98]), { bytes: [97], isDetached: true });
  assert.deepEqual(filter(DEFAULT_DETACH_KEYS, [97, 0x10], [0x11]), { bytes: [97], isDetached: true });
});

test('a beginning that leads nowhere reaches the process', () => {
  assert.deepEqual(filter(DEFAULT_DETACH_KEYS, [0x10], [97]), { bytes: [0x10, 97], isDetached: false });
  assert.deepEqual(filter(DEFAULT_DETACH_KEYS, [0x10, 0x10], [0x11]), { bytes: [0x10], isDetached: true });
});

test('without the sequence nothing is lost, however it was cut', () => {
  const bytes = fc.array(fc.constantFrom(1, 0x10, 97), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 6 }), (inputs) => {
      const end = [97];
      assert.deepEqual(filter(DEFAULT_DETACH_KEYS, ...inputs, end).bytes, [...inputs.flat(), 97]);
    }),
  );
});
