import type { Static } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import { isLive } from '#domain/container/lifecycle.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import { defineRoute } from '#api/hyper/context.ts';
import { findMember, refOf } from '#api/hyper/lookup/containers.ts';
import type { Member } from '#api/hyper/lookup/containers.ts';
import { LogsQuery } from '#api/hyper/schema/container-query.ts';
import { logBytes } from '#api/hyper/streams/log-bytes.ts';
import { parseCalendarTime, parseUnixTime } from '#formats/time/moment.ts';
import type { Nanos } from '#formats/time/nanos.ts';
import type { Engine } from '#engine/engine.ts';

/** Clients look for a type that is not JSON, and complain without one. */
const TYPE = 'text/plain; charset=utf-8';

const LOST = (ref: string): string => `Error running logs job: cannot find container ${ref}\n`;

type Query = Static<typeof LogsQuery>;

export const containerLogs = defineRoute({
  id: 'container-logs',
  method: 'GET',
  path: '/container/logs',
  summary: "A container's stored output",
  since: '0.5',
  query: LogsQuery,
  replies: { 200: null },
  handler: async ({ query, http }, { engine }): Promise<Reply> => {
    if (!query.stdout && !query.stderr) {
      throw new EngineError(
        'invalid',
        'logs.no-stream',
        'Bad parameters: you must choose at least one stream',
      );
    }
    const since = decodeSince(query.since ?? '');
    const member = find(engine, refOf(query));
    // Told as a line of the output: the status is 200 by then (hyperd-api 2.2).
    if (member instanceof EngineError)
      return { kind: 'text', status: 200, contentType: TYPE, body: LOST(refOf(query)) };
    const { tty, records } = await engine.containers.logs(member.container.id, {
      stdout: query.stdout,
      stderr: query.stderr,
      follow: query.follow && isLive(member.container.state.status),
      ...decodeTail(query),
      ...(since === undefined ? {} : { since }),
      signal: http.signal,
    });
    return {
      kind: 'bytes',
      status: 200,
      contentType: TYPE,
      start: 'at-once',
      body: logBytes(records, { framed: !tty, timestamps: query.timestamps || query.timestamp }),
      onError: (error) => Buffer.from(`${isEngineError(error) ? error.message : 'internal error'}\n`),
    };
  },
});

const find = (engine: Engine, ref: string): Member | EngineError => {
  try {
    return findMember(engine, ref);
  } catch (error) {
    if (isEngineError(error, 'not-found')) return error;
    throw error;
  }
};

/** Anything that is no number means all of it. */
const decodeTail = ({ tail = '' }: Query): { tail?: number } =>
  /^\d{1,15}$/u.test(tail) ? { tail: Number(tail) } : {};

const WITH_ZONE = /T\d\d:\d\d:\d\d.*(?:Z|[+-]\d\d:\d\d)$/u;

/** Seconds with a fraction, or RFC 3339, which users type. Throws `invalid` code `logs.since` {value}. */
const decodeSince = (text: string): Nanos | undefined => {
  if (text === '') return undefined;
  const upper = text.toUpperCase();
  const nanos = WITH_ZONE.test(upper) ? parseCalendarTime(upper, 0) : parseUnixTime(text);
  if (nanos !== undefined && nanos >= 0n) return nanos === 0n ? undefined : nanos;
  throw new EngineError('invalid', 'logs.since', `since: ${text} is not a time`, { params: { value: text } });
};
