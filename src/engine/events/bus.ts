import type { EngineEvent } from '#domain/event/event.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { EventRequest } from '#engine/engine.ts';
import { millisOf, nanosOf } from '#formats/time/nanos.ts';
import type { Nanos } from '#formats/time/nanos.ts';
import type { Clock } from '#engine/ports/clock.ts';
import { Subscription } from './subscription.ts';

/** Events kept for `since`; who asks may want fewer (docker-semantics.md 16: 64 once, 256 today). */
export const HISTORY_LENGTH = 256;
/** A timer is asked again after this long. */
const LONGEST_SLEEP_MS = 3_600_000;
/** A reader this far behind is cut off: memory stays flat whatever it does. */
export const READER_LIMIT = 8192;

/** A clock this far behind the last event was set back: its new time is the right one. */
const SET_BACK_MS = 1000;

/** Carries news from operations to whoever reads `/events`. */
export interface EventBus {
  /** Synchronous; never fails and never waits for a reader. `at` is now unless given. */
  publish(event: Omit<EngineEvent, 'at'> & { readonly at?: number }): void;
  /** Listens from this call on (not from the first read), after what `since` asks for. */
  subscribe(request: EventRequest): AsyncIterable<EngineEvent>;
  readonly listeners: number;
}

export const createEventBus = (clock: Clock): EventBus => new RingBus(clock);

class RingBus implements EventBus {
  readonly #clock: Clock;
  readonly #history: EngineEvent[] = [];
  readonly #readers = new Set<Subscription>();
  #lastAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get listeners(): number {
    return this.#readers.size;
  }

  publish(event: Omit<EngineEvent, 'at'> & { readonly at?: number }): void {
    const stamped: EngineEvent = { ...event, at: event.at ?? this.#stamp() };
    this.#history.push(stamped);
    if (this.#history.length > HISTORY_LENGTH) this.#history.shift();
    for (const reader of this.#readers) {
      if (!reader.offer(stamped)) reader.fail(engineError('events.overflow', { count: READER_LIMIT }));
    }
  }

  subscribe(request: EventRequest): AsyncIterable<EngineEvent> {
    const reader = new Subscription(request, READER_LIMIT, () => this.#readers.delete(reader));
    for (const event of this.#historyFor(request)) reader.offer(event);
    if (request.until !== undefined && request.until <= nanosOf(this.#clock.now())) {
      reader.end();
      return reader;
    }
    this.#readers.add(reader);
    this.#endAt(reader, request);
    return reader;
  }

  #historyFor({ since, until, untilIsTimer, replay }: EventRequest): readonly EngineEvent[] {
    const last = untilIsTimer === true || until === 0n ? undefined : until;
    // A reader that gives no bound gets only news; one bound is enough to be told of what was.
    if (since === undefined && (until === undefined || untilIsTimer === true)) return [];
    const kept =
      replay === undefined ? this.#history : this.#history.filter(replay.counts).slice(-replay.limit);
    return kept.filter(({ at }) => {
      const nanos = nanosOf(at);
      return (since === undefined || nanos >= since) && (last === undefined || nanos <= last);
    });
  }

  #endAt(reader: Subscription, { until }: EventRequest): void {
    if (until === undefined) return;
    void this.#sleepUntil(until, reader.closed)
      .then(() => reader.end())
      // Rejects only when the reader has gone before.
      .catch(() => undefined);
  }

  /** In pieces: a timer knows no more than 24 days, and the clock may be set meanwhile. */
  async #sleepUntil(until: Nanos, signal: AbortSignal): Promise<void> {
    for (let left = this.#left(until); left > 0; left = this.#left(until))
      await this.#clock.sleep(Math.min(left, LONGEST_SLEEP_MS), signal);
  }

  #left(until: Nanos): number {
    return Math.ceil(millisOf(until - nanosOf(this.#clock.now())));
  }

  /** Never the same instant twice, so that `since` with the last event's time repeats that event only. */
  #stamp(): number {
    const now = this.#clock.now();
    const isSetBack = now < this.#lastAt - SET_BACK_MS;
    this.#lastAt = isSetBack ? now : Math.max(now, this.#lastAt + 0.001);
    return this.#lastAt;
  }
}
