import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Pair } from '#test/support/certificates.ts';
import { freePort } from '#test/support/registry.ts';

export type TokenServer = AsyncDisposable & {
  readonly realm: string;
  /** `GET` with the scopes asked for, or `POST`, one per token given or refused. */
  readonly requests: string[];
};

export type TokenServerRequest = {
  /** Signs the tokens. */
  readonly pair: Pair;
  readonly username: string;
  readonly password: string;
  /** Accepted instead of the password, by POST. */
  readonly identityToken: string;
  readonly lifeSeconds: number;
};

type Grant = { readonly scopes: readonly string[]; readonly username: string };

/** A token server as Docker's registry wants it: signed tokens, pull for anybody named, nothing for others. */
export const startTokenServer = async (request: TokenServerRequest): Promise<TokenServer> => {
  const port = await freePort();
  const requests: string[] = [];
  const signToken = signer(request);
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing);
  });
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '/', `http://127.0.0.1:${port}`);
    const grant =
      incoming.method === 'POST'
        ? byIdentityToken(new URLSearchParams(await text(incoming)), request)
        : byPassword(url, incoming.headers.authorization, request);
    requests.push(`${incoming.method} ${grant?.scopes.join(' ') ?? 'refused'}`);
    outgoing.writeHead(grant === undefined ? 401 : 200, { 'content-type': 'application/json' });
    outgoing.end(
      JSON.stringify(
        grant === undefined
          ? { details: 'incorrect username or password' }
          : {
              token: signToken(grant),
              expires_in: request.lifeSeconds,
              ...(url.searchParams.has('offline_token') ? { refresh_token: request.identityToken } : {}),
            },
      ),
    );
  };
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    realm: `http://127.0.0.1:${port}/token`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

const byPassword = (
  url: URL,
  authorization: string | undefined,
  known: TokenServerRequest,
): Grant | undefined => {
  const scopes = url.searchParams.getAll('scope');
  if (authorization === undefined) return { scopes, username: '' };
  const given = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
  return given === `${known.username}:${known.password}` ? { scopes, username: known.username } : undefined;
};

const byIdentityToken = (form: URLSearchParams, known: TokenServerRequest): Grant | undefined =>
  form.get('refresh_token') === known.identityToken
    ? { scopes: [form.get('scope') ?? ''], username: known.username }
    : undefined;

const signer = ({ pair, lifeSeconds }: TokenServerRequest) => {
  const certificate = new X509Certificate(pair.cert);
  const key = createPrivateKey(pair.key);
  const isRsa = key.asymmetricKeyType === 'rsa';
  const header = encode({
    typ: 'JWT',
    alg: isRsa ? 'RS256' : 'ES256',
    x5c: [certificate.raw.toString('base64')],
  });
  return ({ scopes, username }: Grant): string => {
    const now = Math.floor(Date.now() / 1000);
    const body = encode({
      iss: 'test-issuer',
      sub: username,
      aud: 'test-registry',
      exp: now + Math.max(lifeSeconds, 60),
      nbf: now - 10,
      iat: now,
      jti: randomUUID(),
      // Strangers get a token that opens nothing.
      access: username === '' ? [] : scopes.flatMap(toAccess),
    });
    const proof = sign('sha256', Buffer.from(`${header}.${body}`), { key, dsaEncoding: 'ieee-p1363' });
    return `${header}.${body}.${proof.toString('base64url')}`;
  };
};

const toAccess = (scope: string): unknown[] => {
  const [type, name, actions] = scope.split(':');
  return name === undefined ? [] : [{ type, name, actions: actions?.split(',') ?? [] }];
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
