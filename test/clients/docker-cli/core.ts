import assert from 'node:assert/strict';
import { until } from '#test/support/clients/until.ts';
import type { Scenario } from './scenario.ts';

/** What everybody does every day, in one go: short enough for every version that a client can be told to speak. */
export const CORE: readonly Scenario[] = [
  {
    title: 'run, ps, logs, exec, inspect, events, images, stop, rm',
    run: async ({ docker, name }) => {
      const script = 'echo hello; exec sleep 1000';
      const id = await docker.says('run', '-d', '--name', name(), 'busybox', 'sh', '-c', script);
      assert.match(id, /^[0-9a-f]{64}$/u);
      assert.ok((await docker.says('ps', '--no-trunc', '-q')).split('\n').includes(id));
      await until(async () => (await docker.says('logs', name())) === 'hello', 'the log has the line');
      assert.equal(await docker.says('exec', name(), 'echo', 'inside'), 'inside');
      assert.equal(await docker.says('inspect', '-f', '{{.State.Running}}', name()), 'true');
      assert.match(await docker.says('images'), /^busybox +latest /mu);
      await docker.says('stop', '-t', '0', name());
      assert.equal(await docker.says('inspect', '-f', '{{.State.ExitCode}}', name()), '137');
      const now = String(Math.floor(Date.now() / 1000) + 1);
      const said = await docker.says(
        'events',
        '--since',
        '1',
        '--until',
        now,
        '--filter',
        `container=${name()}`,
      );
      for (const action of ['create', 'start', 'die']) assert.match(said, new RegExp(`\\b${action}\\b`, 'u'));
      const { stdout } = await docker.run(['run', '--rm', '-i', 'busybox', 'cat'], 'through stdin\n');
      assert.equal(stdout, 'through stdin\n');
      assert.equal((await docker.run(['run', '--rm', 'busybox', 'sh', '-c', 'exit 17'])).code, 17);
      await docker.says('rm', name());
      assert.match(await docker.complains('inspect', '--type', 'container', name()), /No such/iu);
    },
  },
];
