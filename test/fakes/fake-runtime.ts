import { EngineError } from '#domain/error/engine-error.ts';
import type {
  ContainerRuntime,
  RuntimeConsole,
  RuntimeCreate,
  RuntimeExecProcess,
  RuntimeExit,
  RuntimeFinding,
  RuntimeProcess,
} from '#engine/ports/container-runtime.ts';

type Process = RuntimeProcess & {
  state: 'created' | 'running' | 'paused' | 'exited';
  exit?: RuntimeExit;
  /** Came while it was frozen. */
  pending?: number;
  readonly args: readonly string[];
};

/**
 * Processes that exist only as entries. The command's name says how one behaves: `fast` ends with 0
 * as it starts, `exit7` with 7, `stubborn` ignores SIGTERM, `missing` cannot be created, others run
 * until signalled.
 */
export class FakeRuntime implements ContainerRuntime {
  readonly name = 'fake';
  readonly table = new Map<string, Process>();
  readonly signals: [string, number][] = [];
  readonly requests: RuntimeCreate[] = [];
  readonly #now: () => number;
  #listener: ((exit: RuntimeExit) => void) | undefined;
  #nextPid = 1000;
  /** Called at the named step; may throw. */
  onStep: (step: string, id: string) => void = () => {};

  constructor(now: () => number) {
    this.#now = now;
  }

  async describe(): Promise<Readonly<Record<string, string>>> {
    return { fake: '1' };
  }

  expect(): void {}

  async create(request: RuntimeCreate): Promise<RuntimeProcess> {
    await Promise.resolve();
    this.onStep('create', request.id);
    this.requests.push(request);
    const { args } = request.spec.process;
    if (args[0] === 'missing') throw runtimeError('exec: "missing": executable file not found in $PATH');
    if (this.table.has(request.id)) throw runtimeError('container already exists');
    const process: Process = { pid: (this.#nextPid += 1), startTime: '1', state: 'created', args };
    this.table.set(request.id, process);
    return { pid: process.pid, startTime: process.startTime };
  }

  async start(id: string): Promise<void> {
    this.onStep('start', id);
    const process = this.#process(id);
    if (process.state !== 'created') throw runtimeError('not created');
    process.state = 'running';
    const [, code] = /^(?:exit(\d+))$/.exec(process.args[0] ?? '') ?? [];
    if (process.args[0] === 'fast') this.finish(id, 0);
    else if (code !== undefined) this.finish(id, Number(code));
  }

  async signal(id: string, signal: number): Promise<void> {
    const process = this.#process(id);
    if (process.state === 'exited') throw new EngineError('conflict', 'runtime.not-running', 'gone');
    this.signals.push([id, signal]);
    if (signal === 0) return;
    if (process.state === 'paused') process.pending = signal;
    else this.#receive(id, process, signal);
  }

  async killAll(id: string): Promise<void> {
    this.finish(id, 137);
  }

  async pause(id: string): Promise<void> {
    this.#process(id).state = 'paused';
  }

  async resume(id: string): Promise<void> {
    const process = this.#process(id);
    process.state = 'running';
    if (process.pending !== undefined) this.#receive(id, process, process.pending);
    delete process.pending;
  }

  async delete(id: string): Promise<void> {
    this.onStep('delete', id);
    this.table.delete(id);
  }

  async processes(id: string): Promise<number[]> {
    return [this.#process(id).pid];
  }

  async wasOomKilled(): Promise<boolean> {
    return false;
  }

  async update(): Promise<void> {}

  async attach(): Promise<RuntimeConsole> {
    throw new EngineError('unsupported', 'fake', 'no streams here');
  }

  async resize(): Promise<void> {}

  async reopenLog(): Promise<void> {}

  async exec(): Promise<RuntimeExecProcess> {
    throw new EngineError('unsupported', 'fake', 'no commands here');
  }

  onExit(listener: (exit: RuntimeExit) => void): void {
    this.#listener = listener;
  }

  onOomKill(listener: (id: string) => void): void {
    this.killedForMemory = listener;
  }
  killedForMemory: (id: string) => void = () => {};

  async recover(believed: readonly string[]): Promise<RuntimeFinding[]> {
    const found = [...this.table].map(([id, process]): RuntimeFinding => {
      if (process.exit !== undefined) return { id, state: 'exited', exit: process.exit };
      const state = process.state === 'exited' ? 'created' : process.state;
      return { id, state, process: { pid: process.pid, startTime: process.startTime } };
    });
    const lost = believed.filter((id) => !this.table.has(id));
    return [...found, ...lost.map((id): RuntimeFinding => ({ id, state: 'lost' }))];
  }

  async close(): Promise<void> {}

  /** Ends a process; the listener hears of it in a later turn, as from a real runtime. */
  finish(id: string, exitCode: number, oomKilled = false): void {
    const process = this.table.get(id);
    if (process === undefined || process.state === 'exited') return;
    process.state = 'exited';
    const exit = { id, exitCode, finishedAt: this.#now(), oomKilled };
    process.exit = exit;
    queueMicrotask(() => this.#listener?.(exit));
  }

  #receive(id: string, process: Process, signal: number): void {
    const isIgnored = process.args[0] === 'stubborn' && signal !== 9;
    if (!isIgnored && ![1, 10, 18].includes(signal)) this.finish(id, 128 + signal);
  }

  #process(id: string): Process {
    const process = this.table.get(id);
    if (process === undefined) throw new EngineError('conflict', 'runtime.not-running', 'no such process');
    return process;
  }
}

const runtimeError = (detail: string): EngineError =>
  new EngineError('invalid', 'runtime.create', detail, { params: { detail } });
