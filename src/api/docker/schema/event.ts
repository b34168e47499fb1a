import { Type } from 'typebox';
import { since } from '#api/dialect/lifetime.ts';
import { Filters, Int64 } from '#api/dialect/schema.ts';

/** docker-shapes.md 17, docker-modern.md 3.5. */
export const EventFrame = Type.Object(
  {
    status: Type.Optional(Type.String()),
    id: Type.Optional(Type.String()),
    from: Type.Optional(Type.String(since('1.4'))),
    Type: Type.String(since('1.22')),
    Action: Type.String(since('1.22')),
    Actor: Type.Object({ ID: Type.String(), Attributes: Type.Record(Type.String(), Type.String()) }, since('1.22')),
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
    filters: Filters(since('1.16')),
  },
  { $id: 'EventsQuery' },
);

