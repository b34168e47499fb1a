import { EngineError } from '#domain/error/engine-error.ts';
import type { Credentials } from '#domain/registry/credentials.ts';
import type { Challenge } from './challenge.ts';
import { toRegistryError } from './registry-error.ts';
import { readBody } from './transport.ts';
import type { Answer, Transport } from './transport.ts';

export type BearerChallenge = Extract<Challenge, { scheme: 'bearer' }>;

export type TokenRequest = {
  readonly challenge: BearerChallenge;
  readonly scope: string;
  readonly credentials: Credentials | undefined;
  /** The registry may be spoken to without TLS; then so may its token server. */
  readonly insecure: boolean;
  readonly userAgent: string;
  readonly signal: AbortSignal | undefined;
  /** Asks for a token that can be stored instead of the password. */
  readonly offline?: boolean;
};

export type Token = {
  readonly token: string;
  readonly identityToken: string;
  /** Of `performance.now`, which nobody sets. */
  readonly endsAt: number;
};

const CLIENT_ID = 'gantry';
const DEFAULT_LIFE_SECONDS = 60;
/** Used up to this long before its end, for clocks that differ. */
const MARGIN_MS = 10_000;
const BODY_LIMIT_BYTES = 1024 * 1024;

/** Bearer tokens by server, scope and user, kept while they live. */
export class Tokens {
  readonly #transport: Transport;
  readonly #known = new Map<string, Token>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Errors: `unauthenticated` when the server refuses the credentials. */
  async get(request: TokenRequest): Promise<Token> {
    const key = keyOf(request);
    const known = this.#known.get(key);
    if (known !== undefined && known.endsAt - MARGIN_MS > performance.now()) return known;
    const token = await this.#fetch(request);
    this.#forgetOld();
    this.#known.set(key, token);
    return token;
  }

  forget(request: TokenRequest): void {
    this.#known.delete(keyOf(request));
  }

  async #fetch(request: TokenRequest): Promise<Token> {
    const realm = parseRealm(request);
    const answer = await this.#transport.ask(
      (request.credentials?.identityToken ?? '') === '' ? byGet(realm, request) : byPost(realm, request),
    );
    if (answer.status !== 200) {
      throw await toRegistryError(answer, { code: 'registry.not-found', registryCode: 'UNKNOWN' });
    }
    return readToken(answer);
  }

  #forgetOld(): void {
    for (const [key, { endsAt }] of this.#known) {
      if (endsAt - MARGIN_MS <= performance.now()) this.#known.delete(key);
    }
  }
}

const keyOf = ({ challenge, scope, credentials }: TokenRequest): string =>
  JSON.stringify([
    challenge.realm,
    challenge.service,
    scope,
    credentials?.username ?? '',
    credentials?.password ?? '',
    credentials?.identityToken ?? '',
  ]);

/** Credentials go where the registry points, but never from a secure registry to a plain server. */
const parseRealm = ({ challenge, insecure }: TokenRequest): URL => {
  const realm = URL.parse(challenge.realm);
  if (realm?.protocol === 'https:' || (realm?.protocol === 'http:' && insecure)) return realm;
  throw new EngineError('unavailable', 'registry.bad-realm', `refused token server "${challenge.realm}"`, {
    params: { realm: challenge.realm },
  });
};

const byGet = (realm: URL, request: TokenRequest): Parameters<Transport['ask']>[0] => {
  const { challenge, scope, credentials, userAgent, signal, insecure } = request;
  const url = new URL(realm);
  if (challenge.service !== '') url.searchParams.set('service', challenge.service);
  for (const part of scope.split(' ').filter((text) => text !== '')) url.searchParams.append('scope', part);
  const headers: Record<string, string> = { 'user-agent': userAgent };
  if (credentials !== undefined && credentials.username !== '') {
    url.searchParams.set('account', credentials.username);
    headers['authorization'] = basicAuthorization(credentials);
  }
  if (request.offline === true) {
    url.searchParams.set('offline_token', 'true');
    url.searchParams.set('client_id', CLIENT_ID);
  }
  return { url, headers, signal, insecure };
};

/** OAuth2 with the token that login left (distribution "oauth2 token authentication"). */
const byPost = (realm: URL, request: TokenRequest): Parameters<Transport['ask']>[0] => ({
  url: realm,
  method: 'POST',
  headers: {
    'user-agent': request.userAgent,
    'content-type': 'application/x-www-form-urlencoded',
  },
  body: new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: request.credentials?.identityToken ?? '',
    service: request.challenge.service,
    scope: request.scope,
    client_id: CLIENT_ID,
  }).toString(),
  signal: request.signal,
  insecure: request.insecure,
});

export const basicAuthorization = ({ username, password }: Credentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

const readToken = async (answer: Answer): Promise<Token> => {
  const bytes = await readBody(answer, BODY_LIMIT_BYTES);
  const body = parseMembers(new TextDecoder().decode(bytes));
  const text = (key: string): string => (typeof body[key] === 'string' ? body[key] : '');
  const token = text('token') || text('access_token');
  if (token === '') {
    throw new EngineError(
      'unavailable',
      'registry.no-token',
      'authorization server did not include a token in the response',
    );
  }
  const issuedAt = Date.parse(text('issued_at'));
  const seconds = typeof body['expires_in'] === 'number' ? body['expires_in'] : DEFAULT_LIFE_SECONDS;
  // Issued in our future: clocks differ.
  const ageMs = Number.isNaN(issuedAt) ? 0 : Math.max(0, Date.now() - issuedAt);
  return { token, identityToken: text('refresh_token'), endsAt: performance.now() - ageMs + seconds * 1000 };
};

const parseMembers = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
  } catch {
    // No JSON, no token: said by the caller.
    return {};
  }
};
