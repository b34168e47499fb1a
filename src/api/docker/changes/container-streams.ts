import type { Change } from '#api/dialect/change.ts';
import { defaulted, framing } from '#api/dialect/change.ts';
import { withContentType } from '#api/dialect/framing.ts';
import { AttachQuery, AttachSocketQuery, LogsQuery } from '#api/docker/schema/container-query.ts';
import { MULTIPLEXED_STREAM, RAW_STREAM } from '#api/docker/streams/serve-attachment.ts';

const oneContentType = framing({
  id: 'streams-have-one-content-type',
  in: '1.42',
  routes: ['container-attach', 'container-logs', 'exec-start'],
  why: 'framed output had no content type of its own',
  source: 'docker-modern.md 1',
  older: (reply) =>
    'contentType' in reply && reply.contentType === MULTIPLEXED_STREAM
      ? withContentType(reply, RAW_STREAM)
      : reply,
  examples: [
    { newer: { contentType: MULTIPLEXED_STREAM }, older: { contentType: RAW_STREAM } },
    { newer: { contentType: RAW_STREAM }, older: { contentType: RAW_STREAM } },
  ],
});

const socketTakesAll = defaulted({
  id: 'attach-socket-takes-all-streams',
  in: '1.42',
  on: AttachSocketQuery,
  why: 'stdin, stdout and stderr were attached whatever the client asked for',
  source: 'docker-routes.md R19; docker-modern.md 1',
  up: (query) => ({ ...query, takesAll: true }),
  examples: [{ older: { stdin: false }, newer: { stdin: false, takesAll: true } }],
});

const socketText = defaulted({
  id: 'attach-socket-sends-text',
  in: '1.28',
  on: AttachSocketQuery,
  why: 'output came as text frames',
  source: 'docker-modern.md 1',
  up: (query) => ({ ...query, isText: true }),
  examples: [{ older: {}, newer: { isText: true } }],
});

const shorterErrorPrefix = defaulted({
  id: 'attach-errors-begin-with-error',
  in: '1.12',
  on: AttachQuery,
  why: 'errors inside the stream had another beginning',
  source: 'docker-routes.md 3.10',
  up: (query) => ({ ...query, errorPrefix: 'Error: ' }),
  examples: [{ older: {}, newer: { errorPrefix: 'Error: ' } }],
});

const attachAnyTime = defaulted({
  id: 'attach-at-any-time',
  in: '1.22',
  on: AttachQuery,
  why: 'a paused or restarting container could be attached to',
  source: 'docker-routes.md R18',
  up: (query) => ({ ...query, isAnyTime: true }),
  examples: [{ older: {}, newer: { isAnyTime: true } }],
});

const rawAttach = defaulted({
  id: 'attach-is-raw-and-ends-with-its-run',
  in: '1.6',
  on: AttachQuery,
  why: 'output was not framed yet; clients attached after the start and waited for the end of that run, which may be over',
  source: 'docker-routes.md R18',
  up: (query) => ({ ...query, isRaw: true, endsWithRun: true }),
  examples: [{ older: {}, newer: { isRaw: true, endsWithRun: true } }],
});

const socketEndsWithRun = defaulted({
  id: 'attach-socket-ends-with-its-run',
  in: '1.6',
  on: AttachSocketQuery,
  why: 'as on other connections',
  source: 'docker-routes.md R18',
  up: (query) => ({ ...query, endsWithRun: true }),
  examples: [{ older: {}, newer: { endsWithRun: true } }],
});

const trimmedTimes = defaulted({
  id: 'log-times-trimmed',
  in: '1.15',
  on: LogsQuery,
  why: 'zeros at the end of the fraction were left out',
  source: 'docker-semantics.md 9.2',
  up: (query) => ({ ...query, timeForm: query.timeForm ?? 'trimmed' }),
  examples: [
    { older: {}, newer: { timeForm: 'trimmed' } },
    { older: { timeForm: 'bracketed' }, newer: { timeForm: 'bracketed' } },
  ],
});

const bracketedTimes = defaulted({
  id: 'log-times-bracketed',
  in: '1.14',
  on: LogsQuery,
  why: 'times stood in brackets, to the millisecond and without a year',
  source: 'docker-semantics.md 9.2',
  up: (query) => ({ ...query, timeForm: 'bracketed' as const }),
  examples: [{ older: {}, newer: { timeForm: 'bracketed' } }],
});

export const STREAM_CHANGES: readonly Change[] = [
  oneContentType,
  socketTakesAll,
  socketText,
  trimmedTimes,
  bracketedTimes,
  attachAnyTime,
  shorterErrorPrefix,
  rawAttach,
  socketEndsWithRun,
];
