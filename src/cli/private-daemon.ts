import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseDaemonAddress } from '#client/address.ts';
import { DaemonClient } from '#client/daemon-client.ts';
import { CommandError } from './exit-code.ts';

const ROOTS = { data: '/var/lib/gantry/private', exec: '/run/gantry/private' } as const;
const READY_MS = 30_000;

export type PrivateDaemon = AsyncDisposable & { readonly client: DaemonClient };

/**
 * A daemon for one command, with its own roots, bridge and socket. It ends, with its containers, when it is
 * disposed; its images stay for the next time.
 */
export const startPrivateDaemon = async (): Promise<PrivateDaemon> => {
  if (process.getuid?.() !== 0) throw new CommandError('no daemon answers, and starting one needs root', 125);
  await mkdir(ROOTS.exec, { recursive: true });
  const socket = `${ROOTS.exec}/gantry.sock`;
  const args = [
    fileURLToPath(new URL('../daemon/main.ts', import.meta.url)),
    '--data-root',
    ROOTS.data,
    '--exec-root',
    ROOTS.exec,
    '--host',
    `unix://${socket}`,
    '--hyper-host',
    'none',
    '--bip',
    '172.30.0.1/16',
    '--log-level',
    'error',
    '--stop-containers-on-exit',
  ];
  // Its own process group: a Ctrl-C is for the command, which then ends the daemon in order.
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  await ready(child);
  return {
    client: new DaemonClient(parseDaemonAddress(`unix://${socket}`)),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
};

const ready = async (child: ReturnType<typeof spawn>): Promise<void> => {
  const late = AbortSignal.timeout(READY_MS);
  const ended = once(child, 'exit', { signal: late }).then(() => {
    throw new CommandError('the private daemon could not be started', 125);
  });
  const spoke = once(child.stdout ?? child, 'data', { signal: late });
  await Promise.race([spoke, ended]);
  ended.catch(() => undefined);
};
