import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Program, PYTHON } from '#test/support/clients/program.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { pushImage, startRegistry } from '#test/support/registry.ts';
import type { TestRegistry } from '#test/support/registry.ts';
import { makeImage } from '#test/support/test-image.ts';

const FOLDER = fileURLToPath(new URL('docker-py/', import.meta.url));
const isThere = existsSync('/usr/lib/python3/dist-packages/docker/__init__.py');

describe('docker-py 5', { concurrency: 2, skip: isThere ? false : 'python3-docker is not installed' }, () => {
  let daemon: TestDaemon;
  let registry: TestRegistry;

  before(async () => {
    [daemon, registry] = await Promise.all([TestDaemon.start(), startRegistry()]);
    for (const tag of ['a', 'b']) {
      const image = await makeImage({ layers: [{ files: { tag } }] });
      await pushImage({ url: registry.url, repository: 'py', tag }, image);
    }
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });

  // The library refuses to speak anything older than 1.21.
  for (const version of ['1.21', '1.24', '1.30', '1.41', 'auto'])
    test(`containers at ${version}`, async () => {
      const python = new Program([PYTHON, `${FOLDER}life.py`], {});
      assert.equal(await python.says(daemon.socket, version), 'done');
    });

  for (const version of ['1.21', '1.24', '1.30', '1.41', 'auto'])
    test(`files, volumes and figures at ${version}`, async () => {
      const python = new Program([PYTHON, `${FOLDER}files.py`], {});
      assert.equal(await python.says(daemon.socket, version), 'done');
    });

  for (const version of ['1.21', '1.30', 'auto'])
    test(`images at ${version}`, async () => {
      const python = new Program([PYTHON, `${FOLDER}images.py`], {});
      assert.equal(await python.says(daemon.socket, version, registry.host, 'py'), 'done');
    });
});
