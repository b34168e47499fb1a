import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';

/** What this test calls of testcontainers. */
type Started = {
  getId(): string;
  getName(): string;
  getHost(): string;
  getMappedPort(port: number): number;
  exec(command: string | string[]): Promise<{ output: string; exitCode: number }>;
  logs(): Promise<AsyncIterable<Buffer>>;
  copyContentToContainer(contents: { content: string; target: string }[]): Promise<void>;
  copyArchiveFromContainer(path: string): Promise<AsyncIterable<Buffer>>;
  restart(options?: object): Promise<void>;
  stop(options?: object): Promise<unknown>;
};
type Generic = {
  withCommand(command: string[]): Generic;
  withExposedPorts(...ports: number[]): Generic;
  withEnvironment(environment: Record<string, string>): Generic;
  withLabels(labels: Record<string, string>): Generic;
  withHealthCheck(check: object): Generic;
  withTmpFs(mounts: Record<string, string>): Generic;
  withStartupTimeout(ms: number): Generic;
  withWaitStrategy(strategy: unknown): Generic;
  start(): Promise<Started>;
};
type Library = {
  GenericContainer: new (image: string) => Generic;
  Wait: {
    forLogMessage(text: string | RegExp, times?: number): unknown;
    forHttp(path: string, port: number): unknown;
    forListeningPorts(): unknown;
    forHealthCheck(): unknown;
  };
};

const SERVER = [
  'sh',
  '-c',
  'mkdir /www; echo $WORD > /www/index.html; echo serving; exec httpd -f -p 8080 -h /www',
];
const TIMEOUT_MS = 600_000;

describe('testcontainers', () => {
  let daemon: TestDaemon;
  let library: Library;
  before(async () => {
    daemon = await TestDaemon.start();
    process.env['DOCKER_HOST'] = `unix://${daemon.socket}`;
    // Its reaper is an image of its own, which no registry of this machine has; see the last test.
    process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
    library = createRequire(new URL('node/package.json', import.meta.url))('testcontainers') as Library;
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const server = (): Generic =>
    new library.GenericContainer('busybox:latest')
      .withCommand(SERVER)
      .withEnvironment({ WORD: 'hello' })
      .withExposedPorts(8080)
      .withStartupTimeout(TIMEOUT_MS);

  const get = async (started: Started): Promise<string> => {
    const answer = await fetch(`http://${started.getHost()}:${started.getMappedPort(8080)}/`);
    return (await answer.text()).trim();
  };

  test('waits for a port, answers on it, and is gone after stop', async () => {
    const started = await server().start();
    assert.equal(await get(started), 'hello');
    await started.stop();
    const all = await daemon.client.json<{ Id: string }[]>('GET', '/containers/json', { query: { all: 1 } });
    assert.deepEqual(
      all.filter(({ Id }) => Id === started.getId()),
      [],
    );
  });

  test('waits for a page, a line of the log, a health check', async () => {
    const { Wait } = library;
    for (const strategy of [Wait.forHttp('/', 8080), Wait.forLogMessage(/serving/u)])
      await (await server().withWaitStrategy(strategy).start()).stop();
    const check = { test: ['CMD-SHELL', 'wget -q -O - http://127.0.0.1:8080/'], interval: 200, retries: 50 };
    const healthy = await server().withHealthCheck(check).withWaitStrategy(Wait.forHealthCheck()).start();
    await healthy.stop();
  });

  test('exec, logs, files in and out, restart', async () => {
    const { Wait } = library;
    const started = await server()
      .withTmpFs({ '/scratch': 'rw' })
      .withWaitStrategy(Wait.forHttp('/', 8080))
      .start();
    const { output, exitCode } = await started.exec(['sh', '-c', 'echo inside; exit 7']);
    assert.deepEqual([output.trim(), exitCode], ['inside', 7]);
    await started.copyContentToContainer([{ content: 'copied in', target: '/opt/file' }]);
    assert.equal((await started.exec(['cat', '/opt/file'])).output, 'copied in');
    let bytes = 0;
    for await (const chunk of await started.copyArchiveFromContainer('/opt/file')) bytes += chunk.length;
    assert.ok(bytes >= 1024, String(bytes));
    for await (const line of await started.logs()) {
      assert.match(line.toString(), /serving/u);
      break;
    }
    await started.restart();
    assert.equal(await get(started), 'hello');
    await started.stop();
  });

  test('what its reaper does works: find by label, remove by force', async () => {
    const started = await server().withLabels({ session: 'one' }).start();
    const query = { all: 1, filters: JSON.stringify({ label: ['session=one'] }) };
    const found = await daemon.client.json<{ Id: string }[]>('GET', '/containers/json', { query });
    assert.deepEqual(
      found.map(({ Id }) => Id),
      [started.getId()],
    );
    for (const path of ['/networks', '/volumes', '/images/json'])
      assert.ok(await daemon.client.json('GET', path, { query: { filters: query.filters } }));
    await daemon.client.json('DELETE', `/containers/${started.getId()}`, { query: { force: 1, v: 1 } });
    assert.deepEqual(await daemon.client.json('GET', '/containers/json', { query }), []);
  });
});
