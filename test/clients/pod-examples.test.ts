import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Program } from '#test/support/clients/program.ts';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { removePod, startPod } from '#test/support/hyper/pod-client.ts';
import { ask as askRaw } from '#test/support/versions/ask.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/pods', import.meta.url));
const BIN = fileURLToPath(new URL('../../bin/gantry.mjs', import.meta.url));

/** The pods of examples/pods by file: what each must be seen to do. */
describe('gantry pod runs the examples', () => {
  let daemon: TestDaemon;
  let gantry: Program;
  const seen = new Set<string>();

  before(async () => {
    daemon = await TestDaemon.start();
    const host = `unix://${daemon.hyperSocket}`;
    gantry = new Program([process.execPath, BIN, 'pod'], { GANTRY_HYPER_HOST: host });
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const run = async (file: string, pod: string): Promise<AsyncDisposable> => {
    seen.add(file);
    assert.equal(await gantry.says('run', path.join(EXAMPLES, file)), pod);
    return {
      [Symbol.asyncDispose]: async () => {
        // Shells and sleeps do not hear the polite signal: no need to wait for them.
        await daemon.pods.json('POST', '/pod/kill', { query: { podName: pod, signal: 9 } });
        await gantry.says('rm', pod);
      },
    };
  };
  const logged = (pod: string, container: string, words: RegExp): Promise<unknown> =>
    until(
      async () => words.test(await gantry.says('logs', pod, '-c', container)),
      `${container} says ${words.source}`,
    );

  it('a server and a sidecar share localhost and the host name', async () => {
    await using _ = await run('web-and-sidecar.json', 'web');
    await logged('web', 'sidecar', /served by web/u);
    const listed = await gantry.says('ls');
    assert.match(listed, /^web +running +\S+ +(?=.*web-server).*web-sidecar/mu);
    const [info] = JSON.parse(await gantry.says('inspect', 'web')) as [{ status: { phase: string } }];
    assert.equal(info.status.phase, 'Running');
    assert.equal(await gantry.says('exec', '-c', 'server', 'web', 'hostname'), 'web');
    assert.equal((await gantry.run(['exec', '-c', 'server', 'web', 'sh', '-c', 'exit 37'])).code, 37);
    assert.match(await gantry.says('stats', 'web'), /^web +\d+\.\d\d s +\d+\.\d MiB/mu);
    assert.match((await gantry.run(['exec', 'web', 'id'])).stderr, /has 2 containers, name one with -c/u);
  });

  it('one container reads what another writes', async () => {
    await using _ = await run('shared-volume.json', 'shared');
    await logged('shared', 'reader', /^written by the first\ncannot write$/u);
    assert.equal(await gantry.says('stop', 'shared'), 'shared');
    assert.equal(await gantry.says('start', 'shared'), 'shared');
    await logged('shared', 'reader', /written by the first[^]*written by the first/u);
  });

  it('files are there before the start, with their modes', async () => {
    await using _ = await run('init-files.yaml', 'files');
    await logged('files', 'one', /^hello from a file\n640\nthe script ran$/u);
  });

  it('a service takes its backends turn by turn', async () => {
    await using _ = await run('services.json', 'balanced');
    const ask = async (): Promise<string> => {
      const args = ['exec', '-c', 'client', 'balanced', 'wget', '-q', '-O', '-', 'http://10.254.0.24:2834/'];
      return (await gantry.run(args)).stdout.trim();
    };
    await until(async () => (await ask()) === 'one', 'the first answers');
    await until(async () => (await ask()) === 'two', 'the second answers');
    const answers = [await ask(), await ask(), await ask(), await ask()];
    assert.deepEqual(answers.toSorted(), ['one', 'one', 'two', 'two']);
  });

  it('a range of ports, and one more while it runs', async () => {
    await using _ = await run('port-range.json', 'ranges');
    const get = async (port: number): Promise<string> => {
      const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
      return answer === undefined ? '' : (await answer.text()).trim();
    };
    await until(async () => (await get(18_080)) === 'first', 'the first port answers');
    await until(async () => (await get(18_081)) === 'second', 'the second port answers');
    assert.match(await gantry.says('port', 'ls', 'ranges'), /^tcp +18080-18081 +8080-8081$/mu);
    await gantry.says('port', 'add', 'ranges', '-p', '18082:8081');
    assert.equal(await get(18_082), 'second');
    const left = await gantry.says('port', 'delete', 'ranges', '-p', '18082:8081');
    assert.doesNotMatch(left, /18082/u);
    await until(async () => (await get(18_082)) === '', 'the port is closed');
  });

  it('limits are the pod’s', async () => {
    await using _ = await run('limits.json', 'limited');
    await logged('limited', 'greedy', /ended with 1?\d\d?/u);
    assert.equal(await gantry.says('exec', '-c', 'modest', 'limited', 'echo', 'still here'), 'still here');
  });

  it('a Kubernetes Pod, with a warning for what does not map', async () => {
    seen.add('kubernetes.yaml');
    const { code, stdout, stderr } = await gantry.run(['run', path.join(EXAMPLES, 'kubernetes.yaml')]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trim(), 'cluster');
    assert.match(stderr, /livenessProbe is not supported/u);
    const ask = ['exec', '-c', 'writer', 'cluster', 'wget', '-q', '-O', '-', 'http://127.0.0.1:8080/'];
    await until(
      async () => (await gantry.run(ask)).stdout.trim() === 'from the writer',
      'the page is served',
    );
    await gantry.says('rm', 'cluster');
  });

  it('attached, the command ends with the container and its exit code', async () => {
    const pod = {
      id: 'once',
      containers: [
        { name: 'once-main', image: 'busybox', command: ['sh', '-c', 'cat; echo done >&2; exit 17'] },
      ],
    };
    const running = gantry.start(['run', '--attach', '--rm', '-']);
    running.child.stdin.end(JSON.stringify(pod));
    const { code, stderr } = await running.outcome;
    assert.match(stderr, /done/u);
    assert.equal(code, 17);
    assert.doesNotMatch(await gantry.says('ls'), /once/u);
  });

  it('each JSON is a request as it is', async () => {
    for (const file of (await readdir(EXAMPLES)).filter((name) => name.endsWith('.json'))) {
      const body = await readFile(path.join(EXAMPLES, file));
      const headers = { 'Content-Type': 'application/json' };
      const { status, text } = await askRaw(daemon.hyperSocket, 'POST', '/pod/create', { body, headers });
      assert.equal(status, 201, `${file}: ${text}`);
      const { ID } = JSON.parse(text) as { ID: string };
      await startPod(daemon, ID);
      await removePod(daemon, ID);
    }
  });

  it('none is left out', async () => {
    const files = (await readdir(EXAMPLES)).filter((file) => file !== 'README.md');
    assert.deepEqual(
      files.filter((file) => !seen.has(file)),
      [],
    );
  });
});
