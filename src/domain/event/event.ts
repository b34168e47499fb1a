import type { Instant } from '#domain/value/instant.ts';

export type EventType = 'container' | 'image' | 'network' | 'volume' | 'daemon' | 'builder' | 'pod';

/** Something that happened; docker-modern.md 3.5 lists actions and attributes. */
export type EngineEvent = {
  readonly type: EventType;
  readonly action: string;
  readonly actorId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly at: Instant;
};
