import type { Reply } from '#api/http/reply.ts';
import type { Credentials } from '#domain/registry/credentials.ts';
import { defineRoute } from '#api/docker/context.ts';
import { decodeCredentials } from '#api/docker/decode/credentials.ts';
import { AuthAnswer, AuthBody, StoredLogin } from '#api/docker/schema/auth.ts';

export const auth = defineRoute({
  id: 'auth',
  method: 'POST',
  path: '/auth',
  summary: 'Check credentials with a registry',
  since: '1.0',
  body: AuthBody,
  replies: { 200: AuthAnswer, 204: null },
  handler: async ({ body, http }, { engine }): Promise<Reply> => {
    const keepsLogin = body.keepsLogin === true;
    const sent = decodeCredentials(body);
    const credentials = keepsLogin ? withStoredPassword(sent, engine.system.storedLogin()) : sent;
    const { status, identityToken } = await engine.system.login(credentials, http.signal);
    if (keepsLogin) engine.system.storeLogin(credentials);
    return {
      kind: 'json',
      status: 200,
      body: { Status: status, ...(identityToken === '' ? {} : { IdentityToken: identityToken }) },
    };
  },
});

/** The same user without a password means the password that is stored (docker-routes.md R46). */
const withStoredPassword = (sent: Credentials, stored: Credentials | undefined): Credentials =>
  sent.password === '' && stored?.username === sent.username ? { ...sent, password: stored.password } : sent;

export const storedAuth = defineRoute({
  id: 'auth-stored',
  method: 'GET',
  path: '/auth',
  summary: 'The login kept by the daemon',
  since: '1.0',
  until: '1.2',
  strict: true,
  replies: { 200: StoredLogin },
  handler: async (_request, { engine }): Promise<Reply> => {
    const login = engine.system.storedLogin();
    return {
      kind: 'json',
      status: 200,
      body: { username: login?.username ?? '', email: login?.email ?? '' },
    };
  },
});
