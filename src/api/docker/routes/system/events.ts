import type { Reply } from '#api/http/reply.ts';
import { defineRoute } from '#api/docker/context.ts';
import { eventFilter } from '#api/docker/decode/event-filters.ts';
import { decodeTimestamp } from '#api/docker/decode/timestamp.ts';
import { presentEvent } from '#api/docker/present/event.ts';
import { EventFrame, EventsQuery } from '#api/docker/schema/event.ts';
import { EngineError } from '#domain/error/engine-error.ts';
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
    const [since, until] = [decodeTimestamp('since', query.since), decodeTimestamp('until', query.until)];
    if (since !== undefined && until !== undefined && since > until) {
      const problem = `\`since\` time (${query.since}) cannot be after \`until\` time (${query.until})`;
      throw new EngineError('invalid', 'events.since-after-until', problem);
    }
    const news = engine.system.events({
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
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
