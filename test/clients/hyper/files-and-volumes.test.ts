import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { makeImage, outputOf } from '#test/support/hyper/one-shot.ts';
import type { OneShot } from '#test/support/hyper/one-shot.ts';
import {
  idle,
  killPod,
  listed,
  removePod,
  runExec,
  runPod,
  startPod,
} from '#test/support/hyper/pod-client.ts';
import { bodyOf, done, tell } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const says = async (shot: OneShot): Promise<string> => outputOf(daemon, shot);

describe('files', () => {
  const show = 'cd /got && for f in *; do stat -c "%n %a %u %g" $f; cat $f; done';

  it('are raw, or base64 as far as it is good', async () => {
    const files = [
      { name: 'raw', content: 'plain text\n' },
      { name: 'b64', encoding: 'base64', content: 'ZW5jb2RlZAo=' },
      { name: 'bad', encoding: 'base64', content: 'Z29vZAo=***bm90IHRoaXM=' },
      { name: 'none', encoding: 'base64', content: '***' },
    ];
    const references = files.map(({ name }) => ({ path: '/got/', filename: name }));
    assert.equal(
      await says({ line: show, container: { files: references }, pod: { files } }),
      'b64 755 0 0\nencoded\nbad 755 0 0\ngood\nnone 755 0 0\nraw 755 0 0\nplain text\n',
    );
  });

  it('have the mode and the owners they are given, under a name of their own', async () => {
    const pod = { files: [{ name: 'f', content: 'x\n' }] };
    const files = [
      { path: '/got/a', filename: 'f', perm: '0644', user: '12', group: '34' },
      { path: '/got/b', filename: 'f', perm: '0400', user: 'root', group: 'root' },
      { path: '/got/c', filename: 'f', perm: '0' },
      { path: '/got/d', filename: 'f', perm: '' },
      { path: '/got/e', detail: { name: 'inline', content: 'y\n' } },
      { path: '/got/', detail: { name: 'z', content: 'z\n' }, perm: '0600' },
    ];
    assert.equal(
      await says({ line: show, container: { files }, pod }),
      'a 644 12 34\nx\nb 400 0 0\nx\nc 755 0 0\nx\nd 755 0 0\nx\ne 755 0 0\ny\nz 600 0 0\nz\n',
    );
  });

  it('come from the host and from the web; what does not come fails nothing', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/file') response.end('from the web\n');
      else response.writeHead(404).end('no\n');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const onHost = path.join(daemon.folder, 'on-host');
    writeFileSync(onHost, 'from the host\n');
    const files = [
      // The address comes before the content.
      { name: 'a', uri: `file://${onHost}`, content: 'not this' },
      { name: 'b', uri: `http://127.0.0.1:${port}/file` },
      { name: 'c', uri: `http://127.0.0.1:${port}/missing` },
      { name: 'd', uri: 'http://127.0.0.1:1/' },
      { name: 'e', uri: 'file:///no/where' },
    ];
    const references = files.map(({ name }) => ({ path: '/got/', filename: name }));
    try {
      const text = await says({ line: show, container: { files: references }, pod: { files } });
      assert.equal(text, 'a 755 0 0\nfrom the host\nb 755 0 0\nfrom the web\n');
    } finally {
      server.close();
    }
  });
});

describe('volumes', () => {
  it('are empty and shared by name, outlive a stop, and go with the pod', async () => {
    const volumes = [{ path: '/data', volume: 'data' }];
    await runPod(daemon, {
      id: 'volumes',
      volumes: [{ name: 'data' }],
      containers: [
        idle('vol-a', { volumes }),
        idle('vol-b', { volumes: [{ ...volumes[0], readOnly: true }] }),
      ],
    });
    await runExec(daemon, 'vol-a', ['sh', '-c', 'echo kept > /data/file']);
    await killPod(daemon, 'volumes');
    await startPod(daemon, 'volumes');
    const line = 'cat /data/file; touch /data/x 2>&1';
    assert.match((await runExec(daemon, 'vol-b', ['sh', '-c', line])).text, /^kept\n.*Read-only/u);
    assert.ok(existsSync(`${daemon.dataRoot}/pods/volumes`));
    await removePod(daemon, 'volumes');
    assert.ok(!existsSync(`${daemon.dataRoot}/pods/volumes`));
  });

  it('are folders and files of the host, in the pod’s list or in the container', async () => {
    const folder = path.join(daemon.folder, 'given');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'note'), 'of the host\n');
    const volumes = [
      { path: '/listed', volume: 'listed' },
      { path: '/inline', volume: 'inline', detail: { name: 'inline', source: folder, format: 'vfs' } },
      { path: '/etc/note', detail: { name: 'one', source: `${folder}/note`, driver: 'vfs' }, readOnly: true },
      { path: '/own', detail: { name: 'own' } },
    ];
    const pod = { volumes: [{ name: 'listed', source: folder, format: 'vfs', cache: 'writeback' }] };
    const line = 'cat /listed/note /inline/note /etc/note; echo back > /inline/back; touch /own/x; ls /own';
    const text = await says({ line, container: { volumes, cache: 'none' }, pod });
    assert.equal(text, 'of the host\nof the host\nof the host\nx\n');
    assert.equal(readFileSync(path.join(folder, 'back'), 'utf8'), 'back\n');
  });

  it('that the image declares are there, one for each container', async () => {
    await makeImage(daemon, 'voluminous', 'VOLUME /declared/here');
    const image = 'voluminous';
    await runPod(daemon, { id: 'decl', containers: [idle('decl-a', { image }), idle('decl-b', { image })] });
    const [id = ''] = (await listed(daemon, 'container')).find(([, name]) => name === 'decl-a') ?? [];
    const { container } = bodyOf(await tell(daemon, 'GET /container/info?container=decl-a')) as {
      container: { volumeMounts: unknown };
    };
    assert.deepEqual(container.volumeMounts, [
      { name: `${id}_declared_here`, mountPath: '/declared/here' },
      { name: 'etchosts-volume', mountPath: '/etc/hosts' },
    ]);
    const run = async (name: string, line: string): Promise<string> =>
      (await runExec(daemon, name, ['sh', '-c', line])).text;
    assert.equal(
      await run('decl-a', 'touch /declared/here/x; grep -c " /declared/here " /proc/mounts'),
      '1\n',
    );
    assert.equal(await run('decl-b', 'ls /declared/here'), '');
    await removePod(daemon, 'decl');
  });

  it('that are block devices or far away are refused in words', async () => {
    for (const [format, kind] of [
      ['raw', 'block'],
      ['qcow2', 'block'],
      ['vdi', 'block'],
      ['rbd', 'block'],
      ['nas', 'network'],
    ]) {
      const body = { id: 'far', containers: [], volumes: [{ name: 'v', source: 'x', format }] };
      const answer = await tell(daemon, 'POST /pod/create', { body });
      assert.match(answer, new RegExp(`^HTTP/1\\.1 501 [^]*volumes: ${kind} .*\\(v\\)\\n$`, 'u'));
      // Without a source it is the pod's own, whatever it is made of.
      const own = { id: 'near', containers: [], volumes: [{ name: 'v', format }] };
      assert.equal(await tell(daemon, 'POST /pod/create', { body: own }), done(201, 'near'));
      await removePod(daemon, 'near');
    }
  });
});
