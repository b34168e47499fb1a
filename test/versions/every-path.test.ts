import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RouteTable } from '#api/dialect/table.ts';
import { dockerDialect } from '#api/docker/dialect.ts';
import { hyperDialect } from '#api/hyper/dialect.ts';
import { allVersions, formatVersion, knownVersion } from '#api/dialect/version.ts';
import { Published } from '#test/support/versions/published.ts';
import { DESCRIBED, HYPER_DESCRIBED, OLD_DESCRIBED } from './described.ts';

const concrete = (path: string): string => path.replaceAll(/\{\w+\}/g, 'it');

describe('no address that a description names is a page not found', () => {
  const table = new RouteTable(dockerDialect);

  for (const { method, path, since, until } of [...OLD_DESCRIBED, ...DESCRIBED]) {
    it(`${method} ${path}, ${since} to ${until}`, () => {
      for (const version of allVersions(since, until))
        assert.ok(table.find(method, concrete(path), version), `at ${formatVersion(version)}`);
    });
  }

  const hyper = new RouteTable(hyperDialect);
  for (const { method, path } of HYPER_DESCRIBED) {
    it(`${method} ${path}, hyperd`, () => {
      const versions = (hyperDialect.versions.all ?? []).map(knownVersion);
      const found = versions.filter((version) => hyper.find(method, concrete(path), version) !== undefined);
      assert.ok(found.length > 0, 'in no release');
    });
  }

  for (const version of allVersions('1.25', '1.51').map(formatVersion)) {
    const published = Published.of(version);
    it(`the list is that of ${version}`, { skip: published === undefined }, () => {
      const isIn = ({ since, until }: { since: string; until: string }): boolean =>
        knownVersion(since) <= knownVersion(version) && knownVersion(version) <= knownVersion(until);
      const ours = DESCRIBED.filter(isIn).map(({ method, path }) => `${method} ${path}`);
      assert.deepEqual(ours.toSorted(), published?.operations().toSorted());
    });
  }
});
