import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { encodeTarHeader, tarPadding } from '#formats/tar/encode-header.ts';
import { imageArchive } from '#test/support/daemon.ts';
import type { TestDaemon } from '#test/support/daemon.ts';
import { freePort } from '#test/support/registry.ts';
import { makeTar } from '#test/support/test-image.ts';
import { ask } from '#test/support/versions/ask.ts';

import { hasCommit } from './requests.ts';

const LOOP = 'echo to-stdout; echo to-stderr >&2; echo x > /new; rm -f /etc/group; mkdir /newdir';

const web = async () => ({
  Image: 'fixture/web:1.0',
  Hostname: 'webhost',
  Domainname: 'example.test',
  Env: ['A=1', 'EMPTY='],
  Entrypoint: ['/bin/sh', '-c'],
  Cmd: [`${LOOP}; while :; do sleep 1000; done`],
  Labels: { 'com.example.a': 'b c', role: 'web' },
  ExposedPorts: { '80/tcp': {}, '53/udp': {} },
  Volumes: { '/srv/vol': {} },
  HostConfig: {
    Binds: ['fixvol:/data', '/srv:/hostsrv:ro'],
    PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(await freePort()) }] },
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
    CapAdd: ['NET_ADMIN'],
    CapDrop: ['MKNOD'],
    Memory: 64 << 20,
    CpuShares: 512,
    Dns: ['10.231.0.53'],
    ExtraHosts: ['other:10.231.0.77'],
    Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: 2048 }],
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m' } },
  },
});

const busybox = (Cmd: string[], more: object = {}) => ({ Image: 'busybox', Cmd, ...more });

/** The scene in which the answers of the real engines were recorded. */
export const setTheStage = async (daemon: TestDaemon): Promise<ReadonlyMap<string, string>> => {
  const { client } = daemon;
  await bringFixtureImage(daemon);
  const ids = new Map<string, string>();
  const create = async (name: string, body: object): Promise<void> => {
    const { Id } = await client.json<{ Id: string }>('POST', '/containers/create', { query: { name }, body });
    ids.set(name, Id);
  };
  await client.json('POST', '/volumes/create', { body: { Name: 'fixvol', Labels: { vol: 'fix' } } });
  await create('web', await web());
  await create('tty', busybox(['cat'], { Tty: true, OpenStdin: true }));
  await create('done', busybox(['sh', '-c', 'echo out-line; echo err-line >&2; exit 3']));
  await create('badcmd', busybox(['/no/such/binary']));
  await create('fresh', busybox(['true'], { HostConfig: { NetworkMode: 'none' } }));
  await create('frozen', busybox(['sleep', '100000'], { HostConfig: { NetworkMode: 'host' } }));
  for (const name of ['web', 'tty', 'done', 'frozen']) await client.json('POST', `/containers/${name}/start`);
  await client.json('POST', '/containers/badcmd/start').catch(() => undefined);
  await client.json('POST', '/containers/done/wait');
  await client.json('POST', '/containers/frozen/pause');
  await makeExecs(daemon, ids);
  if (hasCommit) await client.json('POST', '/commit', { query: { container: 'done', repo: 'fixture/commit', tag: 1 } });
  return ids;
};

const CHANGES = [
  'ENTRYPOINT ["/bin/sh", "-c"]',
  'CMD ["sleep 100000"]',
  'ENV PATH=/bin:/usr/bin GREETING=hello',
  'EXPOSE 80/tcp 53/udp',
  'VOLUME /srv/vol',
  'WORKDIR /srv',
  'LABEL stage=fixture com.example.a="b c"',
  'STOPSIGNAL SIGQUIT',
];

/** Busybox's layer with the configuration that the recorded image was built with. */
const bringFixtureImage = async ({ socket }: TestDaemon): Promise<void> => {
  const archive = await imageArchive('busybox');
  const read = async (entry: string): Promise<Buffer> =>
    (await promisify(execFile)('tar', ['xOf', archive, entry], { encoding: 'buffer', maxBuffer: 1 << 26 })).stdout;
  const [{ Layers }] = JSON.parse((await read('manifest.json')).toString()) as [{ Layers: [string] }];
  const query = new URLSearchParams([
    ['fromSrc', '-'],
    ['repo', 'fixture/web'],
    ['tag', '1.0'],
    ...CHANGES.map((change): [string, string] => ['changes', change]),
  ]);
  const { status, text } = await ask(socket, 'POST', `/v1.51/images/create?${query.toString()}`, {
    body: Buffer.concat([hello(), await read(Layers[0])]),
  });
  if (status !== 200 || text.includes('errorDetail')) throw new Error(text);
  const bare = await makeTar({ hello: 'world\n' });
  await ask(socket, 'POST', '/v1.51/images/create?fromSrc=-&repo=nocommand', { body: bare });
};

/** The file that the recorded image had besides: in front of another tar's entries, so without an end of its own. */
const hello = (): Buffer => {
  const content = Buffer.from('hello\n');
  const modified = { seconds: Date.parse('2023-09-12T06:06:56Z') / 1000, nanoseconds: 0 };
  const sizeBytes = content.length;
  const header = encodeTarHeader({ kind: 'file', path: 'srv/hello.txt', mode: 0o644, sizeBytes, modified });
  return Buffer.concat([encodeTarHeader({ kind: 'directory', path: 'srv' }), header, content, tarPadding(sizeBytes)]);
};

const makeExecs = async ({ client }: TestDaemon, ids: Map<string, string>): Promise<void> => {
  const plan = (body: object) => client.json<{ Id: string }>('POST', '/containers/web/exec', { body });
  const finished = await plan({ AttachStdout: true, AttachStderr: true, Cmd: ['sh', '-c', 'exit 2'] });
  const { stream } = await client.hijack(`/exec/${finished.Id}/start`, { body: { Detach: false } });
  await stream.resume().toArray();
  const running = await plan({ Cmd: ['sleep', '1000'] });
  await client.json('POST', `/exec/${running.Id}/start`, { body: { Detach: true } });
  ids.set('exec-finished', finished.Id);
  ids.set('exec-running', running.Id);
};
