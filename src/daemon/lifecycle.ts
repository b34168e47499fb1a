import { rm, writeFile } from 'node:fs/promises';
import { compose } from './compose.ts';
import { loadConfig } from './config.ts';
import type { Config } from './config.ts';
import { createLog } from './log.ts';
import type { Log } from './log.ts';
import { checkHosts, serve } from './serve.ts';
import { readDaemonFacts } from './version.ts';

export type RunningDaemon = {
  readonly config: Config;
  /** Where each dialect is served. */
  readonly urls: { readonly docker: readonly string[]; readonly hyper: readonly string[] };
  /** Reads the configuration again: registries, log level. */
  reload(): Promise<void>;
  /** Stops serving; containers go on unless the configuration says otherwise. */
  stop(): Promise<void>;
};

/** Starts a daemon: parts, recovery, listeners. Rejects when something it needs is not there or taken. */
export const startDaemon = async (args: readonly string[]): Promise<RunningDaemon> => {
  const config = await loadConfig(args);
  const log = createLog(config.logLevel);
  await checkHosts(config);
  const facts = readDaemonFacts(config.hosts);
  const parts = await compose(config, facts.docker.version, log);
  try {
    for (const line of await parts.recover()) log('info', line);
    const listeners = await serve(config, parts.engine, facts, log);
    await writePidfile(config);
    return {
      config,
      urls: { docker: urlsOf(listeners.docker), hyper: urlsOf(listeners.hyper) },
      reload: async () => reload(args, parts, log),
      stop: async () => {
        const open = [...listeners.docker, ...listeners.hyper];
        await Promise.all(open.map(async (listener) => listener.close()));
        await parts.close({ stopContainers: config.stopContainersOnExit });
        if (config.pidfile !== '') await rm(config.pidfile, { force: true });
      },
    };
  } catch (error) {
    await parts.close({ stopContainers: false });
    throw error;
  }
};

const urlsOf = (listeners: readonly { readonly url: string }[]): string[] => listeners.map(({ url }) => url);

const writePidfile = async ({ pidfile }: Config): Promise<void> => {
  if (pidfile !== '') await writeFile(pidfile, `${process.pid}\n`);
};

const reload = async (
  args: readonly string[],
  parts: Awaited<ReturnType<typeof compose>>,
  log: Log,
): Promise<void> => {
  try {
    const next = await loadConfig(args);
    log.setLevel(next.logLevel);
    parts.reload(next);
    log('info', 'configuration reloaded');
  } catch (error) {
    log('error', 'the configuration could not be reloaded; the old one stays', { error });
  }
};
