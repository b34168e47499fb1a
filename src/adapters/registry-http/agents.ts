import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { Dispatcher } from 'undici';

const CONNECT_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 30_000;
/** Between two chunks of a body. */
const STALL_TIMEOUT_MS = 60_000;

type TlsOptions = {
  readonly timeout: number;
  readonly rejectUnauthorized: boolean;
  readonly ca?: string[];
  readonly cert?: string;
  readonly key?: string;
};

/** Connection pools, one per server and trust; proxies of the environment apply except on this machine. */
export class Agents {
  readonly #certificatesFolder: string;
  readonly #pools = new Map<string, Promise<Dispatcher>>();

  constructor(certificatesFolder: string) {
    this.#certificatesFolder = certificatesFolder;
  }

  async for(url: URL, insecure: boolean): Promise<Dispatcher> {
    const key = `${insecure ? 'insecure' : 'secure'} ${url.origin}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const made = this.#make(url, insecure);
    this.#pools.set(key, made);
    return made;
  }

  /** Running requests go on; idle connections close. */
  async close(): Promise<void> {
    const pools = await Promise.all(this.#pools.values());
    this.#pools.clear();
    await Promise.all(pools.map(async (pool) => pool.close()));
  }

  async #make(url: URL, insecure: boolean): Promise<Dispatcher> {
    const [{ Agent, EnvHttpProxyAgent }, connect] = await Promise.all([
      import('undici'),
      this.#tlsOf(url, insecure),
    ]);
    const options = {
      connect,
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: STALL_TIMEOUT_MS,
    };
    return isThisMachine(url) || !hasProxy()
      ? new Agent(options)
      : new EnvHttpProxyAgent({ ...options, requestTls: connect });
  }

  async #tlsOf(url: URL, insecure: boolean): Promise<TlsOptions> {
    const base = { timeout: CONNECT_TIMEOUT_MS, rejectUnauthorized: !insecure };
    if (url.protocol !== 'https:') return base;
    const folder = join(this.#certificatesFolder, url.host);
    const files = await filesOf(folder);
    const read = async (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
    const authorities = await Promise.all(files.filter((name) => name.endsWith('.crt')).map(read));
    const certificate = files.find((name) => name.endsWith('.cert'));
    const key = certificate?.replace(/\.cert$/, '.key');
    const isPair = certificate !== undefined && key !== undefined && files.includes(key);
    return {
      ...base,
      ...(authorities.length === 0 ? {} : { ca: [...rootCertificates, ...authorities] }),
      ...(isPair ? { cert: await read(certificate), key: await read(key) } : {}),
    };
  }
}

const filesOf = async (folder: string): Promise<string[]> => {
  try {
    return await readdir(folder);
  } catch {
    // Most registries have no folder of their own.
    return [];
  }
};

const isThisMachine = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');

const hasProxy = (): boolean =>
  ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].some((name) => (process.env[name] ?? '') !== '');
