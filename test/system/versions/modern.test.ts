import { changelogOf } from '#api/dialect/describe/changelog.ts';
import { allVersions, formatVersion } from '#api/dialect/version.ts';
import { dockerDialect } from '#api/docker/dialect.ts';
import { testVersions } from './every-version.ts';

/** Versions that changed nothing speak as their neighbours do. */
const changed = new Set(changelogOf(dockerDialect).map(({ version }) => version));

testVersions(
  allVersions('1.22', '1.51')
    .filter((version) => changed.has(version))
    .map(formatVersion),
);
