import type { Static } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { eventFilter } from '#api/docker/decode/event-filters.ts';
import { decodeUnixTime } from '#api/docker/decode/timestamp.ts';
import { presentEvent } from '#api/docker/present/event.ts';
import { EventFrame, EventsQuery } from '#api/docker/schema/event.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import type { EventRequest } from '#engine/engine.ts';
import type { Nanos } from '#formats/time/nanos.ts';
import { mapItems } from '#api/dialect/framing.ts';

export const events = defineRoute({
  id: 'events',
  method: 'GET',
  path: '/events',
  summary: 'News of containers, images, networks, volumes and the daemon',
  since: '1.3',
  query: EventsQuery,
  replies: { 200: EventFrame },
  handler: async ({ query, http }, { engine }): Promise<Reply> => {
    const news = engine.system.events({
      ...boundsOf(query),
      replay: replayOf(query),
      matches: eventFilter(query.filters),
      signal: http.signal,
    });
    return {
      kind: 'frames',
      status: 200,
      start: 'at-once',
      terminator: '\n',
      frames: mapItems(news, (event) => [presentEvent(event)]),
    };
  },
});

type Query = Static<typeof EventsQuery>;

/** Throws `query.integer` {name, value}, `events.since-after-until`. */
const boundsOf = (query: Query): Pick<EventRequest, 'since' | 'until' | 'untilIsTimer'> => {
  const [since, until] = [timeOf('since', query), timeOf('until', query)];
  const from = since === undefined ? {} : { since };
  // Where it is a timer, 0 winds none up.
  if (query.untilIsTimer === true)
    return until === undefined || until <= 0n ? from : { ...from, until, untilIsTimer: true };
  if (since !== undefined && until !== undefined && since > until) {
    const problem = `\`since\` time (${query.since}) cannot be after \`until\` time (${query.until})`;
    throw new EngineError('invalid', 'events.since-after-until', problem);
  }
  return { ...from, ...(until === undefined ? {} : { until }) };
};

const timeOf = (name: 'since' | 'until', query: Query): Nanos | undefined => {
  try {
    return decodeUnixTime(name, query[name]);
  } catch (error) {
    if (query.ignoresBadTimes === true && isEngineError(error, 'invalid')) return undefined;
    throw error;
  }
};

const replayOf = ({ kept = Number.POSITIVE_INFINITY, keptTypes }: Query): EventRequest['replay'] => ({
  limit: kept,
  counts: ({ type }) => keptTypes === undefined || keptTypes.includes(type),
});
