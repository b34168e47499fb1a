import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const TERMINAL = fileURLToPath(new URL('terminal.py', import.meta.url));
/** Debian's own: others that are first on the path know none of its packages. */
export const PYTHON = '/usr/bin/python3';

export type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** One thing to do on a terminal; see terminal.py. */
export type TerminalStep = {
  readonly resize?: readonly [rows: number, columns: number];
  readonly send?: string;
  readonly expect?: string;
  readonly again?: boolean;
};

/** A program under test with an environment of its own. */
export class Program {
  readonly #command: readonly string[];
  readonly #env: NodeJS.ProcessEnv;

  constructor(command: readonly string[], env: NodeJS.ProcessEnv) {
    this.#command = command;
    this.#env = { ...process.env, ...env };
  }

  /** The same program with more in its environment. */
  with(env: NodeJS.ProcessEnv): Program {
    return new Program(this.#command, { ...this.#env, ...env });
  }

  /** Runs to its end; `input` is all of its standard input. */
  async run(args: readonly string[], input: string | Uint8Array = ''): Promise<Outcome> {
    const running = this.start(args);
    running.child.stdin.end(input);
    return running.outcome;
  }

  /** Standard output without the white space around it; anything but exit code 0 fails the test. */
  async says(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    assert.equal(code, 0, `${args.join(' ')}: exit code ${code}\n${stderr}${stdout}`);
    return stdout.trim();
  }

  /** Standard output's bytes. */
  async bytes(...args: readonly string[]): Promise<Buffer> {
    const running = this.start(args);
    running.child.stdin.end();
    const { code, stderr } = await running.outcome;
    assert.equal(code, 0, `${args.join(' ')}: exit code ${code}\n${stderr}`);
    return running.output;
  }

  /** Expects failure; what was said on standard error. */
  async complains(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    assert.notEqual(code, 0, `${args.join(' ')}: did not fail: ${stdout}`);
    return stderr;
  }

  /** On a real terminal: the transcript and the exit code. */
  async onTerminal(args: readonly string[], steps: readonly TerminalStep[]): Promise<Outcome> {
    const command = [PYTHON, TERMINAL, JSON.stringify(steps), ...this.#command];
    return new Program(command, this.#env).run(args);
  }

  start(args: readonly string[]): Running {
    const [program = '', ...rest] = [...this.#command, ...args];
    return new Running(spawn(program, rest, { env: this.#env, stdio: 'pipe' }));
  }
}

/** A program that goes on while the test does other things. */
export class Running implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly outcome: Promise<Outcome>;
  readonly #stdout: Buffer[] = [];
  #stderr = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.on('data', (bytes: Buffer) => this.#stdout.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => (this.#stderr += bytes.toString()));
    child.stdin.on('error', () => undefined); // a program may end before it has read everything
    this.outcome = once(child, 'close').then(([code, signal]) => ({
      code: typeof code === 'number' ? code : signalCode(String(signal)),
      stdout: this.stdout,
      stderr: this.#stderr,
    }));
  }

  get output(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  get stdout(): string {
    return this.output.toString();
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until standard output matches. */
  async shows(pattern: RegExp): Promise<void> {
    await until(
      () => pattern.test(this.stdout),
      `${pattern} in ${JSON.stringify(this.stdout)} ${this.#stderr}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.outcome;
  }
}

const signalCode = (signal: string): number => (signal === 'SIGKILL' ? 137 : 128);
