import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

type Refusal = readonly [host: object, message: string];

const mount = (fields: object): object => ({ Mounts: [fields] });

/** What today's engines say to each, word for word. */
const REFUSALS: readonly Refusal[] = [
  [{ IpcMode: 'container:nobody' }, 'No such container: nobody'],
  [{ PidMode: 'container:nobody' }, 'No such container: nobody'],
  [{ NetworkMode: 'container:nobody' }, 'No such container: nobody'],
  [{ VolumesFrom: ['nobody'] }, 'No such container: nobody'],
  [{ Links: ['nobody'] }, 'could not get container for nobody: No such container: nobody'],
  [
    { NetworkMode: 'none', Links: ['nobody:x'] },
    'could not get container for nobody: No such container: nobody',
  ],
  [
    { Annotations: { '': 'a' } },
    'invalid Annotations: the empty string is not permitted as an annotation key',
  ],
  [{ MemoryReservation: 1 }, 'Minimum memory reservation allowed is 6MB'],
  [{ CpusetCpus: '1--3' }, 'Invalid value 1--3 for cpuset cpus: invalid format: 1--3'],
  [
    mount({ Type: 'volume', Target: '/x', ReadOnly: true }),
    'invalid mount config for type "volume": must not set ReadOnly mode when using anonymous volumes',
  ],
  [{ CapAdd: ['bogus'] }, 'invalid CapAdd: unknown capability: "CAP_BOGUS"'],
  [{ CapDrop: ['bogus'] }, 'invalid CapDrop: unknown capability: "CAP_BOGUS"'],
  [{ ExtraHosts: ['bad'] }, 'bad format for add-host: "bad"'],
  [{ ExtraHosts: ['a:notip'] }, 'invalid IP address in add-host: "notip"'],
  [{ LogConfig: { Type: 'bogus' } }, 'error looking up logging plugin bogus: plugin "bogus" not found'],
  [
    { Binds: ['/tmp:rel'] },
    `invalid volume specification: '/tmp:rel': invalid mount config for type "bind": invalid mount path: 'rel' mount path must be absolute`,
  ],
  [
    { Binds: ['/tmp:/'] },
    `invalid volume specification: '/tmp:/': invalid mount config for type "bind": invalid specification: destination can't be '/'`,
  ],
  [
    { Binds: ['/tmp:/x:nocopy'] },
    `invalid volume specification: '/tmp:/x:nocopy': invalid mount config for type "bind": field VolumeOptions must not be specified`,
  ],
  [
    { Binds: ['n:/x'] },
    'create n: volume name is too short, names should be at least two alphanumeric characters',
  ],
  [
    { Binds: ['vol:/x'], VolumeDriver: 'bogus' },
    'create vol: error looking up volume plugin bogus: plugin "bogus" not found',
  ],
  [{ Tmpfs: { '/': '' } }, "invalid specification: destination can't be '/'"],
  [{ Tmpfs: { rel: '' } }, "invalid mount path: 'rel' mount path must be absolute"],
  [mount({ Type: 'bogus', Target: '/x' }), 'invalid mount config for type "bogus": mount type unknown'],
  [
    mount({ Type: 'bind', Target: '/x' }),
    'invalid mount config for type "bind": field Source must not be empty',
  ],
  [
    mount({ Type: 'volume', Target: '' }),
    'invalid mount config for type "volume": field Target must not be empty',
  ],
  [
    mount({ Type: 'volume', Target: '/' }),
    `invalid mount config for type "volume": invalid specification: destination can't be '/'`,
  ],
  [
    mount({ Type: 'bind', Source: '/tmp', Target: '/x', BindOptions: { Propagation: 'bogus' } }),
    'invalid mount config for type "bind": invalid propagation mode: bogus',
  ],
];

describe('what create refuses', () => {
  let daemon: TestDaemon;
  before(async () => void (daemon = await TestDaemon.start()));
  after(async () => daemon[Symbol.asyncDispose]());

  const create = async (HostConfig: object, version = '1.51') =>
    ask(daemon.socket, 'POST', `/v${version}/containers/create`, { body: { Image: 'busybox', HostConfig } });

  for (const [host, message] of REFUSALS) {
    // 404 would send clients to pull an image that is there.
    it(JSON.stringify(host), async () => {
      const { status, text } = await create(host);
      assert.deepEqual({ status, ...JSON.parse(text) }, { status: 400, message });
    });
  }

  it('an environment variable without a name', async () => {
    for (const entry of ['', '=', '=foo']) {
      const body = { Image: 'busybox', Env: [entry] };
      const { status, text } = await ask(daemon.socket, 'POST', '/v1.51/containers/create', { body });
      assert.deepEqual(
        { status, ...JSON.parse(text) },
        { status: 400, message: `invalid environment variable: ${entry}` },
      );
    }
  });

  it('memory nodes that the machine does not have', async () => {
    const { status, text } = await create({ CpusetMems: '4000' });
    assert.equal(status, 400);
    assert.match(
      JSON.parse(text).message,
      /^Requested memory nodes are not available - requested 4000, available: 0/u,
    );
  });

  it('a device that no driver gives', async () => {
    const { text } = await create({
      DeviceRequests: [{ Driver: 'nvidia', Count: -1, Capabilities: [['gpu']] }],
    });
    assert.deepEqual(JSON.parse(text), {
      message: 'could not select device driver "nvidia" with capabilities: [[gpu]]',
    });
  });

  it('a missing image is 404, and nothing else is', async () => {
    const { status, text } = await ask(daemon.socket, 'POST', '/v1.51/containers/create', {
      body: { Image: 'nobody' },
    });
    assert.deepEqual(
      { status, ...JSON.parse(text) },
      { status: 404, message: 'No such image: nobody:latest' },
    );
  });
});
