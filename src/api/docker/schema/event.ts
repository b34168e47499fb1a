import { Type } from '#api/dialect/type.ts';
import { since } from '#api/dialect/lifetime.ts';
import { Filters, Int64, internal } from '#api/dialect/schema.ts';

/**
 * docker-shapes.md 17, docker-modern.md 3.5. Type, Action and Actor came with 1.22, and are sent to all: a docker command
 * pinned to an older version takes the exit code of `run` from them, and older clients skip what they do not know.
 */
export const EventFrame = Type.Object(
  {
    status: Type.Optional(Type.String()),
    id: Type.Optional(Type.String()),
    from: Type.Optional(Type.String(since('1.4'))),
    Type: Type.String(),
    Action: Type.String(),
    Actor: Type.Object({ ID: Type.String(), Attributes: Type.Record(Type.String(), Type.String()) }),
    scope: Type.String(since('1.30')),
    time: Type.Integer(),
    timeNano: Int64(since('1.21')),
  },
  { $id: 'EventFrame' },
);

export const EventsQuery = Type.Object(
  {
    since: Type.Optional(Type.String()),
    until: Type.Optional(Type.String(since('1.11'))),
    /** Known since 1.16; taken from all for the same reason as Type above: `run` asks for the events of its container. */
    filters: Filters(),
    /** Old engines ended the stream at `until`, and told all that they had kept. */
    untilIsTimer: Type.Optional(Type.Boolean(internal)),
    /** How many events were kept, where it was fewer. */
    kept: Type.Optional(Type.Integer(internal)),
    /** Events of other things than these were none, and took no place among those kept. */
    keptTypes: Type.Optional(Type.Array(Type.String(), internal)),
    /** Times that are none were no bounds, instead of errors. */
    ignoresBadTimes: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'EventsQuery' },
);
