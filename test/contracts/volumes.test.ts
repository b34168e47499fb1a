import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createLocalVolumes } from '#adapters/local-volume/create-local-volumes.ts';
import { isEngineError } from '#domain/error/engine-error.ts';

describe('Volumes as directories', () => {
  const dataRoot = mkdtempSync(join(tmpdir(), 'gantry-volumes-'));
  const volumes = createLocalVolumes({ dataRoot });
  after(() => rmSync(dataRoot, { recursive: true }));

  it('are made once and again, and keep what is in them', async () => {
    const path = await volumes.create('v1');
    assert.equal(path, join(dataRoot, 'volumes', 'v1', '_data'));
    assert.equal(await volumes.isEmpty('v1'), true);
    writeFileSync(join(path, 'file'), '');
    assert.equal(await volumes.create('v1'), path);
    assert.equal(await volumes.isEmpty('v1'), false);
    writeFileSync(join(path, 'more'), 'four');
    mkdirSync(join(path, 'deep'));
    writeFileSync(join(path, 'deep', 'one'), 'x');
    assert.equal(await volumes.sizeBytes('v1'), 5);
    assert.equal(await volumes.sizeBytes('nosuch'), 0);
    assert.equal(volumes.name, 'local');
  });

  it('are removed with all in them, also when missing and with leavings of a killed daemon', async () => {
    const path = await volumes.create('v2');
    writeFileSync(join(path, 'file'), '');
    mkdirSync(join(dataRoot, 'volumes', '.removed-before', '_data'), { recursive: true });
    await volumes.remove('v2');
    await volumes.remove('v2');
    assert.equal(existsSync(path), false);
    assert.equal(await volumes.isEmpty('v2'), true);
    assert.deepEqual(
      readdirSync(join(dataRoot, 'volumes')).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('refuse names that lead elsewhere', async () => {
    for (const name of ['', '..', '../x', 'a/b', '.hidden', 'x'.repeat(256)]) {
      await assert.rejects(volumes.create(name), (error) => isEngineError(error, 'invalid'), name);
      await assert.rejects(volumes.remove(name), (error) => isEngineError(error, 'invalid'), name);
    }
  });
});
