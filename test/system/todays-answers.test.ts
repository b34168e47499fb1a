import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

/** Small things that suites of others look at, each as today's engines answer it. */
describe('answers of today', () => {
  let daemon: TestDaemon;
  before(async () => void (daemon = await TestDaemon.start()));
  after(async () => daemon[Symbol.asyncDispose]());

  const send = async (method: string, path: string, body?: object) => {
    const answer = await ask(
      daemon.socket,
      method,
      path.startsWith('/v1.') ? path : `/v1.51${path}`,
      body === undefined ? {} : { body },
    );
    return { status: answer.status, body: answer.text === '' ? undefined : JSON.parse(answer.text) };
  };
  const create = async (name: string, body: object = {}): Promise<string> => {
    const { status, body: made } = await send('POST', `/containers/create?name=${name}`, {
      Image: 'busybox',
      Cmd: ['sleep', '600'],
      ...body,
    });
    assert.equal(status, 201, JSON.stringify(made));
    return made.Id;
  };
  const filtered = (noun: string, filters: object): string =>
    `/${noun}?all=1&filters=${encodeURIComponent(JSON.stringify(filters))}`;

  it('system prune of the CLI comes to its end: nothing was built', async () => {
    const { status, body } = await send('POST', '/build/prune');
    assert.deepEqual({ status, body }, { status: 200, body: { CachesDeleted: null, SpaceReclaimed: 0 } });
  });

  it('no plugins, and no swarm in words that clients know', async () => {
    assert.deepEqual((await send('GET', '/plugins')).body, []);
    for (const path of ['/swarm', '/nodes', '/services', '/tasks', '/secrets', '/configs', '/nodes/self']) {
      const { status, body } = await send('GET', path);
      assert.equal(status, 503, path);
      assert.match(body.message, /^This node is not a swarm manager\. Use "docker swarm init" or/u);
    }
  });

  it('what only a manager does is refused as what it shows is', async () => {
    const writes = [
      '/swarm/update',
      '/swarm/unlock',
      '/services/create',
      '/services/a/update',
      '/nodes/a/update',
      '/secrets/create',
      '/secrets/a/update',
      '/configs/create',
      '/configs/a/update',
    ].map((path) => ['POST', path] as const);
    const removals = ['/services/a', '/nodes/a', '/secrets/a', '/configs/a'].map(
      (path) => ['DELETE', path] as const,
    );
    for (const [method, path] of [...writes, ...removals, ['GET', '/tasks/a/logs'] as const]) {
      const { status, body } = await send(method, path, method === 'POST' ? {} : undefined);
      assert.equal(status, 503, path);
      assert.match(body.message, /^This node is not a swarm manager\./u);
    }
    const left = await send('POST', '/swarm/leave');
    assert.deepEqual([left.status, left.body.message], [503, 'This node is not part of a swarm']);
    for (const path of ['/swarm/init', '/swarm/join']) {
      const { status, body } = await send('POST', path, {});
      assert.equal(status, 501);
      assert.match(body.message, /^Swarm mode is not supported/u);
    }
  });

  it('a plugin is not found, whatever is asked of it', async () => {
    const doors = ['json', 'enable', 'disable', 'set', 'push', 'upgrade'].map(
      (verb) => [verb === 'json' ? 'GET' : 'POST', `/plugins/some/one:tag/${verb}`] as const,
    );
    for (const [method, path] of [...doors, ['DELETE', '/plugins/some/one:tag'] as const]) {
      const { status, body } = await send(method, path);
      assert.deepEqual([status, body.message], [404, 'plugin "some/one:tag" not found'], path);
    }
  });

  it('the version has three parts between its dots, and is the same everywhere', async () => {
    const { Version } = (await send('GET', '/version')).body;
    assert.match(Version, /^\d+\.\d+\.\d+(?:-[a-z]+)?$/u);
    assert.equal((await send('GET', '/info')).body.ServerVersion, Version);
    assert.equal((await send('GET', '/v1.12/version')).body.Version, Version);
    const hyper = await ask(daemon.hyperSocket, 'GET', '/version');
    assert.equal(JSON.parse(hyper.text).Version.split('.').length, 3);
  });

  it('networks are listed with a slash at the end too', async () => {
    for (const version of ['1.21', '1.30', '1.51'])
      assert.deepEqual(
        (await send('GET', `/v${version}/networks/`)).body,
        (await send('GET', `/v${version}/networks`)).body,
      );
  });

  it('signal 0 is none and kills nobody', async () => {
    const id = await create('spared');
    await send('POST', `/containers/${id}/start`);
    const { status, body } = await send('POST', '/containers/spared/kill?signal=0');
    assert.deepEqual(
      { status, ...body },
      { status: 400, message: 'cannot kill container: spared: invalid signal: 0' },
    );
    assert.equal((await send('GET', `/containers/${id}/json`)).body.State.Running, true);
  });

  it('a name that is kept is no conflict', async () => {
    await create('kept');
    const message = 'Renaming a container with the same name as its current name';
    const { status, body } = await send('POST', '/containers/kept/rename?name=kept');
    assert.deepEqual({ status, ...body }, { status: 400, message });
  });

  it('lists find a bind by its host path, and take no notice of isolation', async () => {
    const id = await create('bound', { HostConfig: { Binds: [`${daemon.folder}:/x`] } });
    for (const filters of [{ volume: [daemon.folder] }, { isolation: ['hyperv'], name: ['bound'] }]) {
      const { body } = await send('GET', filtered('containers/json', filters));
      assert.deepEqual(
        body.map(({ Id }: { Id: string }) => Id),
        [id],
        JSON.stringify(filters),
      );
    }
  });

  it('bounds of logs and events are looked at before an answer begins', async () => {
    await create('quiet');
    for (const name of ['since', 'until']) {
      const { status, body } = await send('GET', `/containers/quiet/logs?stdout=1&${name}=x`);
      const message = `invalid value for "${name}": strconv.ParseInt: parsing "x": invalid syntax`;
      assert.deepEqual({ status, ...body }, { status: 400, message });
    }
    const { status, body } = await send('GET', '/events?since=5&until=2');
    const message = '`since` time (5) cannot be after `until` time (2)';
    assert.deepEqual({ status, ...body }, { status: 400, message });
  });

  it("a process is in its own group's name too, and an exec in those of the container", async () => {
    const id = await create('grouped', { User: 'root:root', HostConfig: { GroupAdd: ['777'] } });
    await send('POST', `/containers/${id}/start`);
    const made = await send('POST', `/containers/${id}/exec`, {
      Cmd: ['id'],
      Tty: true,
      AttachStdout: true,
    });
    const { text } = await ask(daemon.socket, 'POST', `/v1.51/exec/${made.body.Id}/start`, {
      body: { Tty: true },
    });
    assert.equal(text.trim(), 'uid=0(root) gid=0(root) groups=0(root),777');
  });

  it('a body is one JSON value, from API 1.42 on', async () => {
    const post = async (version: string) =>
      ask(daemon.socket, 'POST', `/v${version}/volumes/create`, {
        body: Buffer.from('{"Name":"alone"} trailing content'),
        headers: { 'Content-Type': 'application/json' },
      });
    const { status, text } = await post('1.51');
    assert.deepEqual(
      { status, ...JSON.parse(text) },
      { status: 400, message: 'unexpected content after JSON' },
    );
    assert.equal((await post('1.41')).status, 201);
  });

  it('who would attach to a paused or restarting container is told to wait, from API 1.22 on', async () => {
    const attach = async (version: string, name: string) =>
      ask(daemon.socket, 'POST', `/v${version}/containers/${name}/attach?stdout=1&logs=1`);
    const id = await create('held', { Cmd: ['sleep', '1000'] });
    await send('POST', `/containers/${id}/start`);
    await send('POST', `/containers/${id}/pause`);
    const paused = await attach('1.51', 'held');
    const message = 'container held is paused, unpause the container before attach';
    assert.deepEqual({ status: paused.status, ...JSON.parse(paused.text) }, { status: 409, message });
    assert.equal((await attach('1.21', 'held')).status, 200);
    const again = { Cmd: ['false'], HostConfig: { RestartPolicy: { Name: 'always' } } };
    await send('POST', `/containers/${await create('failing', again)}/start`);
    await until(
      async () => (await send('GET', '/containers/failing/json')).body.RestartCount > 3,
      'it waits longer and longer',
    );
    await until(async () => (await attach('1.51', 'failing')).status === 409, 'it waits for its restart');
  });

  it('a signal that is not the stop signal leaves the restart policy alone', async () => {
    const ends = { Cmd: ['sh', '-c', 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done'] };
    const HostConfig = { RestartPolicy: { Name: 'always' } };
    for (const [StopSignal, restarts] of [
      ['TERM', false],
      ['CONT', true],
    ] as const) {
      const id = await create(`stopped-by-${StopSignal}`, { ...ends, StopSignal, HostConfig });
      const look = async () => (await send('GET', `/containers/${id}/json`)).body;
      await send('POST', `/containers/${id}/start`);
      const log = async () => (await ask(daemon.socket, 'GET', `/v1.51/containers/${id}/logs?stdout=1`)).text;
      await until(async () => (await log()).includes('ready'), 'it can be told to end');
      await send('POST', `/containers/${id}/kill?signal=TERM`);
      await until(
        async () => {
          const { State, RestartCount } = await look();
          return restarts ? RestartCount > 0 : State.Status === 'exited';
        },
        `${StopSignal} ${restarts ? 'restarts' : 'ends'} it`,
      );
      assert.equal((await look()).RestartCount > 0, restarts);
    }
  });

  const execute = async (id: string, ...Cmd: string[]): Promise<string> => {
    const { body } = await send('POST', `/containers/${id}/exec`, { Cmd, Tty: true, AttachStdout: true });
    const { text } = await ask(daemon.socket, 'POST', `/v1.51/exec/${body.Id}/start`, {
      body: { Tty: true },
    });
    return text.trim();
  };

  it('an update takes limits away again', async () => {
    const id = await create('freed', { HostConfig: { PidsLimit: 32, CpuQuota: 15_000 } });
    await send('POST', `/containers/${id}/start`);
    for (const PidsLimit of [0, -1, -2]) {
      await send('POST', `/containers/${id}/update`, { PidsLimit: 32 });
      const { status, body } = await send('POST', `/containers/${id}/update`, { PidsLimit });
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal((await send('GET', `/containers/${id}/json`)).body.HostConfig.PidsLimit, 0);
      const file = ['/sys/fs/cgroup/pids/pids.max', '/sys/fs/cgroup/pids.max'];
      assert.equal(await execute(id, 'sh', '-c', `cat ${file.join(' ')} 2>/dev/null`), 'max');
    }
    const small = await send('POST', `/containers/${id}/update`, { Memory: 1 });
    assert.deepEqual(
      { status: small.status, ...small.body },
      { status: 400, message: 'Minimum memory limit allowed is 6MB' },
    );
    const { status } = await send('POST', `/containers/${id}/update`, { CpuQuota: -1 });
    assert.equal(status, 200);
    assert.equal((await send('GET', `/containers/${id}/json`)).body.HostConfig.CpuQuota, -1);
    const file = ['/sys/fs/cgroup/cpu/cpu.cfs_quota_us', '/sys/fs/cgroup/cpu.max'];
    assert.match(await execute(id, 'sh', '-c', `cat ${file.join(' ')} 2>/dev/null`), /^(?:-1|max 100000)$/u);
  });

  it("any user may listen at any port and ping, unless the network is the host's", async () => {
    const settings = [
      'cat',
      '/proc/sys/net/ipv4/ip_unprivileged_port_start',
      '/proc/sys/net/ipv4/ping_group_range',
    ];
    const id = await create('low-ports', { User: '1000:1000' });
    await send('POST', `/containers/${id}/start`);
    assert.match(await execute(id, ...settings), /^0\s+0\s+2147483647$/u);
    const own = { Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' } };
    const other = await create('chosen-ports', { HostConfig: own });
    await send('POST', `/containers/${other}/start`);
    assert.match(await execute(other, ...settings), /^80\s+0\s+2147483647$/u);
  });

  it('an image is not called after a digest algorithm', async () => {
    const { status, body } = await send('POST', '/images/busybox/tag?repo=sha256&tag=abc');
    const message = 'refusing to create an ambiguous tag using digest algorithm as name';
    assert.deepEqual({ status, ...body }, { status: 400, message });
  });

  it('mounts come back from inspect as they were given', async () => {
    const Mounts = [
      { Type: 'bind', Source: daemon.folder, Target: '/a', ReadOnly: true, Consistency: 'cached' },
      { Type: 'volume', Source: 'named', Target: '/b', VolumeOptions: { NoCopy: true } },
      { Type: 'volume', Source: 'told', Target: '/c', VolumeOptions: { Labels: { a: 'b' } } },
      { Type: 'tmpfs', Target: '/d', TmpfsOptions: { SizeBytes: 4096, Mode: 511 } },
    ];
    const id = await create('mounted', { HostConfig: { Mounts } });
    assert.deepEqual((await send('GET', `/containers/${id}/json`)).body.HostConfig.Mounts, Mounts);
  });

  it('images of system/df have their users counted at every version', async () => {
    await create('user');
    for (const version of ['1.25', '1.41', '1.50', '1.51']) {
      const { body } = await send('GET', `/v${version}/system/df`);
      const [image] = body.Images.filter(({ RepoTags }: { RepoTags: string[] | null }) =>
        RepoTags?.includes('busybox:latest'),
      );
      assert.ok(image.Containers > 0, version);
    }
  });

  it('events: a restart stops, an untag names the image, a prune has no object', async () => {
    const since = Date.now() / 1000;
    const id = await create('again');
    await send('POST', `/containers/${id}/start`);
    await send('POST', `/containers/${id}/restart?t=0`);
    await send('POST', '/images/busybox/tag?repo=short&tag=1');
    await send('DELETE', '/images/short:1');
    await send('POST', `/containers/prune?filters=${encodeURIComponent('{"label":["nobody"]}')}`);
    const answer = await ask(
      daemon.socket,
      'GET',
      `/v1.51/events?since=${since}&until=${(Date.now() + 200) / 1000}`,
    );
    const events = answer.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      events.filter((event) => event.Actor.ID === id).map((event) => event.Action),
      ['create', 'start', 'kill', 'kill', 'die', 'stop', 'start', 'restart'],
    );
    const [untag] = events.filter((event) => event.Action === 'untag');
    assert.match(untag.Actor.Attributes.name, /^sha256:/u);
    const [prune] = events.filter((event) => event.Action === 'prune');
    assert.deepEqual({ id: prune.id, from: prune.from }, { id: undefined, from: undefined });
  });
});
