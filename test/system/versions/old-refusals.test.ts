import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

const OPTIONS = 'Conflicting options:';
const NET = 'and the network mode (--net)';

/** docker-routes.md 3.6 and 5, docker-semantics.md 2: status and exact words up to API 1.21. */
describe('refusals as they were up to API 1.21', () => {
  let daemon: TestDaemon;
  let id = '';
  before(async () => {
    daemon = await TestDaemon.start();
    id = await made({}, 'life');
  });
  after(() => daemon[Symbol.asyncDispose]());

  const call = async (line: string, body?: object): Promise<{ status: number; text: string }> => {
    const [method = '', path = ''] = line.split(' ');
    const { status, text } = await ask(daemon.socket, method, path, body === undefined ? {} : { body });
    return { status, text };
  };
  const create = (settings: object, query = ''): Promise<{ status: number; text: string }> =>
    call(`POST /v1.21/containers/create${query}`, { Image: 'busybox', Cmd: ['sleep', '1000'], ...settings });
  const made = async (settings: object, name: string): Promise<string> => {
    const { text } = await create(settings, `?name=${name}`);
    return (JSON.parse(text) as { Id: string }).Id;
  };
  const says = async (answer: Promise<object>, status: number, words: string): Promise<void> => {
    assert.deepEqual(await answer, { status, text: `${words}\n` });
  };

  it("a container on the host's network has nothing of its own there", async () => {
    const onHost = (host: object, config: object = {}): Promise<object> =>
      create({ ...config, HostConfig: { NetworkMode: 'host', ...host } });
    await says(onHost({}, { Hostname: 'x' }), 409, `${OPTIONS} -h ${NET}`);
    await says(onHost({ Dns: ['10.0.0.1'] }), 409, `${OPTIONS} --dns ${NET}`);
    await says(onHost({ ExtraHosts: ['a:10.0.0.1'] }), 409, `${OPTIONS} --add-host ${NET}`);
    await says(onHost({}, { MacAddress: '02:42:ac:11:00:99' }), 409, `${OPTIONS} --mac-address ${NET}`);
  });

  it('binds of one part, unknown capabilities and security options', async () => {
    await says(create({ HostConfig: { Binds: ['/a'] } }), 500, 'Invalid volume specification: /a');
    await says(create({ HostConfig: { CapAdd: ['FOO'] } }), 500, 'Unknown capability to add: "FOO"');
    await says(create({ HostConfig: { SecurityOpt: ['foo'] } }), 500, 'invalid --security-opt: "foo"');
  });

  it('what else create does not find is missing too', async () => {
    const from = { HostConfig: { VolumesFrom: ['nope'] } };
    await says(create(from), 404, 'no such id: nope');
    const older = call('POST /v1.17/containers/create', { Image: 'busybox', Cmd: ['a'], ...from });
    await says(older, 404, 'No such container: nope');
    await says(
      create({ Volumes: { '/a': {} }, HostConfig: { VolumeDriver: 'nope' } }),
      404,
      'Error looking up volume plugin nope: Plugin not found',
    );
  });

  it('a restart policy that nobody knows is none', async () => {
    const policy = { Name: 'sometimes', MaximumRetryCount: 2 };
    const name = await made({ HostConfig: { RestartPolicy: policy } }, 'sometimes');
    const { text } = await call(`GET /v1.21/containers/${name}/json`);
    const { HostConfig: host } = JSON.parse(text) as { HostConfig: { RestartPolicy: object } };
    assert.deepEqual(host.RestartPolicy, { Name: 'no', MaximumRetryCount: 0 });
  });

  it('a signal that is none is refused even where nothing runs', async () => {
    await says(call('POST /v1.19/containers/life/kill?signal=FOO'), 500, 'Invalid signal: FOO');
    for (const version of ['1.12', '1.14', '1.19', '1.20', '1.21', '1.23'])
      await says(call(`POST /v${version}/containers/life/kill?signal=0`), 500, 'Invalid signal: 0');
    assert.equal((await call('POST /v1.11/containers/life/kill?signal=0')).status, 204);
    assert.equal((await call('POST /v1.19/containers/life/kill')).status, 204);
  });

  it('top and exec name what they were about', async () => {
    await says(call('GET /v1.21/containers/life/top'), 500, 'Container life is not running');
    assert.equal((await call('POST /v1.21/containers/life/start')).status, 204);
    const { text } = await call('POST /v1.21/containers/life/exec', { Cmd: ['nothere'] });
    const { Id: exec } = JSON.parse(text) as { Id: string };
    await says(
      call(`POST /v1.21/exec/${exec}/start`, { Detach: true }),
      500,
      `Cannot run exec command ${exec} in container ${id}: exec: "nothere": executable file not found in $PATH`,
    );
  });

  it('volumes, networks and images', async () => {
    await says(
      call('POST /v1.21/volumes/create', { Name: 'some', Driver: 'nope' }),
      404,
      'Error looking up volume plugin nope: Plugin not found',
    );
    const two = encodeURIComponent('{"dangling":["true","false"]}');
    await says(
      call(`GET /v1.21/volumes?filters=${two}`),
      409,
      'Conflict: cannot use more than 1 value for `dangling` filter',
    );
    await says(call('POST /v1.21/networks/create', { Name: '' }), 500, 'invalid name: ');
    await says(call('DELETE /v1.21/images/%20'), 500, 'image name cannot be blank');
    await says(
      call('POST /v1.21/images/create?fromSrc=-&changes=FOO%20bar'),
      500,
      'foo is not a valid change command',
    );
  });

  it('the type of a body counts since 1.15, of execs since 1.20', async () => {
    const body = Buffer.from('{"Image":"busybox","Cmd":["true"],"Resource":"/etc"}');
    const typed = async (path: string): Promise<{ status: number; text: string }> => {
      const headers = { 'Content-Type': 'text/plain' };
      const { status, text } = await ask(daemon.socket, 'POST', path, { body, headers });
      return { status, text: status < 300 ? '' : text };
    };
    const words = "Content-Type specified (text/plain) must be 'application/json'";
    assert.equal((await typed('/v1.14/containers/create')).status, 201);
    await says(typed('/v1.15/containers/create'), 500, words);
    assert.equal((await typed('/v1.14/commit?container=life')).status, 201);
    await says(typed('/v1.15/commit?container=life'), 500, words);
    assert.equal((await typed('/v1.19/containers/life/exec')).status, 201);
    await says(typed('/v1.20/containers/life/exec'), 500, words);
    await says(typed('/v1.14/containers/life/copy'), 500, 'Content-Type not supported: text/plain');
    await says(typed('/v1.15/containers/life/copy'), 500, words);
  });

  it('what cannot be reached is 500 like all else', async () => {
    const pulled = await call('POST /v1.12/images/create?fromImage=127.0.0.1:1/none&tag=x');
    assert.equal(pulled.status, 500);
    const asked = await call('POST /v1.12/auth', { username: 'u', serveraddress: 'http://127.0.0.1:1/v1/' });
    assert.equal(asked.status, 500);
    const fetched = await call('POST /v1.12/images/create?fromSrc=http://127.0.0.1:1/x');
    assert.equal(fetched.status, 500);
  });
});
