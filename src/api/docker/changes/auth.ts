import type { Change } from '#api/dialect/change.ts';
import { defaulted } from '#api/dialect/change.ts';
import { AuthBody } from '#api/docker/schema/auth.ts';

const loginIsKept = defaulted({
  id: 'auth-keeps-the-login',
  in: '1.2',
  on: AuthBody,
  why: 'clients had no place for credentials: they left them with the daemon',
  source: 'API 1.2 changelog; docker-routes.md R46',
  up: (body) => ({ ...body, keepsLogin: true }),
  examples: [{ older: { username: 'u' }, newer: { username: 'u', keepsLogin: true } }],
});

export const AUTH_CHANGES: readonly Change[] = [loginIsKept];
