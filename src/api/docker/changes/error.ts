import type { Change } from '#api/dialect/change.ts';
import { errorBody, errorText } from '#api/dialect/change.ts';

const plainErrors = errorBody({
  id: 'errors-are-plain-text',
  in: '1.24',
  why: 'older clients print the body as it is',
  source: 'docker-routes.md 3.5; docker-modern.md 1.1',
  older: ({ status: code, message }) =>
    code === 304
      ? { kind: 'empty', status: code }
      : { kind: 'text', status: code, body: `${message}\n`, contentType: 'text/plain; charset=utf-8' },
  examples: [
    {
      newer: { status: 404, message: 'No such container: x' },
      older: {
        kind: 'text',
        status: 404,
        body: 'No such container: x\n',
        contentType: 'text/plain; charset=utf-8',
      },
    },
  ],
});

const SOURCE = 'docker-routes.md 3.7, 3.8';
const WHY = 'errors without a type of their own were 500, in the words of the decoder';

const badRequests = errorText({
  id: 'bad-requests-were-500',
  in: '1.24',
  codes: ['query.filters', 'query.json', 'query.integer'],
  why: WHY,
  source: SOURCE,
  older: () => ({ status: 500 }),
  examples: [{ params: {}, older: { status: 500 } }],
});

const unreachable = errorText({
  id: 'what-cannot-be-reached-was-500',
  in: '1.24',
  codes: [
    'download.failed',
    'registry.bad-answer',
    'registry.bad-realm',
    'registry.broken-off',
    'registry.failed',
    'registry.oversized',
    'registry.too-many-requests',
    'registry.unreachable',
  ],
  why: 'errors without a type of their own were 500',
  source: 'docker-routes.md 3.5, R32, R46',
  older: () => ({ status: 500 }),
  examples: [{ params: {}, older: { status: 500 } }],
});

const badBodies = errorText({
  id: 'bad-bodies-were-500',
  in: '1.24',
  codes: ['body.syntax', 'body.type'],
  why: WHY,
  source: SOURCE,
  older: (_params, { shown }) => ({ status: 500, message: shown.message.replace(/^invalid JSON: /, '') }),
  examples: [{ params: {}, older: { status: 500, message: '' } }],
});

const emptyBodies = errorText({
  id: 'empty-bodies-were-500',
  in: '1.24',
  codes: ['body.empty'],
  why: WHY,
  source: SOURCE,
  older: () => ({ status: 500, message: 'EOF' }),
  examples: [{ params: {}, older: { status: 500, message: 'EOF' } }],
});

const foreignTypes = errorText({
  id: 'foreign-content-types-were-500',
  in: '1.24',
  codes: ['body.content-type'],
  why: WHY,
  source: SOURCE,
  older: ({ value }) => ({
    status: 500,
    message: `Content-Type specified (${value}) must be 'application/json'`,
  }),
  examples: [
    {
      params: { value: 'text/plain' },
      older: { status: 500, message: "Content-Type specified (text/plain) must be 'application/json'" },
    },
  ],
});

const copyOfOtherTypes = errorText({
  id: 'copy-refused-other-types-itself',
  in: '1.15',
  routes: ['container-copy'],
  codes: ['body.content-type'],
  why: 'copy looked at the type by itself, before there was a check for all',
  source: 'docker-routes.md R22',
  older: ({ value }) => ({ status: 500, message: `Content-Type not supported: ${value}` }),
  examples: [
    {
      params: { value: 'text/plain' },
      older: { status: 500, message: 'Content-Type not supported: text/plain' },
    },
  ],
});

export const ERROR_CHANGES: readonly Change[] = [
  plainErrors,
  badRequests,
  unreachable,
  badBodies,
  emptyBodies,
  foreignTypes,
  copyOfOtherTypes,
];
