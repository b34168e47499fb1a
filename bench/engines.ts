import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toTag } from '#tools/leaks/records.mjs';
import { wipe } from '#tools/wipe.mjs';
import { Api } from './api.ts';
import { CpuAccount } from './cpu-account.ts';
import { startCounted, stopProcess, untilReady } from './processes.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** One engine in this run: started by us on folders, a socket and a bridge of its own. */
export type Engine = {
  readonly name: string;
  readonly api: Api;
  readonly cpu: CpuAccount;
  /** Occurs in the command line of processes that are not our daemon's children. */
  readonly mark: string;
  readonly pid: () => number;
  /** Stops and starts it; milliseconds until its first answer. */
  readonly restart: () => Promise<number>;
  readonly close: () => Promise<void>;
};

type Recipe = {
  readonly name: string;
  readonly folder: string;
  readonly command: readonly string[];
  readonly socket: string;
  /** Control group below which it puts containers. */
  readonly containers: string;
  readonly cleanUp: () => void;
};

const start = async (recipe: Recipe): Promise<Engine> => {
  const cpu = new CpuAccount([`bench-${recipe.name}-${process.pid}`, recipe.containers]);
  const api = new Api(recipe.socket);
  const boot = (): ChildProcess => startCounted(cpu.door, join(recipe.folder, 'log'), recipe.command);
  let child = boot();
  const close = async (): Promise<void> => {
    await removeAll(api);
    api.close();
    await stopProcess(child);
    recipe.cleanUp();
    cpu.close();
  };
  try {
    await untilReady(api, child);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    name: recipe.name,
    api,
    cpu,
    mark: recipe.folder,
    pid: () => child.pid ?? 0,
    restart: async () => {
      await stopProcess(child);
      child = boot();
      return untilReady(api, child);
    },
    close,
  };
};

/** What tells Gantry's daemons of one run apart. */
type Checkout = { readonly name: string; readonly root: string; readonly bip: string };

const startGantry = async ({ name, root, bip }: Checkout, folder: string): Promise<Engine> => {
  const places = { dataRoot: join(folder, 'data'), execRoot: `/run/${name}-bench-${process.pid}` };
  const socket = join(folder, 'gantry.sock');
  const flags = {
    '--data-root': places.dataRoot,
    '--exec-root': places.execRoot,
    '--host': `unix://${socket}`,
    '--hyper-host': 'none',
    '--bip': bip,
    '--log-level': 'warn',
  };
  process.env['NODE_COMPILE_CACHE'] = join(ROOT, '.cache/compiled');
  return start({
    name,
    folder,
    socket,
    command: [process.execPath, join(root, 'src/daemon/main.ts'), ...Object.entries(flags).flat()],
    containers: `gantry-${toTag(places.dataRoot)}`,
    cleanUp: () => void wipe(places),
  });
};

const startDockerd = async (folder: string): Promise<Engine> => {
  const bridge = `bb${process.pid}`;
  const socket = join(folder, 'docker.sock');
  run('ip', 'link', 'add', bridge, 'type', 'bridge');
  run('ip', 'address', 'add', '10.232.0.1/16', 'dev', bridge);
  run('ip', 'link', 'set', bridge, 'up');
  const containers = `bench-dockerd-containers-${process.pid}`;
  const flags = {
    '--data-root': join(folder, 'data'),
    '--exec-root': join(folder, 'exec'),
    '--pidfile': join(folder, 'pid'),
    '--host': `unix://${socket}`,
    '--bridge': bridge,
    '--cgroup-parent': `/${containers}`,
    '--log-level': 'error',
  };
  return start({
    name: 'dockerd',
    folder,
    socket,
    // No rules of its own in the machine's tables: containers without published ports need none.
    command: [
      '/usr/sbin/dockerd',
      ...Object.entries(flags).flat(),
      '--iptables=false',
      '--ip6tables=false',
      '--ip-masq=false',
      '--userland-proxy=false',
    ],
    containers,
    cleanUp: () => {
      run('ip', 'link', 'delete', bridge);
      unmountBelow(folder);
    },
  });
};

const startPodman = async (folder: string): Promise<Engine> => {
  const socket = join(folder, 'podman.sock');
  const places = ['--root', join(folder, 'data'), '--runroot', join(folder, 'run')];
  return start({
    name: 'podman',
    folder,
    socket,
    command: ['podman', ...places, 'system', 'service', '--time', '0', `unix://${socket}`],
    containers: `bench-podman-containers-${process.pid}`,
    cleanUp: () => unmountBelow(folder),
  });
};

/** Whatever a work that failed has left. */
const removeAll = async (api: Api): Promise<void> => {
  try {
    const rest = await api.json<{ Id: string }[]>('GET', '/containers/json?all=1');
    await Promise.all(rest.map(async ({ Id }) => api.bytes('DELETE', `/containers/${Id}?force=1`)));
  } catch {
    // The daemon has ended: what is left shows below.
  }
};

/**
 * Gantry, another checkout of it if asked for, and the peers that are installed. Those that do not start are named and
 * left out.
 */
export const startEngines = async (folder: string, beside?: string): Promise<Engine[]> => {
  const ours = { name: 'gantry', root: ROOT, bip: '10.231.0.1/16' };
  const other = { name: 'other', root: beside ?? ROOT, bip: '10.233.0.1/16' };
  const starters = [
    { name: ours.name, isThere: true, start: async (own: string) => startGantry(ours, own) },
    {
      name: other.name,
      isThere: beside !== undefined,
      start: async (own: string) => startGantry(other, own),
    },
    { name: 'dockerd', isThere: existsSync('/usr/sbin/dockerd'), start: startDockerd },
    { name: 'podman', isThere: existsSync('/usr/bin/podman'), start: startPodman },
  ];
  const engines: Engine[] = [];
  for (const { name, isThere, start: begin } of starters) {
    if (!isThere) continue;
    const own = join(folder, name);
    mkdirSync(own);
    try {
      engines.push(await begin(own));
    } catch (error) {
      console.error(`${name} is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return engines;
};

const run = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const unmountBelow = (folder: string): void => {
  const points = run('findmnt', '-rn', '-o', 'TARGET')
    .split('\n')
    .filter((point) => point.startsWith(`${folder}/`));
  for (const point of points.toReversed()) run('umount', '-l', point);
};
