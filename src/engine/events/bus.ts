import type { EngineEvent } from '#domain/event/event.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { EventRequest } from '#engine/engine.ts';
import type { Clock } from '#engine/ports/clock.ts';
import { Subscription } from './subscription.ts';

/** Events kept for `since` (docker-semantics.md 16 asks for 64, today's engines keep 256). */
export const HISTORY_LENGTH = 256;
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
    if (request.until !== undefined && request.until <= this.#clock.now()) {
      reader.end();
      return reader;
    }
    this.#readers.add(reader);
    this.#endAt(reader, request);
    return reader;
  }

  #historyFor({ since, until }: EventRequest): readonly EngineEvent[] {
    // Without `since` a reader gets only news, except that `until` alone bounds the replay of nothing.
    if (since === undefined) return [];
    return this.#history.filter(({ at }) => at >= since && (until === undefined || at <= until));
  }

  #endAt(reader: Subscription, { until }: EventRequest): void {
    if (until === undefined) return;
    void this.#clock
      .sleep(until - this.#clock.now(), reader.closed)
      .then(() => reader.end())
      // Rejects only when the reader has gone before.
      .catch(() => undefined);
  }

  /** Never the same instant twice, so that `since` with the last event's time repeats that event only. */
  #stamp(): number {
    const now = this.#clock.now();
    const isSetBack = now < this.#lastAt - SET_BACK_MS;
    this.#lastAt = isSetBack ? now : Math.max(now, this.#lastAt + 0.001);
    return this.#lastAt;
  }
}
