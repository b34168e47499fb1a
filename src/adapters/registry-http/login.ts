import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import { DEFAULT_HOST } from '#domain/image/reference.ts';
import type { Credentials } from '#domain/registry/credentials.ts';
import { parseChallenge } from './challenge.ts';
import type { Challenge } from './challenge.ts';
import type { Endpoint, Endpoints } from './endpoints.ts';
import { toRegistryError } from './registry-error.ts';
import { basicAuthorization } from './tokens.ts';
import type { Tokens } from './tokens.ts';
import type { Answer, Transport } from './transport.ts';

export type LoginResult = { readonly status: string; readonly identityToken: string };

type LoginTools = {
  readonly endpoints: Endpoints;
  readonly transport: Transport;
  readonly tokens: Tokens;
  readonly userAgent: string;
};

type Attempt = LoginTools & {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
  readonly signal: AbortSignal | undefined;
};

const DOCKER_ADDRESSES: ReadonlySet<string> = new Set([
  '',
  DEFAULT_HOST,
  'index.docker.io',
  'registry-1.docker.io',
]);

/** Asks `/v2/` with the credentials (docker-semantics.md 17.2). `unauthenticated` when they are refused. */
export const login = async (
  tools: LoginTools,
  credentials: Credentials,
  signal?: AbortSignal,
): Promise<LoginResult> =>
  tools.endpoints.first(hostOf(credentials.serverAddress), async (endpoint) => {
    // A mirror cannot say whether the registry knows somebody.
    if (endpoint.isMirror) throw new EngineError('unavailable', 'registry.unreachable', 'not asked');
    return tryEndpoint({ ...tools, endpoint, credentials, signal });
  });

/** `https://index.docker.io/v1/`, `host:5000`, `http://host/v2/` → the host of references. */
const hostOf = (serverAddress: string): string => {
  const host = serverAddress.replace(/^[a-z]+:\/\//, '').split('/')[0] ?? '';
  return DOCKER_ADDRESSES.has(host) ? DEFAULT_HOST : host;
};

const tryEndpoint = async (attempt: Attempt): Promise<LoginResult> => {
  const open = await ping(attempt, '');
  if (open.status === 200) {
    await open.body.dump();
    return { status: 'Login Succeeded', identityToken: '' };
  }
  const challenge = parseChallenge(open.headers['www-authenticate']);
  if (open.status !== 401 || challenge === undefined) throw await refused(open);
  await open.body.dump();
  const { authorization, identityToken } = await proof(attempt, challenge);
  const answer = await ping(attempt, authorization);
  if (answer.status !== 200) throw await refused(answer);
  await answer.body.dump();
  return { status: 'Login Succeeded', identityToken };
};

const ping = async (attempt: Attempt, authorization: string): Promise<Answer> =>
  attempt.transport.ask({
    url: new URL('/v2/', attempt.endpoint.base),
    headers: {
      'user-agent': attempt.userAgent,
      ...(authorization === '' ? {} : { authorization }),
    },
    insecure: attempt.endpoint.insecure,
    signal: attempt.signal,
    isProbe: attempt.endpoint.hasNext,
  });

const proof = async (
  attempt: Attempt,
  challenge: Challenge,
): Promise<{ authorization: string; identityToken: string }> => {
  const { credentials, endpoint, tokens, userAgent, signal } = attempt;
  if (challenge.scheme === 'basic')
    return { authorization: basicAuthorization(credentials), identityToken: '' };
  const { insecure } = endpoint;
  const request = {
    challenge,
    scope: challenge.scope,
    credentials,
    insecure,
    userAgent,
    signal,
    offline: true,
  };
  // A login is a question about these credentials now, whatever was true a minute ago.
  tokens.forget(request);
  try {
    const token = await tokens.get(request);
    return { authorization: `Bearer ${token.token}`, identityToken: token.identityToken };
  } catch (error) {
    throw isEngineError(error, 'forbidden') || isEngineError(error, 'unauthenticated')
      ? refusedBecause(error.message, error)
      : error;
  }
};

const refused = async (answer: Answer): Promise<EngineError> => {
  const error = await toRegistryError(answer, { code: 'registry.no-v2', registryCode: 'UNSUPPORTED' });
  return error.kind === 'unauthenticated' || error.kind === 'forbidden'
    ? refusedBecause(`Get "${answer.url.href}": ${error.message}`, error)
    : error;
};

const refusedBecause = (text: string, cause: unknown): EngineError =>
  new EngineError('unauthenticated', 'registry.login-refused', text, { params: { text }, cause });
