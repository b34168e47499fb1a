import type { Static } from 'typebox';
import type { EngineEvent } from '#domain/event/event.ts';
import type { EventFrame } from '#api/docker/schema/event.ts';
import { presentNanos, presentSeconds } from './time.ts';

/** `status`, `id` and `from` exist for containers and images only, and where there is one: a prune has no object. */
export const presentEvent = (event: EngineEvent): Static<typeof EventFrame> => ({
  ...(event.type === 'container' || event.type === 'image'
    ? { status: event.action, ...(event.actorId === '' ? {} : { id: event.actorId }) }
    : {}),
  ...(event.type === 'container' && event.attributes['image'] !== undefined
    ? { from: event.attributes['image'] }
    : {}),
  Type: event.type,
  Action: event.action,
  Actor: { ID: event.actorId, Attributes: { ...event.attributes } },
  scope: 'local',
  time: presentSeconds(event.at),
  timeNano: presentNanos(event.at),
});
