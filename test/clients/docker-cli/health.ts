import assert from 'node:assert/strict';
import { until } from '#test/support/clients/until.ts';
import type { Scenario } from './scenario.ts';

/** Health checks as `run` asks for them and `ps`, `inspect` and `events` show them. */
export const HEALTH: readonly Scenario[] = [
  {
    title: '--health-cmd: starting, healthy, unhealthy in ps and inspect',
    since: '1.24',
    run: async ({ docker, name }) => {
      const check = ['--health-cmd', 'test -e /ok', '--health-interval', '100ms', '--health-retries', '2'];
      await docker.says('run', '-d', '--name', name(), ...check, 'busybox', 'sleep', '1000');
      const health = (): Promise<string> => docker.says('inspect', '-f', '{{.State.Health.Status}}', name());
      await docker.says('exec', name(), 'touch', '/ok');
      await until(async () => (await health()) === 'healthy', 'healthy');
      const shown = await docker.says('ps', '--filter', `name=${name()}`, '--format', '{{.Status}}');
      assert.match(shown, /^Up .* \(healthy\)$/u);
      await docker.says('exec', name(), 'rm', '/ok');
      await until(async () => (await health()) === 'unhealthy', 'unhealthy');
      const filters = ['--filter', 'health=unhealthy', '--filter', `name=${name()}`];
      assert.equal(await docker.says('ps', ...filters, '--format', '{{.Names}}'), name());
    },
  },
  {
    title: '--no-healthcheck is none',
    since: '1.24',
    run: async ({ docker, name }) => {
      await docker.says('run', '-d', '--name', name(), '--no-healthcheck', 'busybox', 'sleep', '1000');
      assert.equal(await docker.says('inspect', '-f', '{{json .State.Health}}', name()), 'null');
    },
  },
];
