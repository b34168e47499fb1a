import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { createPodFolders } from '#adapters/host-files/create-pod-folders.ts';

const root = mkdtempSync(path.join(tmpdir(), 'gantry-pod-folders-'));
const folders = createPodFolders({ dataRoot: root });
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('Folders of pods', () => {
  after(() => rmSync(root, { recursive: true, force: true }));

  it('hold volumes of any name, apart and inside', async () => {
    assert.deepEqual(await folders.list(), []);
    const names = ['data', '..', '../../x', 'a/b', 'ä', ''];
    const paths = await Promise.all(names.map(async (name) => folders.makeVolume('one', name)));
    assert.equal(new Set(paths).size, names.length);
    for (const found of paths) assert.ok(found.startsWith(`${root}/pods/one/volumes/`) && existsSync(found));
    assert.equal(await folders.makeVolume('one', 'data'), paths[0]);
    assert.deepEqual(await folders.list(), ['one']);
    await assert.rejects(folders.makeVolume('../one', 'data'), { kind: 'invalid' });
  });

  it('hold files with owner and mode, written anew', async () => {
    const file = { bytes: Buffer.from('old and long'), permissions: 0o640, uid: 7, gid: 8 };
    const at = await folders.makeFile('one', 'c/etc/hosts', file);
    assert.equal(await folders.makeFile('one', 'c/etc/hosts', { ...file, bytes: Buffer.from('new') }), at);
    const { mode, uid, gid } = statSync(at);
    assert.deepEqual([readFileSync(at, 'utf8'), mode & 0o777, uid, gid], ['new', 0o640, 7, 8]);
  });

  it('go with all that is in them, and twice', async () => {
    await folders.remove('one');
    await folders.remove('one');
    assert.deepEqual(await folders.list(), []);
  });

  it('fetch what a place holds, up to a limit', async () => {
    const limits = { limitBytes: 10, signal: AbortSignal.timeout(600_000) };
    const at = path.join(root, 'source');
    writeFileSync(at, 'short');
    assert.equal(text(await folders.fetch(`file://${at}`, limits)), 'short');
    writeFileSync(at, 'much too long');
    await assert.rejects(folders.fetch(`file://${at}`, limits), { code: 'pod.file-too-large' });
    const web = createServer((request, response) => {
      if (request.url === '/good') response.end('web');
      else if (request.url === '/long') response.end('x'.repeat(11));
      else response.writeHead(404).end();
    });
    await once(web.listen(0, '127.0.0.1'), 'listening');
    const { port } = web.address() as AddressInfo;
    const fetched = async (name: string): Promise<string> =>
      text(await folders.fetch(`http://127.0.0.1:${port}/${name}`, limits));
    assert.equal(await fetched('good'), 'web');
    await assert.rejects(fetched('long'), { code: 'pod.file-too-large' });
    await assert.rejects(fetched('missing'), { code: 'pod.file-uri' });
    await assert.rejects(folders.fetch('ftp://127.0.0.1/x', limits), { code: 'pod.file-uri' });
    await assert.rejects(folders.fetch('no place', limits));
    web.closeAllConnections();
    web.close();
  });
});
