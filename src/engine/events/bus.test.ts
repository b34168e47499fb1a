import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EngineEvent } from '#domain/event/event.ts';
import type { EventRequest } from '#engine/engine.ts';
import { nanosOf } from '#formats/time/nanos.ts';
import { FakeClock } from '#test/fakes/fake-clock.ts';
import { settle } from '#test/fakes/settle.ts';
import { createEventBus, HISTORY_LENGTH, READER_LIMIT } from './bus.ts';

const event = (action: string): Omit<EngineEvent, 'at'> => ({
  type: 'container',
  action,
  actorId: 'x',
  attributes: {},
});

const request = (change: Partial<EventRequest> = {}): EventRequest => ({
  matches: () => true,
  signal: new AbortController().signal,
  ...change,
});

const actionsOf = async (events: AsyncIterable<EngineEvent>): Promise<string[]> => {
  const actions: string[] = [];
  for await (const { action } of events) actions.push(action);
  return actions;
};

describe('event bus', () => {
  it('follows a clock that is set back, and keeps the order where it only trembles', async () => {
    const clock = new FakeClock();
    const bus = createEventBus(clock);
    const times: number[] = [];
    const begin = clock.now();
    const reader = bus.subscribe(request())[Symbol.asyncIterator]();
    for (const moment of [begin, begin - 10, begin - 3_600_000, begin - 3_600_000]) {
      clock.set(moment);
      bus.publish(event('any'));
    }
    for (let index = 0; index < 4; index += 1) {
      const step = await reader.next();
      if (step.done !== true) times.push(step.value.at - begin);
    }
    const [first, second = 0, third = 0, fourth = 0] = times;
    assert.equal(first, 0);
    assert.ok(second > 0 && second < 1, String(second));
    assert.equal(third, -3_600_000);
    assert.ok(fourth > third && fourth < third + 1, String(fourth));
  });

  it('gives a reader what happens from its subscription on, also before its first read', async () => {
    const bus = createEventBus(new FakeClock());
    const leaving = new AbortController();
    bus.publish(event('before'));
    const events = bus.subscribe(request({ signal: leaving.signal }));
    bus.publish(event('after'));
    const reading = events[Symbol.asyncIterator]();
    assert.equal((await reading.next()).value?.action, 'after');
    const next = reading.next();
    leaving.abort();
    assert.equal((await next).done, true);
    assert.equal(bus.listeners, 0);
  });

  it('replays since an instant and ends at once when until has passed', async () => {
    const clock = new FakeClock();
    const bus = createEventBus(clock);
    bus.publish(event('old'));
    clock.advance(1000);
    const since = nanosOf(clock.now());
    bus.publish(event('new'));
    bus.publish(event('newer'));
    clock.advance(1000);
    assert.deepEqual(await actionsOf(bus.subscribe(request({ since, until: nanosOf(clock.now()) }))), [
      'new',
      'newer',
    ]);
  });

  it('ends when until comes', async () => {
    const clock = new FakeClock();
    const bus = createEventBus(clock);
    const reading = actionsOf(bus.subscribe(request({ until: nanosOf(clock.now() + 500) })));
    bus.publish(event('in time'));
    await settle();
    clock.advance(500);
    assert.deepEqual(await reading, ['in time']);
    assert.equal(bus.listeners, 0);
  });

  it('keeps a bounded history', async () => {
    const clock = new FakeClock();
    const bus = createEventBus(clock);
    for (let number = 0; number < HISTORY_LENGTH + 10; number += 1) bus.publish(event(String(number)));
    clock.advance(10);
    const actions = await actionsOf(bus.subscribe(request({ since: 1n, until: nanosOf(clock.now()) })));
    assert.equal(actions.length, HISTORY_LENGTH);
    assert.equal(actions[0], '10');
  });

  it('replays from an event and one nanosecond after it exactly', async () => {
    const clock = new FakeClock();
    clock.advance(0.123);
    const bus = createEventBus(clock);
    const times: bigint[] = [];
    bus.subscribe(request({ matches: ({ at }) => times.push(nanosOf(at)) > 0 }));
    for (const name of ['a', 'b', 'c']) bus.publish(event(name));
    clock.advance(10);
    const until = nanosOf(clock.now());
    const [, second = 0n] = times;
    assert.deepEqual(await actionsOf(bus.subscribe(request({ since: second, until }))), ['b', 'c']);
    assert.deepEqual(await actionsOf(bus.subscribe(request({ since: second + 1n, until }))), ['c']);
    assert.deepEqual(await actionsOf(bus.subscribe(request({ since: 1n, until: second }))), ['a', 'b']);
    assert.deepEqual(await actionsOf(bus.subscribe(request({ since: 1n, until: second - 1n }))), ['a']);
  });

  it('until alone tells what was, 0 all of it, unless it is a timer', async () => {
    const clock = new FakeClock();
    const bus = createEventBus(clock);
    bus.publish(event('old'));
    clock.advance(1000);
    const until = nanosOf(clock.now());
    clock.advance(1000);
    bus.publish(event('late'));
    assert.deepEqual(await actionsOf(bus.subscribe(request({ until }))), ['old']);
    assert.deepEqual(await actionsOf(bus.subscribe(request({ until: 0n }))), ['old', 'late']);
    assert.deepEqual(await actionsOf(bus.subscribe(request({ until, untilIsTimer: true }))), []);
  });

  it('until may be a timer only, and the history shorter than what is kept', async () => {
    const clock = new FakeClock();
    const bus = createEventBus(clock);
    const until = nanosOf(clock.now());
    clock.advance(10);
    for (let number = 0; number < 6; number += 1) bus.publish(event(String(number)));
    const asked = { since: 1n, until };
    assert.deepEqual(await actionsOf(bus.subscribe(request(asked))), []);
    const replay = { limit: 2, counts: ({ action }: EngineEvent) => action !== '4' };
    const shorter = bus.subscribe(request({ ...asked, untilIsTimer: true, replay }));
    assert.deepEqual(await actionsOf(shorter), ['3', '5']);
  });

  it('an end that is months away is not forgotten', async () => {
    const clock = new FakeClock();
    const bus = createEventBus(clock);
    const day = 86_400_000;
    const reading = actionsOf(bus.subscribe(request({ until: nanosOf(clock.now() + 40 * day) })));
    for (let hour = 0; hour < 30 * 24; hour += 1) {
      clock.advance(3_600_000);
      await settle();
    }
    bus.publish(event('in time'));
    for (let hour = 0; hour < 10 * 24; hour += 1) {
      clock.advance(3_600_000);
      await settle();
    }
    assert.deepEqual(await reading, ['in time']);
  });

  it('cuts off a reader that does not read, and only that one', async () => {
    const bus = createEventBus(new FakeClock());
    const slow = bus.subscribe(request());
    const none = bus.subscribe(request({ matches: () => false }));
    for (let number = 0; number <= READER_LIMIT; number += 1) bus.publish(event('flood'));
    await assert.rejects(actionsOf(slow), { code: 'events.overflow' });
    assert.equal(bus.listeners, 1);
    assert.ok(none);
  });

  it('never gives two events the same instant', () => {
    const bus = createEventBus(new FakeClock());
    const seen: number[] = [];
    bus.subscribe(request({ matches: ({ at }) => seen.push(at) > 0 }));
    for (let number = 0; number < 5; number += 1) bus.publish(event('x'));
    assert.equal(new Set(seen).size, 5);
  });
});
