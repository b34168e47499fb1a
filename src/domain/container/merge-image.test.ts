import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageConfig } from '#domain/image/image.ts';
import { CONFIG } from '#test/fakes/container-world.ts';
import type { ContainerConfig } from './config.ts';
import { commandOf, mergeImageConfig } from './merge-image.ts';

const image: ImageConfig = {
  user: 'web',
  exposedPorts: ['80/tcp'],
  env: ['PATH=/bin', 'A=image'],
  entrypoint: ['/entry'],
  cmd: ['serve'],
  volumes: ['/data'],
  workingDir: '/srv',
  labels: { a: 'image', b: 'image' },
  stopSignal: 'SIGINT',
  onBuild: ['RUN x'],
};

const merge = (own: Partial<ContainerConfig>): ContainerConfig =>
  mergeImageConfig({ ...CONFIG, ...own }, image);

describe('merging the image in', () => {
  it('fills what the client left out', () => {
    const merged = merge({});
    assert.partialDeepStrictEqual(merged, {
      user: 'web',
      workingDir: '/srv',
      stopSignal: 'SIGINT',
      volumes: ['/data'],
    });
    assert.deepEqual(merged.onBuild, []);
  });

  it('lets the client win, by key in environment and labels', () => {
    const merged = merge({
      env: ['A=own', 'B=own'],
      labels: { a: 'own' },
      exposedPorts: ['81/tcp'],
      user: 'me',
    });
    assert.deepEqual(merged.env, ['A=own', 'B=own', 'PATH=/bin']);
    assert.deepEqual(merged.labels, { a: 'own', b: 'image' });
    assert.deepEqual(merged.exposedPorts, ['81/tcp', '80/tcp']);
    assert.equal(merged.user, 'me');
  });

  const commands: readonly [Partial<ContainerConfig>, string[]][] = [
    [{}, ['/entry', 'serve']],
    [{ cmd: ['other'] }, ['/entry', 'other']],
    [{ entrypoint: ['/own'] }, ['/own']],
    [{ entrypoint: ['/own'], cmd: ['x'] }, ['/own', 'x']],
    [{ entrypoint: [] }, ['serve']],
    [{ entrypoint: [''], cmd: ['x'] }, ['x']],
  ];
  for (const [own, expected] of commands) {
    it(`gives ${expected.join(' ')} for ${JSON.stringify(own)}`, () => {
      const { path, args } = commandOf(merge(own)) ?? { path: '', args: [] };
      assert.deepEqual([path, ...args], expected);
    });
  }

  it('has no command where there is none', () => {
    assert.equal(commandOf({ entrypoint: null, cmd: null }), undefined);
    assert.equal(commandOf(merge({ entrypoint: [''] })), undefined);
    assert.deepEqual(commandOf({ entrypoint: [], cmd: [''] }), { path: '', args: [] });
  });
});
