import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unmount } from '#adapters/libc/mounts.ts';
import { createOciRuntime } from '#adapters/oci-cli/runtime.ts';
import type { OciRuntimeOptions } from '#adapters/oci-cli/runtime.ts';
import type { OutputChunk } from '#domain/log/record.ts';
import type {
  ContainerRuntime,
  RuntimeCreate,
  RuntimeExec,
  RuntimeExit,
} from '#engine/ports/container-runtime.ts';
import { openPatience } from '#test/support/patience.ts';
import { makeRootfs, makeSpec } from './rootfs.ts';
import type { SpecOptions } from './rootfs.ts';

/** The ways one port is implemented: crun with its fast paths, with none of them, and runc. */
export const variants: readonly { readonly name: string; readonly options: Partial<OciRuntimeOptions> }[] = [
  { name: 'crun', options: {} },
  { name: 'crun by its commands alone', options: { fastPaths: false } },
  { name: 'runc', options: { runtimePath: '/usr/sbin/runc' } },
];

export const newId = (): string => randomBytes(32).toString('hex');

export type Place = { readonly root: string; readonly options: OciRuntimeOptions; readonly rootfs: string };

/** Folders and names of their own for one suite. */
export const makePlace = (options: Partial<OciRuntimeOptions> = {}): Place => {
  const root = mkdtempSync(join(tmpdir(), 'gantry-runtime-'));
  const cgroupParent = `/gantry-test-${randomBytes(4).toString('hex')}`;
  const rootfs = makeRootfs(join(root, 'rootfs'));
  mkdirSync(join(root, 'logs'));
  const place = { execRoot: join(root, 'exec'), dataRoot: join(root, 'data'), cgroupParent };
  return { root, rootfs, options: { ...place, ...options } };
};

/** Fails when anything is left on the machine, then removes the folders. */
export const leavePlace = async ({ root, options }: Place): Promise<void> => {
  await eventually(() => assert.deepEqual(processesNaming(root), []));
  assert.deepEqual(
    globSync(`/sys/fs/cgroup/**/${options.cgroupParent.slice(1)}`),
    [],
    'control groups remain',
  );
  for (const folder of ['containers', 'exits', 'execs', 'crun', 'runc']) {
    const path = join(options.execRoot, folder);
    if (existsSync(path)) assert.deepEqual(readdirSync(path), [], `${folder} is not empty`);
  }
  unmount(options.execRoot);
  assert.deepEqual(mountsBelow(root), []);
  rmSync(root, { recursive: true });
};

export const mountsBelow = (root: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[4]?.startsWith(root));

/** Processes (not zombies) with `text` in their arguments, ourselves left out. */
export const processesNaming = (text: string): string[] =>
  readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return line.includes(text) ? [`${name} ${line}`] : [];
    } catch {
      // It left while we looked.
      return [];
    }
  });

/** Tries until `check` no longer throws, while there is patience. */
export const eventually = async <Result>(check: () => Result | Promise<Result>): Promise<Result> => {
  const patience = openPatience();
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (patience.isOver()) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
};

/** One runtime with what tests do to it over and over. */
export class RuntimeWorld {
  readonly place: Place;
  readonly runtime: ContainerRuntime;
  readonly warnings: string[] = [];
  readonly #exits = new Map<string, PromiseWithResolvers<RuntimeExit>>();
  readonly #ids = new Set<string>();
  readonly exitCounts = new Map<string, number>();
  /** The runtime waits for signals and files, which keep no loop alive; a daemon has its listeners. */
  readonly #awake = setInterval(() => {}, 60_000);

  private constructor(place: Place, runtime: ContainerRuntime) {
    this.place = place;
    this.runtime = runtime;
    runtime.onExit((exit) => {
      this.exitCounts.set(exit.id, (this.exitCounts.get(exit.id) ?? 0) + 1);
      this.#waiter(exit.id).resolve(exit);
    });
  }

  static async open(place: Place): Promise<RuntimeWorld> {
    const warnings: string[] = [];
    const runtime = await createOciRuntime({
      ...place.options,
      onWarning: (message) => warnings.push(message),
    });
    const world = new RuntimeWorld(place, runtime);
    warnings.forEach((warning) => world.warnings.push(warning));
    return world;
  }

  spec(args: readonly string[], options: SpecOptions = {}): RuntimeCreate['spec'] {
    return makeSpec(this.place.rootfs, args, options);
  }

  logPath(id: string): string {
    return join(this.place.root, 'logs', id);
  }

  async create(args: readonly string[], more: SpecOptions & Partial<RuntimeCreate> = {}): Promise<string> {
    const id = more.id ?? newId();
    this.#ids.add(id);
    const { openStdin = false, stdinOnce = false, consoleSize } = more;
    const size = consoleSize === undefined ? {} : { consoleSize };
    const logPath = this.logPath(id);
    await this.runtime.create({ id, spec: this.spec(args, more), openStdin, stdinOnce, logPath, ...size });
    return id;
  }

  async start(args: readonly string[], more: SpecOptions & Partial<RuntimeCreate> = {}): Promise<string> {
    const id = await this.create(args, more);
    await this.runtime.start(id);
    return id;
  }

  exitOf(id: string): Promise<RuntimeExit> {
    return this.#waiter(id).promise;
  }

  /** Runs a shell script to its end; its log and exit. */
  async run(
    script: string,
    more: SpecOptions & Partial<RuntimeCreate> = {},
  ): Promise<RuntimeExit & { log: string }> {
    const id = await this.start(['sh', '-c', script], more);
    const exit = await this.exitOf(id);
    const log = this.readLog(id);
    await this.runtime.delete(id);
    return { ...exit, log };
  }

  readLog(id: string): string {
    return plainLog(readFileSync(this.logPath(id), 'utf8'));
  }

  exec(id: string, args: readonly string[], more: Partial<RuntimeExec> = {}) {
    return this.runtime.exec(id, {
      args,
      env: ['PATH=/bin'],
      cwd: '/',
      user: { uid: 0, gid: 0, additionalGids: [] },
      capabilities: [],
      noNewPrivileges: false,
      tty: false,
      attachStdin: false,
      ...more,
    });
  }

  /** Removes what tests left (a failed one leaves its container), then lets go. */
  async close(): Promise<void> {
    clearInterval(this.#awake);
    await Promise.all([...this.#ids].map((id) => this.runtime.delete(id)));
    await this.runtime.close();
  }

  #waiter(id: string): PromiseWithResolvers<RuntimeExit> {
    const waiter = this.#exits.get(id) ?? Promise.withResolvers<RuntimeExit>();
    this.#exits.set(id, waiter);
    return waiter;
  }
}

/** All output as text, each stream apart. */
export const readOutput = async (
  output: AsyncIterable<OutputChunk>,
): Promise<{ stdout: string; stderr: string }> => {
  const text = { stdout: '', stderr: '' };
  for await (const { stream, bytes } of output) text[stream] += Buffer.from(bytes).toString();
  return text;
};

/** Reads until `text` has come by; what was read. */
export const readUntil = async (chunks: AsyncIterator<OutputChunk>, text: string): Promise<string> => {
  let seen = '';
  while (!seen.includes(text)) {
    const next = await chunks.next();
    if (next.done === true)
      throw new Error(`the output ended before ${JSON.stringify(text)}: ${JSON.stringify(seen)}`);
    seen += Buffer.from(next.value.bytes).toString();
  }
  return seen;
};

/** The text of a monitor's log, streams and times left out. */
export const plainLog = (log: string): string =>
  log.replaceAll(/^\S+ std(?:out|err) ([FP]) (.*)\n/gm, (_, mark: string, text: string) =>
    mark === 'F' ? `${text}\n` : text,
  );
