import { readFile } from 'node:fs/promises';
import { unreadBytes } from '#adapters/libc/unix-sockets.ts';
import { createDialect } from '#api/dialect/compile.ts';
import { dockerDialect } from '#api/docker/dialect.ts';
import type { DaemonFacts as DockerFacts } from '#api/docker/context.ts';
import type { HyperFacts } from '#api/hyper/context.ts';
import { hyperDialect } from '#api/hyper/dialect.ts';
import { checkAddress, listen } from '#api/http/listen.ts';
import type { Listener, ListenOptions } from '#api/http/listen.ts';
import type { HttpRequest } from '#api/http/request.ts';
import type { Engine } from '#engine/engine.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';

/** Facts about this daemon that only the wires need. */
export type Facts = { readonly docker: DockerFacts; readonly hyper: HyperFacts };

/** Rejects when a listener could not be opened, before anything else of the daemon is there. */
export const checkHosts = async (config: Config): Promise<void> => {
  const wanted = [...config.hosts, ...(config.hyperHostsAreUsual ? [] : config.hyperHosts)];
  for (const url of wanted)
    await checkAddress({ url, insecureTcp: config.insecureTcp, ...(await tlsFor(url, config)) });
};

const PLAIN_TCP =
  'served over TCP without TLS: whoever can reach it is root of this machine; pages in browsers are refused by their Origin and Host';

type Door = Pick<ListenOptions, 'dialect' | 'mayHijack' | 'headers'> & {
  readonly urls: readonly string[];
  /** It stays shut where it cannot be opened. */
  readonly mayStayShut: boolean;
};

/** Opens every listener of every dialect, or none: one that fails closes the others. */
export const serve = async (config: Config, engine: Engine, facts: Facts, log: Log): Promise<Listeners> => {
  const report = (error: unknown, request: HttpRequest): void =>
    log('error', 'a request failed for a reason of our own', { error, id: request.id, path: request.path });
  const docker = createDialect(dockerDialect, { engine, daemon: facts.docker }, { report });
  const hyper = createDialect(hyperDialect, { engine, daemon: facts.hyper }, { report });
  const opened: Record<keyof Listeners, Listener[]> = { docker: [], hyper: [] };
  try {
    for await (const listener of open(config, log, {
      dialect: docker.answer,
      mayHijack: docker.mayHijack,
      headers: () => corsHeaders(config.corsHeader),
      urls: config.hosts,
      mayStayShut: false,
    }))
      opened.docker.push(listener);
    for await (const listener of open(config, log, {
      dialect: hyper.answer,
      mayHijack: hyper.mayHijack,
      urls: config.hyperHosts,
      mayStayShut: config.hyperHostsAreUsual,
    }))
      opened.hyper.push(listener);
    return opened;
  } catch (error) {
    await Promise.all([...opened.docker, ...opened.hyper].map(async (listener) => listener.close()));
    throw error;
  }
};

export type Listeners = { readonly docker: readonly Listener[]; readonly hyper: readonly Listener[] };

async function* open(
  config: Config,
  log: Log,
  { urls, mayStayShut, ...door }: Door,
): AsyncGenerator<Listener> {
  for (const url of urls) {
    try {
      yield await listen({
        ...door,
        url,
        onRequest: (event) => log('debug', 'request', event),
        insecureTcp: config.insecureTcp,
        socketGroup: 'docker',
        unreadBytes,
        browsers: { allowed: [config.corsHeader, ...config.apiAllow] },
        ...(await tlsFor(url, config)),
      });
      if (url.startsWith('tcp://') && config.tls === undefined) log('warn', PLAIN_TCP, { url });
    } catch (error) {
      if (!mayStayShut) throw error;
      log('warn', 'not served: another daemon is there', { url, error });
    }
  }
}

/** docker-routes.md 3.4. */
const corsHeaders = (origin: string): Record<string, string> =>
  origin === ''
    ? {}
    : {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Headers': 'Origin, X-Requested-With, Content-Type, Accept, X-Registry-Auth',
        'Access-Control-Allow-Methods': 'HEAD, GET, POST, DELETE, PUT, OPTIONS',
      };

const tlsFor = async (url: string, { tls }: Config): Promise<Pick<ListenOptions, 'tls'>> => {
  if (tls === undefined || !url.startsWith('tcp://')) return {};
  const [cert, key, ca] = await Promise.all([
    readFile(tls.cert),
    readFile(tls.key),
    tls.ca === '' ? undefined : readFile(tls.ca),
  ]);
  return { tls: { cert, key, ...(ca === undefined ? {} : { ca }), verifyClients: tls.verifyClients } };
};
