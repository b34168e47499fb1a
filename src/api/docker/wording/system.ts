import type { Wording } from './wording.ts';

export const SYSTEM_WORDING: Readonly<Record<string, Wording>> = {
  'route.planned': ({ message }) => ({ message }),
  'body.syntax': ({ message }) => ({ message: `invalid JSON: ${message}` }),
  'body.type': ({ message }) => ({ message: `invalid JSON: ${message}` }),
  'body.empty': () => ({ message: 'invalid JSON: got EOF while reading request body' }),
  'body.content-type': ({ params }) => ({
    message: `unsupported Content-Type header (${params['value']}): must be 'application/json'`,
  }),
  // Nothing that a client could wait for: other engines show the system's own words.
  'disk.full': () => ({ status: 500, message: 'no space left on device' }),
  'query.filters': () => ({ message: 'invalid filter' }),
};
