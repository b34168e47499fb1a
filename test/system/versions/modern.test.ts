import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changelogOf } from '#api/dialect/describe/changelog.ts';
import { allVersions, formatVersion } from '#api/dialect/version.ts';
import { dockerDialect } from '#api/docker/dialect.ts';
import { Published } from '#test/support/versions/published.ts';
import { testVersions } from './every-version.ts';
import { unmet } from './published-errors.ts';

/** Versions that changed nothing speak as their neighbours do. */
const changed = new Set(changelogOf(dockerDialect).map(({ version }) => version));

const met = testVersions(
  allVersions('1.22', '1.51')
    .filter((version) => changed.has(version))
    .map(formatVersion),
);

test('every known mistake of the published descriptions is still met', (context) => {
  if (Published.of('1.51') === undefined) return context.skip('no published descriptions at hand');
  assert.deepEqual(unmet(met), []);
});
