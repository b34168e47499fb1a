import assert from 'node:assert/strict';
import type { Scenario } from './scenario.ts';

/** `--link` on the default network. */
export const LINKS: readonly Scenario[] = [
  {
    title: '--link names another container, its ports and environment',
    run: async ({ docker, name, since }) => {
      const [db, web] = [name('db'), name('web')];
      await docker.says('run', '-d', '--name', db, '--expose', '80', '-e', 'A=b', 'busybox', 'sleep', '1000');
      const script = 'grep -w sql /etc/hosts; echo $SQL_NAME $SQL_ENV_A $SQL_PORT_80_TCP_PORT';
      const said = await docker.says(
        'run',
        '--name',
        web,
        '--link',
        `${db}:sql`,
        'busybox',
        'sh',
        '-c',
        script,
      );
      const address = await docker.says('inspect', '-f', '{{.NetworkSettings.IPAddress}}', db);
      const others = since('1.18') ? ` [0-9a-f]+ ${db}` : '';
      assert.match(said, new RegExp(`^${address}\tsql${others}\n/${web}/sql b 80$`, 'u'));
      const links = await docker.says('inspect', '-f', '{{json .HostConfig.Links}}', web);
      assert.deepEqual(JSON.parse(links), [`/${db}:/${web}/sql`]);
      await docker.says('rm', '--link', `${web}/sql`);
      assert.equal(await docker.says('inspect', '-f', '{{json .HostConfig.Links}}', web), 'null');
    },
  },
  {
    title: '--link to a container that does not run is refused',
    run: async ({ docker, name }) => {
      await docker.says('create', '--name', name('db'), 'busybox', 'true');
      const said = await docker.complains('run', '--name', name(), '--link', name('db'), 'busybox', 'true');
      assert.match(said, /Cannot link to a non running container/u);
    },
  },
];
