import { Type } from '#api/dialect/type.ts';
import type { TSchemaOptions } from 'typebox';
import { lenient, since, until } from '#api/dialect/lifetime.ts';
import { internal } from '#api/dialect/schema.ts';

const OptionalFlag = (options: TSchemaOptions = {}) => Type.Optional(Type.Boolean(options));

export const StartQuery = Type.Object(
  {
    detachKeys: Type.Optional(Type.String(since('1.22'))),
    /** Host configuration comes in the body. */
    takesHost: OptionalFlag(internal),
  },
  { $id: 'StartQuery' },
);

/** `t` of restart and stop: seconds until SIGKILL. What silence means differs by version: see the changes. */
export const StopQuery = Type.Object(
  {
    t: Type.Optional(Type.Integer(lenient(until('1.30')))),
    signal: Type.Optional(Type.String(since('1.42'))),
    /** Old engines did not thaw a paused container to end it. */
    refusesPaused: OptionalFlag(internal),
  },
  { $id: 'StopQuery' },
);

export const KillQuery = Type.Object(
  {
    signal: Type.Optional(Type.String(since('1.6'))),
    refusesPaused: OptionalFlag(internal),
    /** Old engines did not mind that nothing runs. */
    acceptsStopped: OptionalFlag(internal),
  },
  { $id: 'KillQuery' },
);

export const RemoveQuery = Type.Object(
  {
    v: Type.Boolean(),
    link: Type.Boolean(since('1.6')),
    force: Type.Boolean(since('1.10')),
    refusesPaused: OptionalFlag(internal),
  },
  { $id: 'RemoveQuery' },
);

export const RenameQuery = Type.Object({ name: Type.String() }, { $id: 'RenameQuery' });

/** Both are required and decimal. */
export const ResizeQuery = Type.Object({ h: Type.Integer(), w: Type.Integer() }, { $id: 'ResizeQuery' });

export const ResizeHeaders = Type.Object(
  {
    'User-Agent': Type.Optional(Type.String()),
    /** The client's structure had width and height the other way round. */
    isSwapped: OptionalFlag(internal),
  },
  { $id: 'ResizeHeaders' },
);

export const InspectQuery = Type.Object(
  {
    size: Type.Boolean(since('1.21')),
    /** A name that also names an image is a conflict. */
    mindsImages: OptionalFlag(internal),
  },
  { $id: 'ContainerInspectQuery' },
);

export const WaitQuery = Type.Object(
  {
    condition: Type.Optional(Type.String(since('1.30'))),
    /** A condition nobody knows is the usual one, instead of an error. */
    ignoresUnknown: OptionalFlag(internal),
  },
  { $id: 'WaitQuery' },
);

export const WaitAnswer = Type.Object(
  {
    StatusCode: Type.Integer(),
    Error: Type.Optional(Type.Object({ Message: Type.String() }, since('1.34'))),
  },
  { $id: 'WaitAnswer' },
);

export const AttachQuery = Type.Object(
  {
    logs: Type.Boolean(),
    stream: Type.Boolean(),
    stdin: Type.Boolean(),
    stdout: Type.Boolean(),
    stderr: Type.Boolean(),
    detachKeys: Type.Optional(Type.String(since('1.22'))),
    /** Before 1.6 output was never framed. */
    isRaw: OptionalFlag(internal),
    /** Before 1.22 also while the container was paused or waited for its restart. */
    isAnyTime: OptionalFlag(internal),
    /** With `logs`: a run that is over is the one that was meant. */
    endsWithRun: OptionalFlag(internal),
    /** Words before an error that comes after the connection was taken over. */
    errorPrefix: Type.Optional(Type.String(internal)),
  },
  { $id: 'AttachQuery' },
);

export const AttachSocketQuery = Type.Object(
  {
    logs: Type.Boolean(),
    stream: Type.Boolean(),
    stdin: Type.Boolean(since('1.42')),
    stdout: Type.Boolean(since('1.42')),
    stderr: Type.Boolean(since('1.42')),
    detachKeys: Type.Optional(Type.String(since('1.22'))),
    /** All three streams, whatever the client asked for. */
    takesAll: OptionalFlag(internal),
    /** With `logs`: a run that is over is the one that was meant. */
    endsWithRun: OptionalFlag(internal),
    /** Text frames: clients that know nothing else. */
    isText: OptionalFlag(internal),
  },
  { $id: 'AttachSocketQuery' },
);

export const LogsQuery = Type.Object(
  {
    follow: Type.Boolean(),
    stdout: Type.Boolean(),
    stderr: Type.Boolean(),
    timestamps: Type.Boolean(),
    tail: Type.Optional(Type.String(since('1.13'))),
    since: Type.Optional(Type.String(since('1.19'))),
    until: Type.Optional(Type.String(since('1.35'))),
    details: Type.Boolean(since('1.23')),
    /** How a line's time is written: nine digits, or as older engines did. */
    timeForm: Type.Optional(Type.Union([Type.Literal('trimmed'), Type.Literal('bracketed')], internal)),
  },
  { $id: 'LogsQuery' },
);
