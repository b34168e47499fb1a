import { isEngineError } from '#domain/error/engine-error.ts';
import { DEFAULT_HOST } from '#domain/image/reference.ts';
import { insecureRegistries } from './insecure.ts';
import type { RegistryOptions } from './options.ts';

/** A server that may have what we want. */
export type Endpoint = {
  readonly base: URL;
  /** Any certificate will do. */
  readonly insecure: boolean;
  /** Not the registry itself: gets no credentials, and any failure leads to the next. */
  readonly isMirror: boolean;
  /** There is another to try when this cannot be reached. */
  readonly hasNext: boolean;
};

const DOCKER_REGISTRY = 'registry-1.docker.io';

/** Where to ask for a registry, in order, and what was found to work. */
export class Endpoints {
  readonly #options: RegistryOptions;
  readonly #isInsecure: (host: string) => Promise<boolean>;
  /** Scheme that answered, by host: spares a failing TLS handshake per request. */
  readonly #schemes = new Map<string, string>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    const insecure = insecureRegistries(options.insecureRegistries);
    this.#isInsecure = async (host) => insecure.includes(host);
  }

  /** Runs `work` on each endpoint until one can be reached; what it throws otherwise is final. */
  async first<T>(host: string, work: (endpoint: Endpoint) => Promise<T>): Promise<T> {
    for (const endpoint of await this.#of(host)) {
      try {
        const result = await work(endpoint);
        if (!endpoint.isMirror) this.#schemes.set(host, endpoint.base.protocol);
        return result;
      } catch (error) {
        if (!endpoint.isMirror && isUnreachable(error)) this.#schemes.delete(host);
        if (!endpoint.hasNext || !leadsOn(error, endpoint)) throw error;
      }
    }
    throw new Error(`no endpoints found for ${host}`);
  }

  async #of(host: string): Promise<Endpoint[]> {
    const server = host === DEFAULT_HOST ? DOCKER_REGISTRY : host;
    const insecure = await this.#isInsecure(host);
    const schemes = insecure ? this.#order(host) : ['https:'];
    const own = schemes.map((scheme) => ({
      base: new URL(`${scheme}//${server}`),
      insecure,
      isMirror: false,
    }));
    const mirrors = host === DEFAULT_HOST ? await this.#mirrors() : [];
    const all = [...mirrors, ...own];
    return all.map((endpoint, index) => ({ ...endpoint, hasNext: index < all.length - 1 }));
  }

  #order(host: string): string[] {
    const known = this.#schemes.get(host);
    return known === undefined ? ['https:', 'http:'] : [known];
  }

  async #mirrors(): Promise<Omit<Endpoint, 'hasNext'>[]> {
    const urls = this.#options.mirrors.flatMap((text) => URL.parse(text) ?? []);
    return Promise.all(
      urls.map(async (base) => ({
        base,
        insecure: base.protocol === 'http:' || (await this.#isInsecure(base.host)),
        isMirror: true,
      })),
    );
  }
}

const leadsOn = (error: unknown, endpoint: Endpoint): boolean => {
  if (isEngineError(error, 'cancelled')) return false;
  if (endpoint.isMirror) return true;
  return isUnreachable(error);
};

const isUnreachable = (error: unknown): boolean =>
  isEngineError(error, 'unavailable') && error.code === 'registry.unreachable';
