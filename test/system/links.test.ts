import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';

type Inspect = {
  readonly HostConfig: { readonly Links: readonly string[] | null };
  readonly NetworkSettings: { readonly IPAddress: string };
  readonly HostsPath: string;
};

describe('links', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(() => daemon[Symbol.asyncDispose]());

  const create = async (name: string, body: object = {}): Promise<string> => {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
      query: { name },
      body: { Image: 'busybox', Cmd: ['sleep', '600'], ...body },
    });
    return Id;
  };
  const start = (name: string): Promise<unknown> => daemon.client.json('POST', `/containers/${name}/start`);
  const inspect = (name: string): Promise<Inspect> => daemon.client.json('GET', `/containers/${name}/json`);
  const linked = (...links: string[]): object => ({ HostConfig: { Links: links } });
  const remove = (name: string): Promise<unknown> =>
    daemon.client.json('DELETE', `/containers/${name}`, { query: { force: 1 } });
  const inside = async (name: string, command: string): Promise<string> => {
    const { Id } = await daemon.client.json<{ Id: string }>('POST', `/containers/${name}/exec`, {
      body: { Cmd: ['sh', '-c', command], AttachStdout: true, Tty: true },
    });
    const answer = await daemon.client.open('POST', `/exec/${Id}/start`, { body: { Tty: true } });
    let said = '';
    for await (const text of answer) said += String(text);
    return said.replaceAll('\r', '');
  };

  it('give environment, hosts entry, names and their form in inspect', async () => {
    await create('db', { ExposedPorts: { '5432/tcp': {} }, Env: ['SECRET=x'] });
    await start('db');
    await create('web', linked('db:sql', 'db'));
    await start('web');
    const { IPAddress } = (await inspect('db')).NetworkSettings;
    const environment = (await inside('web', 'cat /proc/1/environ | tr "\\0" "\\n"')).split('\n');
    for (const entry of [
      `SQL_PORT=tcp://${IPAddress}:5432`,
      `SQL_PORT_5432_TCP_ADDR=${IPAddress}`,
      'SQL_NAME=/web/sql',
      'SQL_ENV_SECRET=x',
      'DB_NAME=/web/db',
    ])
      assert.ok(environment.includes(entry), entry);
    assert.match(
      await inside('web', 'cat /etc/hosts'),
      new RegExp(`^${IPAddress}\tsql [0-9a-f]{12} db$`, 'mu'),
    );
    assert.match(await inside('web', 'ping -c 1 -W 20 sql'), / 0% packet loss/u);
    assert.deepEqual((await inspect('web')).HostConfig.Links, ['/db:/web/sql', '/db:/web/db']);
    const list = await daemon.client.json<{ Names: string[] }[]>('GET', '/containers/json');
    assert.ok(list.some(({ Names }) => Names.join(' ') === '/db /web/sql /web/db'));
    assert.equal((await inspect('web/sql')).NetworkSettings.IPAddress, IPAddress);
    await Promise.all([remove('web'), remove('db')]);
  });

  it('without a network are names and environment alone', async () => {
    await create('la', { ExposedPorts: { '80/tcp': {} }, Env: ['FOO=1'] });
    await create('lb', { HostConfig: { Links: ['la:mylink'], NetworkMode: 'none' } });
    // Nobody need be there.
    await start('lb');
    await daemon.client.json('POST', '/containers/lb/stop', { query: { t: 0 } });
    await start('la');
    await start('lb');
    const { IPAddress } = (await inspect('la')).NetworkSettings;
    const environment = (await inside('lb', 'cat /proc/1/environ | tr "\\0" "\\n"')).split('\n');
    for (const entry of ['MYLINK_NAME=/lb/mylink', 'MYLINK_ENV_FOO=1', `MYLINK_PORT=tcp://${IPAddress}:80`])
      assert.ok(environment.includes(entry), entry);
    assert.equal(await inside('lb', 'grep -c mylink /etc/hosts'), '0\n');
    assert.deepEqual((await inspect('lb')).HostConfig.Links, ['/la:/lb/mylink']);
    const names = async (): Promise<string[]> => {
      const list = await daemon.client.json<{ Names: string[] }[]>('GET', '/containers/json');
      return list.flatMap(({ Names }) => Names);
    };
    assert.ok((await names()).includes('/lb/mylink'));
    await daemon.client.json('DELETE', '/containers/lb/mylink', { query: { link: 1 } });
    assert.ok(!(await names()).includes('/lb/mylink'));
    assert.equal((await inspect('lb')).HostConfig.Links, null);
    await Promise.all([remove('lb'), remove('la')]);
  });

  it('follow the child to another address, also after a kill -9 of the daemon', async () => {
    await create('moving');
    await start('moving');
    await create('parent', linked('moving:m'));
    await start('parent');
    const move = async (holder: string): Promise<void> => {
      const first = (await inspect('moving')).NetworkSettings.IPAddress;
      await daemon.client.json('POST', '/containers/moving/stop', { query: { t: 0 } });
      // Takes the address that is free now.
      await create(holder);
      await start(holder);
      await start('moving');
      const { IPAddress } = (await inspect('moving')).NetworkSettings;
      const hosts = await inside('parent', 'grep -w m /etc/hosts');
      assert.match(hosts, new RegExp(`^${IPAddress}\tm `, 'u'), `moved from ${first}`);
      assert.equal(hosts.trim().split('\n').length, 1);
    };
    await move('holder1');
    await daemon.kill();
    await daemon.boot();
    assert.deepEqual((await inspect('parent')).HostConfig.Links, ['/moving:/parent/m']);
    await move('holder2');
    await Promise.all(['parent', 'moving', 'holder1', 'holder2'].map(remove));
  });

  it('to what does not run, is not there, or has a bad form are refused', async () => {
    await create('asleep');
    await create('hopeful', linked('asleep:a'));
    await assert.rejects(
      start('hopeful'),
      /Cannot link to a non running container: \/asleep AS \/hopeful\/a/u,
    );
    await assert.rejects(create('refused', linked('nobody:n')), /could not get container for nobody/u);
    await assert.rejects(create('refused', linked('a:b:c')), /bad format for links: a:b:c/u);
    await Promise.all([remove('hopeful'), remove('asleep')]);
  });

  it('go with rm --link, with a rename follow, and end with the child', async () => {
    await create('child');
    await start('child');
    await create('papa', linked('child:one', 'child:two'));
    await start('papa');
    await daemon.client.json('DELETE', '/containers/papa/one', { query: { link: 1 } });
    assert.deepEqual((await inspect('papa')).HostConfig.Links, ['/child:/papa/two']);
    assert.equal(await inside('papa', 'grep -cw one /etc/hosts'), '0\n');
    await assert.rejects(
      daemon.client.json('DELETE', '/containers/papa', { query: { link: 1 } }),
      /cannot remove the default name/u,
    );
    await assert.rejects(
      daemon.client.json('DELETE', '/containers/nobody/x', { query: { link: 1 } }),
      /Cannot get parent \/nobody for name \/nobody\/x/u,
    );
    await daemon.client.json('POST', '/containers/papa/rename', { query: { name: 'quaid' } });
    assert.deepEqual((await inspect('quaid')).HostConfig.Links, ['/child:/quaid/two']);
    await remove('child');
    assert.equal((await inspect('quaid')).HostConfig.Links, null);
    await daemon.client.json('POST', '/containers/quaid/restart', { query: { t: 0 } });
    await remove('quaid');
  });
});
