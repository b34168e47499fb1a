import assert from 'node:assert/strict';
import { until } from '#test/support/clients/until.ts';
import type { TestDaemon } from '#test/support/daemon.ts';
import { findPod } from './cut-off.ts';
import type { FoundPod } from './cut-off.ts';
import { exitCode, hear, herald, idle, runExec, runPod, startPod } from './pod-client.ts';

/** Pods of two containers with a volume and a published port, for daemons that are killed. */
export class Victims {
  readonly #daemon: TestDaemon;
  readonly #ports: ReadonlyMap<string, number>;

  /** The ports follow one another, in the order of the names. */
  constructor(daemon: TestDaemon, names: readonly string[], firstPort: number) {
    this.#daemon = daemon;
    this.#ports = new Map(names.map((name, index) => [name, firstPort + index]));
  }

  portOf(id: string): number {
    return this.#ports.get(id) ?? 0;
  }

  specOf(id: string): object {
    return {
      id,
      volumes: [{ name: 'data' }],
      portmappings: [{ containerPort: '80', hostPort: String(this.portOf(id)) }],
      containers: [
        herald(`${id}-web`, 80),
        idle(`${id}-idle`, { volumes: [{ path: '/data', volume: 'data' }] }),
      ],
    };
  }

  async run(id: string): Promise<void> {
    await runPod(this.#daemon, this.specOf(id));
  }

  async known(id: string): Promise<FoundPod> {
    const found = await findPod(this.#daemon, id);
    assert.ok(found !== undefined, `${id} is there`);
    return found;
  }

  /** Started, it does what it is for, and the ids that its clients know are good. */
  async works(id: string, before?: FoundPod): Promise<void> {
    await startPod(this.#daemon, id);
    const { isRunning, ids, words } = await this.known(id);
    assert.ok(isRunning);
    if (before !== undefined) assert.deepEqual(ids, before.ids);
    for (const name of [`${id}-web`, `${id}-idle`]) assert.equal(words[name], 'running', name);
    const command = ['sh', '-c', 'hostname; exit 3'];
    const { text, code } = await runExec(this.#daemon, ids[`${id}-idle`] ?? '', command);
    assert.deepEqual([text, code], [`${id}\n`, 3]);
    await this.answers(this.portOf(id), `${id}-web`);
  }

  async answers(port: number, words: string): Promise<void> {
    await until(async () => (await hear('127.0.0.1', port)) === words, `${words} answers at ${port}`);
  }

  /** Stopped, it says how its containers ended. */
  async rests(id: string): Promise<void> {
    for (const container of [`${id}-web`, `${id}-idle`]) {
      assert.equal(await exitCode(this.#daemon, container), 137);
      const { status } = await this.#daemon.pods.json<{ status: { phase: string } }>(
        'GET',
        '/container/info',
        { query: { container } },
      );
      assert.equal(status.phase, 'failed');
    }
  }
}
