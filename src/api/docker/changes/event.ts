import type { Change } from '#api/dialect/change.ts';
import { reshape } from '#api/dialect/change.ts';
import { EventFrame } from '#api/docker/schema/event.ts';

const ID = 'a'.repeat(64);

/** Docker of that time told of containers and images only. */
const onlyContainersAndImages = reshape({
  id: 'events-of-containers-and-images-only',
  in: '1.22',
  on: EventFrame,
  why: 'older clients print status and id of every object; networks and volumes had no events',
  source: 'docker-semantics.md 16',
  older: EventFrame,
  spread: true,
  down: (event) => (event.Type === 'container' || event.Type === 'image' ? [event] : []),
  examples: [
    { newer: { Type: 'network', Action: 'connect' }, older: [], only: 'down' },
    {
      newer: { Type: 'container', status: 'die' },
      older: [{ Type: 'container', status: 'die' }],
      only: 'down',
    },
  ],
});

const shortIds = reshape({
  id: 'events-have-short-ids',
  in: '1.7',
  on: EventFrame,
  why: 'ids of events had twelve digits',
  source: 'docker-shapes.md 17',
  older: EventFrame,
  down: (event) => ({
    ...event,
    ...(event.id === undefined
      ? {}
      : { id: /^[0-9a-f]{64}$/.test(event.id) ? event.id.slice(0, 12) : event.id }),
  }),
  examples: [{ newer: { id: ID }, older: { id: ID.slice(0, 12) }, only: 'down' }],
});

export const EVENT_CHANGES: readonly Change[] = [onlyContainersAndImages, shortIds];
