import { readFile } from 'node:fs/promises';
import { createDialect } from '#api/dialect/compile.ts';
import { dockerDialect } from '#api/docker/dialect.ts';
import type { DaemonFacts } from '#api/docker/context.ts';
import { checkAddress, listen } from '#api/http/listen.ts';
import type { Listener, ListenOptions } from '#api/http/listen.ts';
import type { Engine } from '#engine/engine.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';

/** Rejects when a listener could not be opened, before anything else of the daemon is there. */
export const checkHosts = async (config: Config): Promise<void> => {
  for (const url of config.hosts)
    await checkAddress({ url, insecureTcp: config.insecureTcp, ...(await tlsFor(url, config)) });
};

/** Opens every listener of the Docker dialect, or none: one that fails closes the others. */
export const serve = async (
  config: Config,
  engine: Engine,
  daemon: DaemonFacts,
  log: Log,
): Promise<Listener[]> => {
  const dialect = createDialect(
    dockerDialect,
    { engine, daemon },
    {
      report: (error, request) =>
        log('error', 'a request failed for a reason of our own', {
          error,
          id: request.id,
          path: request.path,
        }),
    },
  );
  const shared: Omit<ListenOptions, 'url'> = {
    dialect: dialect.answer,
    mayHijack: dialect.mayHijack,
    headers: () => corsHeaders(config.corsHeader),
    onRequest: (event) => log('debug', 'request', event),
    insecureTcp: config.insecureTcp,
    socketGroup: 'docker',
  };
  const listeners: Listener[] = [];
  try {
    for (const url of config.hosts) {
      listeners.push(await listen({ ...shared, url, ...(await tlsFor(url, config)) }));
    }
    return listeners;
  } catch (error) {
    await Promise.all(listeners.map(async (listener) => listener.close()));
    throw error;
  }
};

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
