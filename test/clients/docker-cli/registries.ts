import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { ACCOUNT, pushImage, startRegistry } from '#test/support/registry.ts';
import { makeImage } from '#test/support/test-image.ts';
import type { TestImage } from '#test/support/test-image.ts';
import type { Bench, Scenario } from './scenario.ts';

/** `pull`, `run` of what is not here yet, `login`. */
export const REGISTRIES: readonly Scenario[] = [
  {
    title: 'pull by tag, and run pulls by itself',
    run: async (bench) => {
      const { docker, name } = bench;
      const image = await push(bench, ['v1']);
      const reference = `${bench.registry.host}/${name('repo')}:v1`;
      assert.match(await docker.says('pull', reference), /Downloaded newer image for|Digest: sha256/u);
      assert.equal(
        await docker.says('inspect', '--type', 'image', '-f', '{{.Id}}', reference),
        ownForm(bench, image.id),
      );
      assert.match(await docker.says('pull', reference), /Image is up to date|already/iu);
      await docker.says('rmi', reference);
      assert.equal((await docker.run(['run', '--rm', reference, '/none'])).code, 127);
    },
  },
  {
    title: 'pull by digest',
    since: '1.18',
    run: async (bench) => {
      const { docker, name } = bench;
      const image = await push(bench, ['v1']);
      const reference = `${bench.registry.host}/${name('repo')}@${image.manifestDigest}`;
      await docker.says('pull', reference);
      assert.equal(
        await docker.says('inspect', '--type', 'image', '-f', '{{.Id}}', reference),
        ownForm(bench, image.id),
      );
    },
  },
  {
    title: 'pull -a takes every tag',
    run: async (bench) => {
      const { docker, name } = bench;
      await push(bench, ['a', 'b', 'c']);
      const repository = `${bench.registry.host}/${name('repo')}`;
      await docker.says('pull', '-a', repository);
      const tags = await docker.says('images', '--format', '{{.Tag}}', repository);
      assert.deepEqual(tags.split('\n').toSorted(), ['a', 'b', 'c']);
    },
  },
  {
    title: 'pull of what is not there says so',
    run: async (bench) => {
      const { docker, name } = bench;
      await push(bench, ['v1']);
      const said = await docker.complains('pull', `${bench.registry.host}/${name('repo')}:v2`);
      assert.match(said, /not found|manifest unknown/iu);
    },
  },
  {
    title: 'login takes the right password only, and pull then uses it',
    run: async (bench) => {
      const { docker, name } = bench;
      await using registry = await startRegistry({ auth: 'basic' });
      const { username, password } = ACCOUNT;
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      const image = await makeImage();
      await pushImage({ url: registry.url, repository: name('repo'), tag: 'v1', authorization }, image);
      const reference = `${registry.host}/${name('repo')}:v1`;
      assert.match(
        await docker.complains('pull', reference),
        /no basic auth|unauthorized|authentication|interactive login/iu,
      );
      const wrong = await docker.complains('login', '-u', username, '-p', 'wrong', registry.host);
      assert.match(wrong, /unauthorized|401|password/iu);
      assert.match(
        await docker.says('login', '-u', username, '-p', password, registry.host),
        /Login Succeeded/u,
      );
      await docker.says('pull', reference);
      await docker.says('logout', registry.host);
    },
  },
];

/** Ids named their hash from 1.22 on. */
const ownForm = ({ since }: Bench, id: string): string => (since('1.22') ? id : id.replace('sha256:', ''));

const push = async ({ registry, name }: Bench, tags: readonly string[]): Promise<TestImage> => {
  const image = await makeImage({ layers: [{ files: { mark: randomBytes(8).toString('hex') } }] });
  for (const tag of tags) await pushImage({ url: registry.url, repository: name('repo'), tag }, image);
  return image;
};
