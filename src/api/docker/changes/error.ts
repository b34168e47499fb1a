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
      older: { kind: 'text', status: 404, body: 'No such container: x\n', contentType: 'text/plain; charset=utf-8' },
    },
  ],
});

/** Statuses of bad requests before 1.24: everything untyped was 500 (docker-routes.md 3.5, 3.7). */
const BODY_CODES = ['body.syntax', 'body.type', 'body.empty', 'body.content-type', 'query.filters', 'query.json', 'query.integer'];

const badRequestsWereInternal = errorText({
  id: 'bad-requests-were-500',
  in: '1.24',
  codes: BODY_CODES,
  why: 'errors without a type of their own were 500',
  source: 'docker-routes.md 3.7, 3.8',
  older: () => ({ status: 500 }),
  examples: [{ params: {}, older: { status: 500 } }],
});

export const ERROR_CHANGES: readonly Change[] = [plainErrors, badRequestsWereInternal];
