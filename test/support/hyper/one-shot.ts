import type { TestDaemon } from '#test/support/daemon.ts';
import { exitCode, idle, removePod, runPod, unframed } from './pod-client.ts';

type Daemon = Pick<TestDaemon, 'pods'>;

/** What a container has said so far, terminal or not. */
export const logOf = async ({ pods }: Daemon, container: string, isTerminal = false): Promise<string> => {
  const query = { container, stdout: 'yes', stderr: 'yes' };
  const response = await pods.open('GET', '/container/logs', { query });
  if (!isTerminal) return unframed(response);
  return Buffer.concat((await response.toArray()) as Buffer[]).toString();
};

export type OneShot = {
  /** A shell line. */
  readonly line: string;
  /** Of the container besides. */
  readonly container?: object;
  /** Of its pod besides. */
  readonly pod?: object;
};

/** A pod of one container called `shot` that runs a shell line, and all it says until it ends; nothing stays. */
export const outputOf = async (
  daemon: Daemon,
  { line, container = {}, pod = {} }: OneShot,
): Promise<string> => {
  const one = { name: 'shot', image: 'busybox', command: ['sh', '-c', line], ...container };
  const id = await runPod(daemon, { id: 'one-shot', containers: [one], ...pod });
  try {
    await exitCode(daemon, 'shot');
    return await logOf(daemon, 'shot', 'tty' in one && one.tty === true);
  } finally {
    await removePod(daemon, id);
  }
};

/** An image made of busybox by hand. */
export const makeImage = async ({ pods }: Daemon, repo: string, ...changes: string[]): Promise<void> => {
  await runPod({ pods }, { id: 'maker', containers: [idle('maker-c')] });
  const query = { container: 'maker-c', repo, tag: 'latest', changes };
  await pods.json('POST', '/container/commit', { query });
  await removePod({ pods }, 'maker');
};
