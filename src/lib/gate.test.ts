import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Gate, untilAborted } from './gate.ts';

const STEPS = 20_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the heap that a run of `steps` keeps. */
const keptBy = async (step: (bytes: Uint8Array) => Promise<unknown>): Promise<number> => {
  await step(new Uint8Array(1024));
  collect();
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < STEPS; index += 1) await step(new Uint8Array(1024));
  collect();
  return process.memoryUsage().arrayBuffers - before;
};

describe('a gate', () => {
  it('is opened once, for who waits and who comes later', async () => {
    const gate = new Gate<number>();
    const early = gate.wait();
    gate.open(1);
    gate.open(2);
    assert.deepEqual([await early, await gate.wait(), gate.isOpen], [1, 1, true]);
  });

  it('is left by who gives up', async () => {
    const gate = new Gate<number>();
    const leaving = new AbortController();
    const wait = gate.wait(leaving.signal);
    leaving.abort();
    assert.equal(await wait, undefined);
    assert.equal(getEventListeners(leaving.signal, 'abort').length, 0);
    const told: number[] = [];
    gate.whenOpen((value) => told.push(value))();
    gate.open(3);
    assert.deepEqual(told, []);
  });

  it('ends a step that hangs, and lets others fail or come to their end', async () => {
    const gate = new Gate();
    assert.equal(await gate.race(Promise.resolve(1)), 1);
    await assert.rejects(gate.race(Promise.reject(new Error('no'))), /no/);
    const hanging = gate.race(new Promise(() => undefined));
    gate.open();
    assert.equal(await hanging, undefined);
  });
});

describe('a step until a signal', () => {
  it('ends with whatever comes first, and leaves no listener', async () => {
    const leaving = new AbortController();
    assert.equal(await untilAborted(Promise.resolve(1), leaving.signal), 1);
    await assert.rejects(untilAborted(Promise.reject(new Error('no')), leaving.signal), /no/);
    const hanging = untilAborted(new Promise(() => undefined), leaving.signal);
    assert.equal(getEventListeners(leaving.signal, 'abort').length, 1);
    leaving.abort();
    assert.equal(await hanging, undefined);
    assert.equal(await untilAborted(new Promise(() => undefined), leaving.signal), undefined);
    assert.equal(getEventListeners(leaving.signal, 'abort').length, 0);
  });
});

describe('many steps', () => {
  it('keep nothing of those that are over', async () => {
    const gate = new Gate();
    const { signal } = new AbortController();
    const limit = (STEPS * 1024) / 10;
    const raced = await keptBy((bytes) => gate.race(Promise.resolve(bytes)));
    assert.ok(raced < limit, `${raced} bytes kept by a gate`);
    const waited = await keptBy((bytes) => untilAborted(Promise.resolve(bytes), signal));
    assert.ok(waited < limit, `${waited} bytes kept by a signal`);
  });
});
