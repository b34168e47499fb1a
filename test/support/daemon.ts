import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDaemonAddress } from '#client/address.ts';
import { DaemonClient } from '#client/daemon-client.ts';
import { watchLimit } from '#tools/test/fair-clock.mjs';
import { wipe } from '#tools/wipe.mjs';
import { freeBridgeAddress } from './subnet.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY_MS = 60_000;

export type DaemonOptions = {
  readonly args?: readonly string[];
  /** Loads `busybox:latest`; default true. */
  readonly busybox?: boolean;
  /** Default: in the daemon's own folder. Elsewhere it is the caller's to remove. */
  readonly dataRoot?: string;
  readonly execRoot?: string;
};

/**
 * A real daemon of its own: data root, exec root, bridge and socket that no other has. Disposing it stops its
 * containers, ends it and removes its folders.
 */
export class TestDaemon implements AsyncDisposable {
  readonly folder: string;
  readonly socket: string;
  /** Where it speaks hyperd's dialect. */
  readonly hyperSocket: string;
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly client: DaemonClient;
  readonly pods: DaemonClient;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(folder: string, options: DaemonOptions) {
    const name = randomBytes(3).toString('hex');
    this.folder = folder;
    this.socket = path.join(folder, 'docker.sock');
    this.hyperSocket = path.join(folder, 'hyper.sock');
    this.dataRoot = options.dataRoot ?? path.join(folder, 'data');
    this.execRoot = options.execRoot ?? `/run/gantry-test-${name}`;
    this.client = new DaemonClient(parseDaemonAddress(`unix://${this.socket}`));
    this.pods = new DaemonClient(parseDaemonAddress(`unix://${this.hyperSocket}`), 'hyper');
    this.#args = [
      '--data-root',
      this.dataRoot,
      '--exec-root',
      this.execRoot,
      '--host',
      `unix://${this.socket}`,
      '--hyper-host',
      `unix://${this.hyperSocket}`,
      '--bip',
      freeBridgeAddress(),
      '--log-level',
      'info',
      ...(options.args ?? []),
    ];
  }

  static async start(options: DaemonOptions = {}): Promise<TestDaemon> {
    const daemon = new TestDaemon(await mkdtemp(path.join(tmpdir(), 'gantry-test-')), options);
    try {
      await daemon.boot();
      if (options.busybox !== false) await daemon.loadBusybox();
      return daemon;
    } catch (error) {
      await daemon[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** What the daemon has written, all runs together. */
  get log(): string {
    return this.#output;
  }

  /** Starts the process and waits until it says that it is ready. */
  async boot(): Promise<void> {
    const child = spawn(process.execPath, [path.join(ROOT, 'src/daemon/main.ts'), ...this.#args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: ROOT,
    });
    this.#child = child;
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    // An earlier run was ready too.
    const before = this.#output.length;
    const hear = (bytes: Buffer): void => {
      this.#output += bytes.toString();
      if (this.#output.includes('ready:', before)) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => reject(new Error(`the daemon ended with ${code}:\n${this.#output}`)));
    const late = watchLimit(READY_MS, () => reject(new Error(`the daemon is not ready:\n${this.#output}`)));
    await ready.finally(() => late.stop());
  }

  /** kill -9: no chance to tidy up. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM: leaves containers running. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#output = '';
    await this.boot();
  }

  async loadBusybox(): Promise<void> {
    const archive = await imageArchive('busybox');
    const frames = this.client.frames<{ errorDetail?: { message: string } }>('POST', '/images/load', {
      upload: createReadStream(archive),
      headers: { 'Content-Type': 'application/x-tar' },
    });
    for await (const { errorDetail } of frames)
      if (errorDetail !== undefined) throw new Error(errorDetail.message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child !== undefined && this.#child.exitCode === null) await this.#removeAll();
    await this.stop();
    await removeNetwork(this.execRoot);
    try {
      await this.#wipe();
    } finally {
      await removeTree(this.folder);
    }
  }

  async #wipe(): Promise<void> {
    const place = { dataRoot: this.dataRoot, execRoot: this.execRoot };
    try {
      wipe(place);
    } catch (error) {
      // A client that was cut off may have started something behind the last look: a daemon that comes up sees it.
      process.stderr.write(
        `left behind, and removed in a second try: ${String(error)}\n${this.#output.slice(-2000)}\n`,
      );
      await this.boot();
      await this.#removeAll();
      await this.stop();
      await removeNetwork(this.execRoot);
      wipe(place);
    }
  }

  async #removeAll(): Promise<void> {
    await this.#removePods();
    await this.#removeContainers();
  }

  async #removePods(): Promise<void> {
    const { podData } = await this.pods
      .json<{ podData: readonly string[] }>('GET', '/list', { query: { item: 'pod' } })
      .catch(() => ({ podData: [] }));
    const ids = podData.map((line) => line.split(':')[0] ?? '');
    await Promise.all(
      ids.map((podId) => this.pods.json('DELETE', '/pod', { query: { podId } }).catch(() => undefined)),
    );
  }

  async #removeContainers(): Promise<void> {
    const containers = await this.client
      .json<{ Id: string }[]>('GET', '/containers/json', { query: { all: 1 } })
      .catch(() => []);
    await Promise.all(
      containers.map(async ({ Id }) => {
        await this.client.json('POST', `/containers/${Id}/unpause`).catch(() => undefined);
        await this.client
          .json('DELETE', `/containers/${Id}`, { query: { force: 1, v: 1 } })
          .catch((error: unknown) => process.stderr.write(`${Id} was not removed: ${String(error)}\n`));
      }),
    );
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}

/** The archive that `npm run images` makes; made now when it is not there yet. */
export const imageArchive = async (name: 'busybox' | 'debian'): Promise<string> => {
  const archive = path.join(ROOT, '.cache/images', `${name}.tar`);
  try {
    await access(archive);
  } catch {
    const maker = spawn(process.execPath, [path.join(ROOT, 'tools/images.mjs'), name], {
      stdio: 'inherit',
      cwd: ROOT,
    });
    const [code] = await once(maker, 'exit');
    if (code !== 0) throw new Error(`images of ${name} could not be made`);
  }
  return archive;
};

/** A killed daemon leaves its bridge and firewall table to the next one on its data root; a test has no next one. */
const removeNetwork = async (execRoot: string): Promise<void> => {
  const mark = await readFile(path.join(execRoot, 'gantry.json'), 'utf8').catch(() => undefined);
  if (mark === undefined) return;
  const { tag } = JSON.parse(mark) as { tag: string };
  for (const [command, ...args] of [
    ['ip', 'link', 'delete', `gtr${tag.slice(0, 6)}`],
    ['ip', 'link', 'delete', `gtp${tag.slice(0, 6)}`],
    ['nft', 'delete', 'table', 'inet', `gantry_${tag}`],
  ]) {
    const child = spawn(command ?? '', args, { stdio: 'ignore' });
    // Missing is fine: it may have died before it made them.
    await once(child, 'exit').catch(() => undefined);
  }
};

/** Mounts of the daemon below a folder go first: a recursive removal must never reach through one. */
const removeTree = async (folder: string): Promise<void> => {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point === folder || point.startsWith(`${folder}/`));
  for (const point of mounts.toReversed())
    await once(spawn('umount', ['-l', point], { stdio: 'ignore' }), 'exit');
  await rm(folder, { recursive: true, force: true });
};
