import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { PodFile, PodFileReference } from '#domain/pod/spec.ts';
import { PodEngine } from '#test/support/pods/pod-engine.ts';
import { container, pod, shell } from '#test/support/pods/spec.ts';

let engine: PodEngine;
before(async () => (engine = await PodEngine.start()));
after(async () => engine[Symbol.asyncDispose]());

const run = async (ref: string, script: string): Promise<string> =>
  (await engine.extras.exec(ref, ['sh', '-c', script])).output;

const raise = async (spec: Parameters<typeof pod>[0]): Promise<void> => {
  const { id } = await engine.pods.create(pod(spec), { boot: true });
  await engine.pods.start(id, {});
};

const file = (name: string, change: Partial<PodFile>): PodFile => ({
  name,
  encoding: 'raw',
  content: '',
  uri: '',
  ...change,
});

const put = (to: string, name: string, change: Partial<PodFileReference> = {}): PodFileReference => ({
  path: to,
  file: name,
  permissions: '',
  user: '',
  group: '',
  ...change,
});

describe('volumes', () => {
  it('are shared by name, read-only where asked, of the host where it has them', async () => {
    const source = path.join(engine.folder, 'given');
    await mkdir(source);
    await writeFile(path.join(source, 'note'), 'from the host\n');
    const data = { volume: 'data', readOnly: false };
    await raise({
      id: 'volumes',
      volumes: [
        { name: 'data', kind: 'empty', source: '' },
        { name: 'given', kind: 'host', source },
        { name: 'one', kind: 'host', source: path.join(source, 'note') },
      ],
      containers: [
        container({
          name: 'v-one',
          volumes: [
            { ...data, path: '/a' },
            { path: '/given', volume: 'given', readOnly: true },
          ],
        }),
        container({
          name: 'v-two',
          volumes: [
            { ...data, path: '/b' },
            { path: '/etc/note', volume: 'one', readOnly: true },
            {
              path: '/own',
              volume: '',
              readOnly: false,
              detail: { name: 'inline', kind: 'empty', source: '' },
            },
          ],
        }),
      ],
    });
    await run('v-one', 'echo shared > /a/file');
    assert.equal(
      await run('v-two', 'cat /b/file /etc/note; touch /own/x && ls /own'),
      'shared\nfrom the host\nx\n',
    );
    assert.match(await run('v-one', 'cat /given/note; touch /given/x 2>&1'), /^from the host\n.*Read-only/);
    await engine.pods.remove('volumes', { timeoutSeconds: 0 });
    assert.ok(existsSync(path.join(source, 'note')));
    assert.ok(!existsSync(`${engine.folder}/data/pods/volumes`));
  });

  it('of other kinds are refused by name', async () => {
    for (const kind of ['block', 'network'] as const) {
      const volumes = [{ name: 'far', kind, source: '/x' }];
      await assert.rejects(engine.pods.create(pod({ volumes }), { boot: true }), {
        code: 'pod.volume-unsupported',
        params: { kind, name: 'far' },
      });
    }
  });
});

describe('files', () => {
  it('come raw, from base64 as far as it is good, from the host and from the web', async () => {
    const web = createServer((request, response) => {
      if (request.url === '/good') response.end('from the web\n');
      else response.writeHead(500).end();
    });
    await once(web.listen(0, '127.0.0.1'), 'listening');
    const { port } = web.address() as AddressInfo;
    const onHost = path.join(engine.folder, 'source');
    await writeFile(onHost, 'from the host\n');
    try {
      const spec = pod({
        id: 'files',
        files: [
          file('raw', { content: 'plain\n' }),
          file('b64', { encoding: 'base64', content: 'ZW5jb2RlZAo=' }),
          file('bad', { encoding: 'base64', content: 'Z29v*****' }),
          file('host', { uri: `file://${onHost}` }),
          file('web', { uri: `http://127.0.0.1:${port}/good` }),
          file('gone', { uri: `http://127.0.0.1:${port}/bad` }),
        ],
        containers: [
          container({
            name: 'files-one',
            files: [
              put('/deep/down/', 'raw', { permissions: '0644', user: '7', group: '8' }),
              put('/b64', 'b64', { permissions: '0600' }),
              put('/bad', 'bad'),
              put('/host', 'host'),
              put('/web', 'web'),
              put('/gone', 'gone'),
              put('/etc/hosts', '', { detail: file('own', { content: '192.0.2.1 elsewhere\n' }) }),
            ],
          }),
        ],
      });
      const { warnings } = await engine.pods.create(spec, { boot: true });
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', /gone/);
      await engine.pods.start('files', {});
      assert.equal(
        await run(
          'files-one',
          'cat /deep/down/raw /b64 /bad /host /web; ls /gone 2>/dev/null; cat /etc/hosts',
        ),
        'plain\nencoded\ngoofrom the host\nfrom the web\n192.0.2.1 elsewhere\n',
      );
      assert.equal(
        await run('files-one', 'stat -c "%a %u %g" /deep/down/raw /b64 /bad'),
        '644 7 8\n600 0 0\n755 0 0\n',
      );
      await engine.pods.remove('files', { timeoutSeconds: 0 });
    } finally {
      web.close();
    }
  });
});

describe('settings', () => {
  it('of a container: user, groups, environment, directory, root, limits of processes', async () => {
    await raise({
      id: 'settings',
      containers: [
        container({
          name: 'settings-one',
          user: '12:34',
          additionalGroups: ['56'],
          env: ['WHO=me'],
          workingDir: '/tmp/deep',
          readOnlyRoot: true,
          labels: { mine: 'yes' },
          ulimits: [{ name: 'nofile', soft: 64, hard: 128 }],
        }),
      ],
    });
    assert.match(await run('settings-one', 'id'), /uid=12.* gid=34.* groups=34,56/);
    assert.equal(
      await run('settings-one', 'echo $WHO; pwd; touch /x 2>/dev/null || echo closed'),
      'me\n/tmp/deep\nclosed\n',
    );
    const [one] = (await engine.pods.inspect('settings')).containers;
    assert.deepEqual(one?.config.labels, { mine: 'yes', 'io.gantry.pod': 'settings' });
    assert.match(readFileSync(`/proc/${one?.state.pid}/limits`, 'utf8'), /open files +64 +128/);
    await engine.pods.remove('settings', { timeoutSeconds: 0 });
  });

  it('of the pod: name servers, sysctls, log', async () => {
    await raise({
      id: 'pod-wide',
      dns: { servers: ['192.0.2.53'], options: ['ndots:3'], search: ['example.org'] },
      sysctls: { 'net.ipv4.ip_default_ttl': '77' },
      log: { type: 'none', config: {} },
      containers: [container({ name: 'wide-one' })],
    });
    const text = await run('wide-one', 'cat /etc/resolv.conf /proc/sys/net/ipv4/ip_default_ttl');
    assert.match(text, /nameserver 192\.0\.2\.53/);
    assert.match(text, /search example\.org/);
    assert.match(text, /options ndots:3/);
    assert.match(text, /^77$/m);
    const [one] = (await engine.pods.inspect('pod-wide')).containers;
    assert.equal(one?.host.logConfig.type, 'none');
    await engine.pods.remove('pod-wide', { timeoutSeconds: 0 });
  });

  it('limits hold for all containers of the pod together', async () => {
    const limits = { cpus: 0.5, memoryBytes: 32 * 1024 * 1024 };
    const greedy = shell('tail /dev/zero');
    await raise({ id: 'small', resources: limits, containers: [container({ name: 'modest' }), greedy] });
    const [, hungry] = (await engine.pods.inspect('small')).containers;
    assert.equal((await engine.extras.wait(hungry?.id ?? '')).exitCode, 137);
    assert.equal((await engine.containers.get('modest')).state.status, 'running');
    const { sandboxId } = await engine.pods.get('small');
    const group = `gantry-${await engine.tag}/pod.${sandboxId}`;
    if (existsSync('/sys/fs/cgroup/memory')) {
      const read = (at: string): string => readFileSync(`/sys/fs/cgroup/${at}`, 'utf8').trim();
      assert.equal(read(`memory/${group}/memory.limit_in_bytes`), String(limits.memoryBytes));
      assert.equal(read(`cpu/${group}/cpu.cfs_quota_us`), '50000');
    }
    const stats = await engine.pods.stats('small');
    assert.equal(stats.containers.length, 2);
    assert.ok((stats.total?.memory.usageBytes ?? 0) > 0);
    assert.deepEqual(Object.keys(stats.total?.interfaces ?? {}), ['eth0']);
    await engine.pods.remove('small', { timeoutSeconds: 0 });
    for (const controller of ['memory', 'cpu', 'pids', 'freezer'])
      assert.ok(!existsSync(`/sys/fs/cgroup/${controller}/${group}`), controller);
    await assert.rejects(engine.pods.stats('small'), { code: 'pod.not-found' });
  });
});

describe('attaching', () => {
  it('before the start, at once after it, and when all is over: the first gets the whole run', async () => {
    const talk = shell('read word; echo "got $word"');
    await engine.pods.create(pod({ id: 'early', containers: [{ ...talk, name: 'early' }] }), { boot: true });
    const early = engine.extras.attachText('early', 'hello\n');
    await engine.pods.start('early', {});
    assert.equal(await early, 'got hello\n');

    const say = shell('echo first; echo second', { name: 'late' });
    await engine.pods.create(pod({ id: 'late', containers: [say] }), { boot: true });
    await engine.pods.start('late', {});
    await engine.extras.wait('late');
    assert.equal(await engine.extras.attachText('late'), 'first\nsecond\n');
    assert.equal(await engine.extras.attachText('late'), '', 'nothing is left, and nothing to wait for');

    await engine.pods.startContainer('late');
    await engine.extras.wait('late');
    assert.equal(await engine.extras.attachText('late'), 'first\nsecond\n');

    const slow = shell('echo begun; read word; echo "$word"', { name: 'slow' });
    await engine.pods.create(pod({ id: 'slow', containers: [slow] }), { boot: true });
    await engine.pods.start('slow', {});
    assert.equal(await engine.extras.attachText('slow', 'end\n'), 'begun\nend\n');
    for (const id of ['early', 'late', 'slow']) await engine.pods.remove(id, { timeoutSeconds: 0 });
  });
});
