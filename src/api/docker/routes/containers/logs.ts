import type { Static } from 'typebox';
import type { Reply } from '#api/http/reply.ts';
import type { Container } from '#domain/container/container.ts';
import { logAttributes } from '#domain/container/log/attributes.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { Nanos } from '#formats/time/nanos.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeUnixTime } from '#api/docker/decode/timestamp.ts';
import { LogsQuery } from '#api/docker/schema/container-query.ts';
import { bracketedTime, fullTime, logBytes, trimmedTime } from '#api/docker/streams/log-bytes.ts';
import { MULTIPLEXED_STREAM, RAW_STREAM } from '#api/docker/streams/serve-attachment.ts';

type Query = Static<typeof LogsQuery>;

export const containerLogs = defineRoute({
  id: 'container-logs',
  method: 'GET',
  path: '/containers/{name}/logs',
  summary: "A container's stored output",
  since: '1.11',
  query: LogsQuery,
  replies: {},
  handler: async ({ params, query, http }, { engine }): Promise<Reply> => {
    // Told before the container is looked for.
    if (!query.stdout && !query.stderr) {
      throw new EngineError(
        'invalid',
        'logs.no-stream',
        'Bad parameters: you must choose at least one stream',
      );
    }
    const container = engine.containers.get(params.name);
    const [since, until] = [boundOf('since', query), boundOf('until', query)];
    const tail = decodeTail(query.tail);
    const { tty, records } = await engine.containers.logs(params.name, {
      stdout: query.stdout,
      stderr: query.stderr,
      follow: query.follow,
      ...(tail === undefined ? {} : { tail }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      signal: http.signal,
    });
    return {
      kind: 'bytes',
      status: 200,
      contentType: tty ? RAW_STREAM : MULTIPLEXED_STREAM,
      start: 'at-once',
      body: logBytes(records, {
        framed: !tty,
        time: timeForm(query),
        details: query.details ? detailsOf(container) : '',
      }),
      onError: (error) => new TextEncoder().encode(`Error running logs job: ${textOf(error)}\n`),
    };
  },
});

/** 0 is none. Throws `time.invalid` {name, value}. */
const boundOf = (name: 'since' | 'until', query: Query): Nanos | undefined => {
  const nanos = decodeUnixTime(name, query[name], 'time.invalid');
  return nanos === undefined || nanos <= 0n ? undefined : nanos;
};

/** `all`, nothing, a negative number or anything else: every line. */
const decodeTail = (tail: string | undefined): number | undefined => {
  const lines = /^\d+$/.test(tail ?? '') ? Number(tail) : undefined;
  return lines === undefined || !Number.isSafeInteger(lines) ? undefined : lines;
};

const FORMS = { full: fullTime, trimmed: trimmedTime, bracketed: bracketedTime } as const;

const timeForm = ({ timestamps, timeForm: form }: Query): ((time: string) => string) | undefined =>
  timestamps ? FORMS[form ?? 'full'] : undefined;

/** `key=value` with commas, escaped as in a query. */
const detailsOf = (container: Container): string => {
  const pairs = logAttributes(container).map(([name, value]) => `${escape(name)}=${escape(value)}`);
  return `${pairs.join(',')} `;
};

const escape = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll(/[!'()*]/gu, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const textOf = (error: unknown): string => (error instanceof EngineError ? error.message : 'internal error');
