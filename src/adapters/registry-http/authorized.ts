import type { Credentials } from '#domain/registry/credentials.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { parseChallenge } from './challenge.ts';
import type { Challenge } from './challenge.ts';
import type { Endpoint } from './endpoints.ts';
import { basicAuthorization } from './tokens.ts';
import type { TokenRequest, Tokens } from './tokens.ts';
import type { Answer, Transport } from './transport.ts';

export type AuthorizedQuestion = {
  readonly endpoint: Endpoint;
  /** Path and query below the endpoint. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `repository:library/busybox:pull`; '' = whatever the registry names. */
  readonly scope: string;
  readonly credentials: Credentials | undefined;
  readonly signal: AbortSignal | undefined;
};

/** Asks a registry, answering its challenge. What it wants is remembered for the next question. */
export class Authorized {
  readonly #transport: Transport;
  readonly #tokens: Tokens;
  readonly #userAgent: string;
  readonly #challenges = new Map<string, Challenge>();

  constructor(transport: Transport, tokens: Tokens, userAgent: string) {
    this.#transport = transport;
    this.#tokens = tokens;
    this.#userAgent = userAgent;
  }

  async ask(question: AuthorizedQuestion): Promise<Answer> {
    const { origin } = question.endpoint.base;
    const known = this.#challenges.get(origin);
    const first = await this.#send(question, await this.#header(question, known));
    if (first.status !== 401) return first;
    const challenge = parseChallenge(first.headers['www-authenticate']);
    if (challenge === undefined || !isAnswerable(challenge, question)) return first;
    // The same proof again would get the same answer, unless the token died early.
    if (known?.scheme === 'basic' && challenge.scheme === 'basic') return first;
    await first.body.dump();
    this.#challenges.set(origin, challenge);
    if (challenge.scheme === 'bearer') this.#tokens.forget(this.#tokenRequest(question, challenge));
    return this.#send(question, await this.#header(question, challenge));
  }

  async #header(question: AuthorizedQuestion, challenge: Challenge | undefined): Promise<string> {
    const { credentials } = question;
    if (credentials !== undefined && credentials.registryToken !== '') {
      return `Bearer ${credentials.registryToken}`;
    }
    if (challenge === undefined) return '';
    if (challenge.scheme === 'bearer') {
      return `Bearer ${(await this.#tokens.get(this.#tokenRequest(question, challenge))).token}`;
    }
    return credentials === undefined || credentials.username === '' ? '' : basicAuthorization(credentials);
  }

  #tokenRequest(
    question: AuthorizedQuestion,
    challenge: Extract<Challenge, { scheme: 'bearer' }>,
  ): TokenRequest {
    const { scope, credentials, signal, endpoint } = question;
    return {
      challenge,
      scope: scope === '' ? challenge.scope : scope,
      credentials,
      insecure: endpoint.insecure,
      userAgent: this.#userAgent,
      signal,
    };
  }

  async #send(question: AuthorizedQuestion, authorization: string): Promise<Answer> {
    const { endpoint, path, headers, signal } = question;
    return this.#transport.ask({
      url: new URL(endpoint.base.pathname.replace(/\/$/, '') + path, endpoint.base),
      headers: {
        ...headers,
        'user-agent': this.#userAgent,
        ...(authorization === '' ? {} : { authorization }),
      },
      insecure: endpoint.insecure,
      signal,
      isProbe: endpoint.hasNext,
    });
  }
}

/** Basic needs a name; without one the registry's 401 stands. */
const isAnswerable = (challenge: Challenge, { credentials }: AuthorizedQuestion): boolean => {
  if (credentials !== undefined && credentials.registryToken !== '') return false;
  return challenge.scheme === 'bearer' || (credentials !== undefined && credentials.username !== '');
};

/** What is said where a registry wants a password and none was given. */
export const noCredentials = (url: URL): EngineError =>
  new EngineError(
    'unauthenticated',
    'registry.unauthorized',
    `Get "${url.href}": no basic auth credentials`,
    {
      params: { registryCode: 'UNAUTHORIZED', text: 'no basic auth credentials', status: 401 },
    },
  );
