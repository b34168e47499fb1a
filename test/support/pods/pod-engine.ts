import { fork, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDaemonAddress } from '#client/address.ts';
import { DaemonClient } from '#client/daemon-client.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ErrorKind, ErrorParams } from '#domain/error/engine-error.ts';
import type { EngineEvent } from '#domain/event/event.ts';
import type { ContainerOperations, PodOperations, SandboxOperations, WaitResult } from '#engine/engine.ts';
import { imageArchive } from '#test/support/daemon.ts';
import { freeBridgeAddress } from '#test/support/subnet.ts';
import { wipe } from '#tools/wipe.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The same operations, each answered later. */
type Remote<Operations> = {
  readonly [Name in keyof Operations]: Operations[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

type Extras = {
  recovered(): Promise<string[]>;
  load(path: string): Promise<void>;
  attachText(ref: string, input?: string): Promise<string>;
  exec(ref: string, args: readonly string[]): Promise<{ output: string; exitCode: number | null }>;
  wait(ref: string): Promise<WaitResult>;
  events(since: number): Promise<EngineEvent[]>;
};

type Answer = {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: {
    readonly kind: string;
    readonly code: string;
    readonly params: ErrorParams;
    readonly message: string;
  };
};

export type PodEngineOptions = {
  /** Also listens for clients of Docker. */
  readonly serve?: boolean;
  /** More flags of the daemon. */
  readonly args?: readonly string[];
};

/** A real daemon of its own whose engine a test drives directly; disposing it leaves nothing. */
export class PodEngine implements AsyncDisposable {
  readonly folder: string;
  readonly execRoot: string;
  readonly tag: Promise<string>;
  readonly pods: Remote<PodOperations> = this.#remote('pods');
  readonly sandboxes: Remote<SandboxOperations> = this.#remote('sandboxes');
  readonly containers: Remote<ContainerOperations> = this.#remote('containers');
  readonly extras: Extras = this.#remote('extras');
  /** The Docker dialect of the same daemon, if it serves. */
  readonly docker: DaemonClient;
  readonly #args: readonly string[];
  readonly #serves: boolean;
  readonly #tag = Promise.withResolvers<string>();
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  #child: ChildProcess | undefined;
  #output = '';
  #lastCall = 0;

  private constructor(folder: string, { serve = false, args = [] }: PodEngineOptions) {
    this.#serves = serve;
    this.folder = folder;
    this.tag = this.#tag.promise;
    this.execRoot = `/run/gantry-test-${randomBytes(3).toString('hex')}`;
    const socket = `unix://${path.join(folder, 'docker.sock')}`;
    this.docker = new DaemonClient(parseDaemonAddress(socket));
    this.#args = [
      `--data-root=${path.join(folder, 'data')}`,
      `--exec-root=${this.execRoot}`,
      `--host=${socket}`,
      '--hyper-host=none',
      `--bip=${freeBridgeAddress()}`,
      '--log-level=info',
      ...args,
    ];
  }

  static async start(options: PodEngineOptions = {}): Promise<PodEngine> {
    const engine = new PodEngine(await mkdtemp(path.join(tmpdir(), 'gantry-test-')), options);
    try {
      await engine.boot();
      await engine.extras.load(await imageArchive('busybox'));
      return engine;
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
  }

  get log(): string {
    return this.#output;
  }

  async boot(): Promise<void> {
    const child = fork(path.join(ROOT, 'test/support/pods/engine-process.ts'), this.#args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      cwd: ROOT,
      env: { ...process.env, ...(this.#serves ? { SERVE: '1' } : {}) },
    });
    this.#child = child;
    const ready = Promise.withResolvers<void>();
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (bytes: Buffer) => (this.#output += bytes.toString()));
    child.on('message', (message) => (message === 'ready' ? ready.resolve() : this.#take(message as Answer)));
    child.once('exit', () => {
      const gone = new Error(`the daemon ended:\n${this.#output}`);
      ready.reject(gone);
      for (const call of this.#calls.values()) call.reject(gone);
      this.#calls.clear();
    });
    await ready.promise;
    const mark = JSON.parse(await readFile(path.join(this.execRoot, 'gantry.json'), 'utf8')) as {
      tag: string;
    };
    this.#tag.resolve(mark.tag);
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** kill -9: no chance to tidy up. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async reborn(): Promise<string[]> {
    await this.kill();
    await this.boot();
    return this.extras.recovered();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#removeAll().catch(() => undefined);
    await this.#end('SIGTERM');
    const mark = await readFile(path.join(this.execRoot, 'gantry.json'), 'utf8').catch(() => undefined);
    if (mark !== undefined) {
      const { tag } = JSON.parse(mark) as { tag: string };
      await run('ip', 'link', 'delete', `gtr${tag.slice(0, 6)}`);
      await run('nft', 'delete', 'table', 'inet', `gantry_${tag}`);
    }
    wipe({ dataRoot: path.join(this.folder, 'data'), execRoot: this.execRoot });
    await rm(this.folder, { recursive: true, force: true });
  }

  async #removeAll(): Promise<void> {
    if (this.#child?.exitCode !== null || this.#child.signalCode !== null) await this.boot();
    const pods = await this.pods.list();
    await Promise.all(pods.map(async ({ id }) => this.pods.remove(id, { timeoutSeconds: 0 })));
    for (const { id } of await this.sandboxes.list()) await this.sandboxes.destroy(id);
    for (const { id } of await this.containers.list())
      await this.containers.remove(id, { force: true, volumes: true, link: false });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  #take({ id, value, error }: Answer): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(value);
    else if (error.code === '') call?.reject(new Error(error.message));
    else {
      const { kind, code, message, params } = error;
      call?.reject(new EngineError(kind as ErrorKind, code, message, { params }));
    }
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  #remote<Operations>(part: string): Operations {
    // Every name is an operation: the child knows which there are.
    return new Proxy({} as Operations & object, {
      get:
        (_, name) =>
        async (...args: readonly unknown[]) =>
          this.#call([part, String(name)], args),
    });
  }

  async #call(at: readonly [string, string], args: readonly unknown[]): Promise<unknown> {
    const call = Promise.withResolvers<unknown>();
    this.#lastCall += 1;
    this.#calls.set(this.#lastCall, call);
    this.#child?.send({ id: this.#lastCall, path: at, args });
    return call.promise;
  }
}

const run = async (command: string, ...args: readonly string[]): Promise<void> => {
  // Missing is fine: it may never have been made.
  await once(spawn(command, args, { stdio: 'ignore' }), 'exit').catch(() => undefined);
};
