import type { Static } from 'typebox';
import type { Change } from '#api/dialect/change.ts';
import { defaulted, reshape } from '#api/dialect/change.ts';
import { EventFrame, EventsQuery } from '#api/docker/schema/event.ts';
import { bareId } from './container-list.ts';

const ID = 'a'.repeat(64);

type Frame = Static<typeof EventFrame>;

/** The events of images that were told by a name and not by an id. */
const BY_NAME: ReadonlySet<string> = new Set(['tag', 'pull', 'push']);

const withOldId = (event: Frame): Frame => {
  if (event.Type !== 'image' || event.id === undefined) return event;
  const name = BY_NAME.has(event.Action) ? event.Actor.Attributes['name'] : undefined;
  return { ...event, id: name ?? bareId(event.id) };
};

/** Docker of that time told of containers and images only. */
const onlyContainersAndImages = reshape({
  id: 'events-of-containers-and-images-only',
  in: '1.22',
  on: EventFrame,
  why: 'older clients print status and id of every object; networks and volumes had no events, ids of images no algorithm, and a tag was told by the name it gave',
  source: 'docker-semantics.md 16; docker-shapes.md, identifiers',
  older: EventFrame,
  spread: true,
  down: (event) => (event.Type === 'container' || event.Type === 'image' ? [withOldId(event)] : []),
  examples: [
    { newer: { Type: 'network', Action: 'connect' }, older: [], only: 'down' },
    {
      newer: { Type: 'container', status: 'die' },
      older: [{ Type: 'container', status: 'die' }],
      only: 'down',
    },
    {
      newer: { Type: 'image', Action: 'delete', id: `sha256:${ID}` },
      older: [{ Type: 'image', Action: 'delete', id: ID }],
      only: 'down',
    },
    {
      newer: { Type: 'image', Action: 'tag', id: `sha256:${ID}`, Actor: { Attributes: { name: 'a:1' } } },
      older: [{ Type: 'image', Action: 'tag', id: 'a:1', Actor: { Attributes: { name: 'a:1' } } }],
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

const fewerKept = defaulted({
  id: 'events-keep-64',
  in: '1.30',
  on: EventsQuery,
  why: 'the last 64 events were kept, not 256',
  source: 'docker-semantics.md 16',
  up: (query) => ({ ...query, kept: 64 }),
  examples: [{ older: { since: '0' }, newer: { since: '0', kept: 64 } }],
});

const untilIsTimer = defaulted({
  id: 'events-until-is-a-timer',
  in: '1.24',
  on: EventsQuery,
  why: 'until ended the stream and cut nothing off what was kept; it could be before since',
  source: 'docker-routes.md R51',
  up: (query) => ({ ...query, untilIsTimer: true }),
  examples: [{ older: { until: '1' }, newer: { until: '1', untilIsTimer: true } }],
});

const keptOfContainersAndImages = defaulted({
  id: 'events-kept-are-of-containers-and-images',
  in: '1.22',
  on: EventsQuery,
  why: 'nothing else had events, so the places were all for these',
  source: 'docker-semantics.md 16',
  up: (query) => ({ ...query, keptTypes: ['container', 'image'] }),
  examples: [{ older: {}, newer: { keptTypes: ['container', 'image'] } }],
});

const badTimesIgnored = defaulted({
  id: 'events-ignore-bad-times',
  in: '1.19',
  on: EventsQuery,
  why: 'since and until that are no numbers were as if not there',
  source: 'docker-routes.md R51',
  up: (query) => ({ ...query, ignoresBadTimes: true }),
  examples: [{ older: { since: 'x' }, newer: { since: 'x', ignoresBadTimes: true } }],
});

export const EVENT_CHANGES: readonly Change[] = [
  fewerKept,
  untilIsTimer,
  onlyContainersAndImages,
  keptOfContainersAndImages,
  badTimesIgnored,
  shortIds,
];
