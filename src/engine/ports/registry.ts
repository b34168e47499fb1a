import type { Credentials } from '#domain/registry/credentials.ts';
import type { Digest } from '#domain/value/flavor.ts';

/** A registry over its HTTP API v2. Nothing here is retried for ever; every call stops on the signal. */
export interface Registry {
  /**
   * Manifest (or index) by tag or digest, digest checked. Errors: `not-found` code `registry.manifest-unknown`,
   * `unauthenticated` code `registry.unauthorized`, `unavailable` code `registry.unreachable`.
   */
  manifest(
    repository: RepositoryAddress,
    reference: string,
    access: RegistryAccess,
  ): Promise<RegistryManifest>;
  /** A blob from `offset`; `offset` in the answer is 0 when the server cannot resume. */
  blob(
    repository: RepositoryAddress,
    digest: Digest,
    offset: number,
    access: RegistryAccess,
  ): Promise<RegistryBlob>;
  tags(repository: RepositoryAddress, access: RegistryAccess): Promise<string[]>;
  /** Checks credentials (docker-routes.md R46); `unauthenticated` when refused. */
  login(credentials: Credentials, signal?: AbortSignal): Promise<{ status: string; identityToken: string }>;
}

export type RepositoryAddress = {
  /** `docker.io` or `host:port`. */
  readonly host: string;
  /** `library/busybox`. */
  readonly path: string;
};

export type RegistryAccess = {
  readonly credentials?: Credentials;
  readonly signal?: AbortSignal;
  /** `X-Meta-*` headers of the client, forwarded. */
  readonly headers?: Readonly<Record<string, string>>;
};

export type RegistryManifest = {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
};

export type RegistryBlob = {
  readonly stream: AsyncIterable<Uint8Array>;
  readonly offset: number;
  /** Of the whole blob; undefined when unknown. */
  readonly totalBytes?: number;
};
