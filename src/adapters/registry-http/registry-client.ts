import { createHash } from 'node:crypto';
import { EngineError } from '#domain/error/engine-error.ts';
import type { Credentials } from '#domain/registry/credentials.ts';
import type { Digest } from '#domain/value/flavor.ts';
import type { Download, Downloads } from '#engine/ports/downloads.ts';
import type {
  Registry,
  RegistryAccess,
  RegistryBlob,
  RegistryManifest,
  RepositoryAddress,
} from '#engine/ports/registry.ts';
import { MANIFEST_TYPES } from '#formats/oci-image/media-types.ts';
import { Agents } from './agents.ts';
import { Authorized, noCredentials } from './authorized.ts';
import { openDownload } from './download.ts';
import { Endpoints } from './endpoints.ts';
import type { Endpoint } from './endpoints.ts';
import { login } from './login.ts';
import type { RegistryOptions } from './options.ts';
import { toRegistryError } from './registry-error.ts';
import { nextPage, parseTags } from './tag-pages.ts';
import { Tokens } from './tokens.ts';
import { readBody, streamBody, Transport } from './transport.ts';
import type { Answer } from './transport.ts';

const MANIFEST_LIMIT_BYTES = 8 * 1024 * 1024;
const TAGS_LIMIT_BYTES = 8 * 1024 * 1024;
const MAX_TAG_PAGES = 1000;

const MISSING = {
  manifest: { code: 'registry.manifest-unknown', registryCode: 'MANIFEST_UNKNOWN' },
  blob: { code: 'registry.blob-unknown', registryCode: 'BLOB_UNKNOWN' },
  repository: { code: 'registry.name-unknown', registryCode: 'NAME_UNKNOWN' },
} as const;

export interface RegistryClient extends Registry, Downloads {
  /** New settings (SIGHUP); requests that run go on with the old ones. */
  update(options: RegistryOptions): void;
  close(): Promise<void>;
}

export const createRegistryClient = (options: RegistryOptions): RegistryClient => new HttpRegistry(options);

/** Everything that belongs to one set of options. */
type Connection = {
  readonly options: RegistryOptions;
  readonly agents: Agents;
  readonly transport: Transport;
  readonly endpoints: Endpoints;
  readonly authorized: Authorized;
  readonly tokens: Tokens;
};

const connect = (options: RegistryOptions): Connection => {
  const agents = new Agents(options.certificatesFolder ?? '/etc/docker/certs.d');
  const transport = new Transport(agents, options.retryDelayMs ?? 250);
  const tokens = new Tokens(transport);
  const authorized = new Authorized(transport, tokens, options.userAgent);
  return { options, agents, transport, tokens, authorized, endpoints: new Endpoints(options) };
};

class HttpRegistry implements RegistryClient {
  #connection: Connection;

  constructor(options: RegistryOptions) {
    this.#connection = connect(options);
  }

  update(options: RegistryOptions): void {
    const old = this.#connection;
    this.#connection = connect(options);
    // Waits for running requests by itself; nobody has to.
    void old.agents.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#connection.agents.close();
  }

  async manifest(
    repository: RepositoryAddress,
    reference: string,
    access: RegistryAccess,
  ): Promise<RegistryManifest> {
    return this.#connection.endpoints.first(repository.host, async (endpoint) => {
      const path = `/v2/${repository.path}/manifests/${reference}`;
      const accept = MANIFEST_TYPES.join(', ');
      const answer = await this.#ask(endpoint, repository, { path, headers: { accept }, access });
      if (answer.status !== 200) throw await refusal(answer, MISSING.manifest, access);
      const bytes = await readBody(answer, MANIFEST_LIMIT_BYTES);
      const digest = checkedDigest(bytes, reference, answer.headers['docker-content-digest']);
      return { digest, mediaType: answer.headers['content-type'] ?? '', bytes };
    });
  }

  async blob(
    repository: RepositoryAddress,
    digest: Digest,
    offset: number,
    access: RegistryAccess,
  ): Promise<RegistryBlob> {
    return this.#connection.endpoints.first(repository.host, async (endpoint) => {
      const path = `/v2/${repository.path}/blobs/${digest}`;
      const headers: Record<string, string> = offset === 0 ? {} : { range: `bytes=${offset}-` };
      const answer = await this.#ask(endpoint, repository, { path, headers, access });
      if (answer.status === 416 && offset > 0) {
        await answer.body.dump();
        return this.blob(repository, digest, 0, access);
      }
      if (answer.status !== 200 && answer.status !== 206) throw await refusal(answer, MISSING.blob, access);
      return { stream: streamBody(answer, access.signal), ...extentOf(answer) };
    });
  }

  async tags(repository: RepositoryAddress, access: RegistryAccess): Promise<string[]> {
    return this.#connection.endpoints.first(repository.host, async (endpoint) => {
      const tags: string[] = [];
      let path: string | undefined = `/v2/${repository.path}/tags/list`;
      for (let page = 0; path !== undefined && page < MAX_TAG_PAGES; page += 1) {
        const answer: Answer = await this.#ask(endpoint, repository, { path, headers: {}, access });
        if (answer.status !== 200) throw await refusal(answer, MISSING.repository, access);
        tags.push(...parseTags(await readBody(answer, TAGS_LIMIT_BYTES)));
        path = nextPage(answer);
      }
      return tags;
    });
  }

  async login(
    credentials: Credentials,
    signal?: AbortSignal,
  ): Promise<{ status: string; identityToken: string }> {
    const { endpoints, transport, tokens, options } = this.#connection;
    return login({ endpoints, transport, tokens, userAgent: options.userAgent }, credentials, signal);
  }

  async open(url: string, signal?: AbortSignal): Promise<Download> {
    const { transport, options } = this.#connection;
    return openDownload(transport, options.userAgent, url, signal);
  }

  async #ask(
    endpoint: Endpoint,
    repository: RepositoryAddress,
    question: { path: string; headers: Record<string, string>; access: RegistryAccess },
  ): Promise<Answer> {
    const { path, headers, access } = question;
    return this.#connection.authorized.ask({
      endpoint,
      path,
      headers: { ...access.headers, ...headers },
      scope: `repository:${repository.path}:pull`,
      // What was typed for the registry is none of a mirror's business.
      credentials: endpoint.isMirror ? undefined : access.credentials,
      signal: access.signal,
    });
  }
}

const refusal = async (
  answer: Answer,
  missing: { code: string; registryCode: string },
  { credentials }: RegistryAccess,
): Promise<EngineError> => {
  const wantsPassword = /^basic/i.test(answer.headers['www-authenticate'] ?? '');
  if (answer.status !== 401 || !wantsPassword || (credentials?.username ?? '') !== '') {
    return toRegistryError(answer, missing);
  }
  await answer.body.dump();
  return noCredentials(answer.url);
};

/** What the bytes are, checked against what was asked for and what the server says they are. */
const checkedDigest = (bytes: Uint8Array, reference: string, announced: string | undefined): Digest => {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  for (const expected of [reference, announced ?? '']) {
    if (!expected.startsWith('sha256:') || expected === digest) continue;
    throw new EngineError(
      'invalid',
      'registry.digest-mismatch',
      `manifest verification failed for digest ${expected}`,
      { params: { expected, actual: digest } },
    );
  }
  return digest;
};

const extentOf = ({ status, headers }: Answer): { offset: number; totalBytes?: number } => {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
  if (status === 206 && range !== null) {
    const [, from, total] = range;
    return { offset: Number(from), ...(total === '*' ? {} : { totalBytes: Number(total) }) };
  }
  const length = headers['content-length'];
  return { offset: 0, ...(length === undefined ? {} : { totalBytes: Number(length) }) };
};
